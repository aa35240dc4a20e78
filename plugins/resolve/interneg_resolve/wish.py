"""What the artist asks for, kept as JSON so that it can be asked again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from interneg_resolve.errors import WishError
from interneg_resolve.shot import HANDLE_FRAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATORS = ("clean", "reframe", "relight")
PLACES = ("take", "track")
PATHS = ("matte", "performers", "clean_plate", "keys", "results_folder")


@dataclass(frozen=True)
class Wish:
    """One wish for the item at the playhead; every field at its neutral value changes nothing.

    Convention: an empty `matte` is looked for (see `mattes`), an empty `colourspace` is what the file says, an empty
    `results_folder` lies in Interneg's own. `keys` is a file of the form `{"frames": {"1001": {"punch_in": 1.1}}}`
    with the source's frame numbers.
    """

    operator: str = "clean"
    show: str = ""
    matte: str = ""
    matte_channel: str = ""
    grow_pixels: float = 0.0
    grain: float = 1.0
    clean_plate: str = ""
    from_take: str = ""
    performers: str = ""
    punch_in: float = 1.0
    pan: float = 0.0
    tilt: float = 0.0
    roll_degrees: float = 0.0
    keys: str = ""
    as_shot_key_stops: float = 0.0
    as_shot_key_cct: float = 0.0
    as_shot_rest_stops: float = 0.0
    as_shot_rest_cct: float = 0.0
    key_azimuth: float = 0.0
    key_elevation: float = 0.0
    key_stops: float = -20.0
    key_cct: float = 0.0
    key_softness: float = 5.0
    fill_azimuth: float = 0.0
    fill_elevation: float = 0.0
    fill_stops: float = -20.0
    fill_cct: float = 0.0
    fill_softness: float = 5.0
    rim_azimuth: float = 0.0
    rim_elevation: float = 0.0
    rim_stops: float = -20.0
    rim_cct: float = 0.0
    rim_softness: float = 5.0
    model_version: str = ""
    seed: int = 0
    colourspace: str = ""
    results_folder: str = ""
    handles: int = HANDLE_FRAMES
    place: str = "take"


def wish_from_values(values: Mapping[str, object]) -> Wish:
    """The wish that these values make; numbers may be texts, as forms send them.

    Raises:
        WishError: a name is not known, or a value is out of its range.
    """
    known = {field.name: field for field in fields(Wish)}
    strange = sorted(set(values) - set(known))
    if strange:
        raise WishError(f"{strange[0]} is no part of a wish. Known are {', '.join(known)}.")
    wish = Wish(**{name: _typed(name, value, known[name].default) for name, value in values.items()})  # type: ignore[arg-type]
    _check(wish)
    return wish


def load_wish(path: Path) -> Wish:
    """The last wish; a neutral one where there is none, or where the file is damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return wish_from_values(values) if isinstance(values, dict) else Wish()
    except (OSError, ValueError, WishError):
        return Wish()


def save_wish(path: Path, wish: Wish) -> None:
    """Keeps the wish for the next time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(wish), indent=2) + "\n", encoding="utf-8")


def framings(wish: Wish) -> dict[int, dict[str, float]]:
    """The framing keys of a reframe by frame; frame 0 alone where one framing holds for every frame.

    Raises:
        WishError: the keys file cannot be read or says something else.
    """
    if not wish.keys:
        return {0: {name: float(getattr(wish, name)) for name in ("punch_in", "pan", "tilt", "roll_degrees")}}
    try:
        frames = json.loads(Path(wish.keys).read_text(encoding="utf-8"))["frames"]
        keys = {int(frame): {str(name): float(value) for name, value in key.items()} for frame, key in frames.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WishError(f'Keys {wish.keys}: not {{"frames": {{"1001": {{"punch_in": 1.1}}}}}} ({error}).') from error
    if not keys:
        raise WishError(f"Keys {wish.keys} hold no frame. Give at least one.")
    for frame, key in keys.items():
        for name, value in key.items():
            _check_number("reframe", name, value, f"Keys {wish.keys}, frame {frame}: ")
    return dict(sorted(keys.items()))


def numbers_of(operator: str) -> tuple[str, ...]:
    """The names of the operator's numbers."""
    from interneg_bridge.controls import operator_controls

    return tuple(control.name for control in operator_controls(operator).numbers)


def _typed(name: str, value: object, neutral: object) -> object:
    """The value in its field's type; empty is neutral."""
    if value in ("", None):
        return neutral
    if isinstance(neutral, str):
        return str(value).strip()
    try:
        given = float(str(value))
    except ValueError as error:
        raise WishError(f"{name} is {value}: give a number.") from error
    if isinstance(neutral, int) and not given.is_integer():
        raise WishError(f"{name} is {value}: give a whole number.")
    return int(given) if isinstance(neutral, int) else given


def _check(wish: Wish) -> None:
    """Holds a wish against what artists' controls allow."""
    if wish.operator not in OPERATORS:
        raise WishError(f"Operator is {wish.operator}: give {' or '.join(OPERATORS)}.")
    if wish.place not in PLACES:
        raise WishError(f"Place is {wish.place}: give {' or '.join(PLACES)}.")
    for name in PATHS:
        value = getattr(wish, name)
        if value and not Path(value).is_absolute():
            raise WishError(f"{name} is {value}: give an absolute path.")
    if wish.handles < 0:
        raise WishError(f"Handles are {wish.handles}: give 0 or more frames.")
    for name in numbers_of(wish.operator):
        _check_number(wish.operator, name, float(getattr(wish, name)))


def _check_number(operator: str, name: str, value: float, where: str = "") -> None:
    """Holds one number against its control."""
    from interneg_bridge.controls import NumberControl, operator_controls

    try:
        control = operator_controls(operator).control(name)
    except KeyError:
        raise WishError(f"{where}{name} is no control of {operator}.") from None
    fault = control.fault(value) if isinstance(control, NumberControl) else ""
    if fault:
        raise WishError(f"{where}{fault}")
