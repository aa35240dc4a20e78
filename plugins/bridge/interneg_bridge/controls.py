"""Every artist control once: what hosts build knobs, windows and help from.

Standard library only and Python 3.9, because hosts read it inside their own interpreter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class NumberControl:
    """A number an artist sets; at `neutral` it changes nothing."""

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    slider_minimum: float
    slider_maximum: float
    neutral: float
    help: str
    whole: bool = False
    animated: bool = False

    def fault(self, value: float) -> str:
        """What is wrong with the value and what to do, or an empty text where nothing is."""
        fits = math.isfinite(value) and self.minimum <= value <= self.maximum
        if fits and (not self.whole or float(value).is_integer()):
            return ""
        kind = "a whole number" if self.whole else "a number"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.label} is {value:g}: give {kind} from {self.minimum:g} to {self.maximum:g}{unit}."


@dataclass(frozen=True)
class TextControl:
    """A text an artist sets; at `neutral` the daemon decides."""

    name: str
    label: str
    neutral: str
    help: str
    is_path: bool = False


@dataclass(frozen=True)
class LightControl:
    """A light that a host mixes without the daemon: its layer, how it is labelled, and the control of its stops.

    Convention: its layer is the light at 0 stops; times its colour and its stops it is its part of the beauty.
    """

    layer: str
    label: str
    stops: NumberControl

    @property
    def colour_name(self) -> str:
        """The name of its colour's knob."""
        return f"{self.layer}_colour"

    @property
    def colour_help(self) -> str:
        """What its colour does."""
        return "Its colour, as rendered at first. Turn it and its stops freely: they act at once, nothing is rendered."


@dataclass(frozen=True)
class OperatorControls:
    """An operator as hosts present it: its name, what it does, and its controls in the order they are shown."""

    operator: str
    label: str
    help: str
    takes_matte: bool
    numbers: tuple[NumberControl, ...]
    texts: tuple[TextControl, ...]
    needs_matte: bool = True
    lights: tuple[LightControl, ...] = ()

    def control(self, name: str) -> NumberControl | TextControl:
        """The control of that name.

        Raises:
            KeyError: the operator has no such control.
        """
        everything: tuple[NumberControl | TextControl, ...] = (*self.numbers, *self.texts)
        for control in everything:
            if control.name == name:
                return control
        raise KeyError(name)


SHOW = TextControl("show", "Show", "", "The production whose learnt model is used, as in `interneg production list`.")

MODEL_VERSION = TextControl(
    "model_version",
    "Model",
    "",
    "A version of the show's model, such as v002; base: what came with Interneg; classical: no network. Empty: the "
    "circled one, or the base where none is.",
)

SEED = NumberControl(
    name="seed",
    label="Seed",
    unit="",
    minimum=0,
    maximum=2**31 - 1,
    slider_minimum=0,
    slider_maximum=100,
    neutral=0,
    help="Seeds the grain that is put back. The same seed gives the same pixels.",
    whole=True,
)

GROW_PIXELS = NumberControl(
    name="grow_pixels",
    label="Grow",
    unit="pixels",
    minimum=0,
    maximum=500,
    slider_minimum=0,
    slider_maximum=20,
    neutral=0,
    help="Widens the matte. At 0 the matte is a hard limit: nothing outside it changes.",
)

GRAIN = NumberControl(
    name="grain",
    label="Grain",
    unit="",
    minimum=0.0,
    maximum=4.0,
    slider_minimum=0.0,
    slider_maximum=2.0,
    neutral=1.0,
    help="How strong the grain is that is put back: 1 as the camera's own, 0 none, as a plate that was denoised wants.",
)

MATTE_CHANNEL = TextControl(
    "matte_channel",
    "Matte channel",
    "",
    "The channel that is the matte, such as A or mask.A. Empty: A if present, else Y, else R.",
)

FROM_TAKE = TextControl(
    "from_take",
    "From take",
    "",
    "Another take whose pixels may be used: its setup and take as 12A-3, its id, or a path; none: no other. Empty: "
    "takes of the same setup, where the plate itself has not shown enough.",
)

CLEAN_PLATE = TextControl(
    "clean_plate",
    "Clean plate",
    "",
    "A clean plate of the scene: a still, a pattern or a movie. Where it fits, its pixels go before all others.",
    is_path=True,
)

ANCHORS = TextControl(
    "anchors",
    "Anchors",
    "",
    "Frames fixed by hand, as 1010,1055-1060, that stand where finished frames go: they are kept as they are and guide "
    "the others.",
)

PERFORMERS = TextControl(
    "performers",
    "Performers",
    "",
    "A matte of the performers: a pattern, a movie, or a still for all frames. Inside it nothing is made up. Empty: "
    "nobody is told of.",
)

LIT_PERFORMERS = TextControl(
    "performers",
    "Performers",
    "",
    "A matte of the performers: a pattern, a movie, or a still for all frames. Shadows are softened there. Empty: "
    "nobody is told of.",
)

SENSITIVITY = NumberControl(
    name="sensitivity",
    label="Sensitivity",
    unit="",
    minimum=0.0,
    maximum=1.0,
    slider_minimum=0.0,
    slider_maximum=1.0,
    neutral=0.5,
    help="How readily a line is taken for a wire. More finds fainter wires, and more that is none.",
)

PUNCH_IN = NumberControl(
    name="punch_in",
    label="Punch-in",
    unit="",
    minimum=0.1,
    maximum=20.0,
    slider_minimum=0.8,
    slider_maximum=2.0,
    neutral=1.0,
    help="1 is the full frame, 1.12 is 12 % in. Below 1 the frame is left, and its border is filled.",
    animated=True,
)

PAN = NumberControl(
    name="pan",
    label="Pan",
    unit="of the width",
    minimum=-2.0,
    maximum=2.0,
    slider_minimum=-0.5,
    slider_maximum=0.5,
    neutral=0.0,
    help="Moves the window right by this fraction of the plate's width.",
    animated=True,
)

TILT = NumberControl(
    name="tilt",
    label="Tilt",
    unit="of the height",
    minimum=-2.0,
    maximum=2.0,
    slider_minimum=-0.5,
    slider_maximum=0.5,
    neutral=0.0,
    help="Moves the window up by this fraction of the plate's height.",
    animated=True,
)

ROLL_DEGREES = NumberControl(
    name="roll_degrees",
    label="Roll",
    unit="degrees",
    minimum=-360.0,
    maximum=360.0,
    slider_minimum=-15.0,
    slider_maximum=15.0,
    neutral=0.0,
    help="Turns the window clockwise about its own centre.",
    animated=True,
)

REACH_FRAMES = NumberControl(
    name="reach_frames",
    label="Reach",
    unit="frames",
    minimum=0,
    maximum=1000,
    slider_minimum=0,
    slider_maximum=64,
    neutral=64,  # as far as the operators look for what was hidden
    help="How many frames either side a host writes where the input is no plain file. Fewer are written sooner, but "
    "what was hidden is found less often, and a frame rendered alone may differ.",
    whole=True,
)

CLEAN = OperatorControls(
    operator="clean",
    label="Clean",
    help="Takes out what the matte covers, from other frames where they saw behind it.",
    takes_matte=True,
    numbers=(GROW_PIXELS, GRAIN, SEED),
    texts=(SHOW, MATTE_CHANNEL, PERFORMERS, CLEAN_PLATE, FROM_TAKE, MODEL_VERSION),
)

REFRAME = OperatorControls(
    operator="reframe",
    label="Reframe",
    help="Looks at the plate through another window, and fills what lies outside its frame.",
    takes_matte=False,
    numbers=(PUNCH_IN, PAN, TILT, ROLL_DEGREES, SEED),
    texts=(SHOW, MODEL_VERSION),
)


def _stops(name: str, label: str, help_text: str, neutral: float = 0) -> NumberControl:
    return NumberControl(name, label, "stops", -20, 20, -20 if neutral else -6, 6, neutral, help_text, animated=True)


def _cct(name: str, label: str, help_text: str) -> NumberControl:
    return NumberControl(name, label, "kelvin", 0, 25000, 0, 12000, 0, help_text, animated=True)


def _azimuth(lamp: str, label: str) -> NumberControl:
    where = "Where it stands around the set: 0 from the camera, + camera right."
    return NumberControl(
        f"{lamp}_azimuth", f"{label} azimuth", "degrees", -360, 360, -180, 180, 0, where, animated=True
    )


def _elevation(lamp: str, label: str) -> NumberControl:
    where = "How high it stands above the camera's horizontal plane; below it is allowed."
    return NumberControl(
        f"{lamp}_elevation", f"{label} elevation", "degrees", -90, 90, -90, 90, 0, where, animated=True
    )


def _softness(lamp: str, label: str) -> NumberControl:
    size = "The lamp's size as the set sees it: 0.5 is the sun, 5 a large fresnel, 40 a silk."
    return NumberControl(f"{lamp}_softness", f"{label} softness", "degrees", 0.1, 180, 0.1, 60, 5, size, animated=True)


def _lamp_stops(lamp: str, label: str) -> NumberControl:
    level = "At 0 it is as bright over the frame as the key was; -20 or off: it does not burn."
    return _stops(f"{lamp}_stops", f"{label} stops", level, neutral=-20)


def _lamp_cct(lamp: str, label: str) -> NumberControl:
    return _cct(f"{lamp}_cct", f"{label} temperature", "Its colour temperature; 0: the colour of the key as shot.")


AS_SHOT_KEY_STOPS = _stops("as_shot_key_stops", "Key as shot", "Changes the light of the dominant lamp; -20: off.")
AS_SHOT_KEY_CCT = _cct("as_shot_key_cct", "Key as shot temperature", "The colour it is given; 0: its own.")
AS_SHOT_REST_STOPS = _stops("as_shot_rest_stops", "Rest as shot", "Changes all other light of the set; -20: off.")
AS_SHOT_REST_CCT = _cct("as_shot_rest_cct", "Rest as shot temperature", "The colour it is given; 0: its own.")
KEY_AZIMUTH, FILL_AZIMUTH, RIM_AZIMUTH = _azimuth("key", "Key"), _azimuth("fill", "Fill"), _azimuth("rim", "Rim")
KEY_ELEVATION, FILL_ELEVATION = _elevation("key", "Key"), _elevation("fill", "Fill")
RIM_ELEVATION = _elevation("rim", "Rim")
KEY_STOPS, FILL_STOPS, RIM_STOPS = _lamp_stops("key", "Key"), _lamp_stops("fill", "Fill"), _lamp_stops("rim", "Rim")
KEY_CCT, FILL_CCT, RIM_CCT = _lamp_cct("key", "Key"), _lamp_cct("fill", "Fill"), _lamp_cct("rim", "Rim")
KEY_SOFTNESS, FILL_SOFTNESS = _softness("key", "Key"), _softness("fill", "Fill")
RIM_SOFTNESS = _softness("rim", "Rim")

RELIGHT = OperatorControls(
    operator="relight",
    label="Relight",
    help="Lights the plate otherwise: the light as shot changed, and a key, a fill and a rim added.",
    takes_matte=True,
    numbers=(
        *(AS_SHOT_KEY_STOPS, AS_SHOT_KEY_CCT, AS_SHOT_REST_STOPS, AS_SHOT_REST_CCT),
        *(KEY_AZIMUTH, KEY_ELEVATION, KEY_STOPS, KEY_CCT, KEY_SOFTNESS),
        *(FILL_AZIMUTH, FILL_ELEVATION, FILL_STOPS, FILL_CCT, FILL_SOFTNESS),
        *(RIM_AZIMUTH, RIM_ELEVATION, RIM_STOPS, RIM_CCT, RIM_SOFTNESS),
    ),
    texts=(SHOW, MATTE_CHANNEL, LIT_PERFORMERS, MODEL_VERSION),
    needs_matte=False,
    lights=(
        LightControl("as_shot_key", "Key as shot", AS_SHOT_KEY_STOPS),
        LightControl("as_shot_rest", "Rest as shot", AS_SHOT_REST_STOPS),
        LightControl("key", "Key", KEY_STOPS),
        LightControl("fill", "Fill", FILL_STOPS),
        LightControl("rim", "Rim", RIM_STOPS),
    ),
)

OPERATORS = (CLEAN, REFRAME, RELIGHT)


def operator_controls(operator: str) -> OperatorControls:
    """The controls of the operator of that name.

    Raises:
        KeyError: there is no such operator.
    """
    for controls in OPERATORS:
        if controls.operator == operator:
            return controls
    raise KeyError(operator)
