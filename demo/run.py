"""`make demo`: dailies in, a learnt model, plates out, all through a real daemon and the command line."""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.border import ReframedShot
from demo.commands import Reply, ask, held, home
from demo.own import make_own
from demo.sample import Sample, Shot, make_sample
from demo.score import score
from demo.sheet import CleanedShot, write_sheet
from interneg.commands.console import console_on
from interneg.errors import InternegError, RequestError
from interneg.operators.reframe import Framing
from interneg.plates.colour import ColourConfig
from interneg.plates.source import open_source
from interneg.settings import load_settings

FOLDER = Path(__file__).resolve().parents[1] / "demo-home"
SHOW = "demo"
LEARN_MINUTES = 1.0
CLEAN_FRAMES = 24
REFRAME_FRAMES = 12


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    operator: str
    frames: str
    rate: str
    ours: str
    theirs: str
    where: str


@dataclass
class Demo:
    """What the demo has done so far."""

    folder: Path
    console: Console
    ocio: str | None
    began: float = field(default_factory=time.monotonic)
    rows: list[Row] = field(default_factory=list)
    cleaned: list[CleanedShot] = field(default_factory=list)
    reframed: list[ReframedShot] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)
    model: str = ""

    def stage(self, name: str, said: str) -> None:
        """Begins a stage, and says so."""
        self.stages.append((name, time.monotonic()))
        self.console.print(f"\n[bold]{name}[/]  {escape(said)}")

    def spent(self) -> str:
        """How long each stage took."""
        ends = [began for _, began in self.stages[1:]] + [time.monotonic()]
        parts = [f"{name} {end - began:.0f} s" for (name, began), end in zip(self.stages, ends, strict=True)]
        return f"{', '.join(parts)}; {time.monotonic() - self.began:.0f} s in all"


def main(words: Sequence[str] | None = None) -> int:
    """Runs the demo; 0 where everything was delivered."""
    asked = _parser().parse_args(words)
    folder, console = asked.folder.absolute(), console_on(sys.stdout)
    try:
        with held(folder), home(folder / "home"):
            return run(folder, asked.dailies, asked.minutes, console)
    except InternegError as error:
        print(f"make demo: {error}", file=sys.stderr)
    except OSError as error:
        print(f"make demo: {error.filename or folder}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("make demo: interrupted; its daemon is stopped", file=sys.stderr)
    return 1


def run(folder: Path, dailies: str | None, minutes: float, console: Console) -> int:
    """The whole demo in that folder, which is made anew."""
    demo = Demo(folder, console, load_settings().ocio)
    clip = _clip(demo, dailies) if dailies is not None else None
    for before in folder.iterdir():
        _remove(before)
    sample = _material(demo, clip)
    _ingest(demo, sample)
    _learn(demo, minutes)
    for shot in sample.shots:
        _clean(demo, shot)
    if demo.cleaned:
        _reframe(demo, demo.cleaned[0])
    _tell(demo)
    return 1 if demo.faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description="Dailies in, a learnt model, plates out.")
    parser.add_argument("--dailies", help="a movie or a sequence of your own, instead of the sample")
    parser.add_argument("--minutes", type=float, default=LEARN_MINUTES, help="how long it may learn")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where everything goes; it is made anew")
    return parser


def _remove(path: Path) -> None:
    """Removes a file or folder of an earlier demo."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _clip(demo: Demo, dailies: str) -> Path:
    """The user's own clip, which can be opened.

    Raises:
        InternegError: it is not there, is no clip, or lies where the demo clears up.
    """
    typed = Path.cwd() / Path(dailies).expanduser()
    clip = typed.parent.resolve() / typed.name
    if clip.is_relative_to(demo.folder.resolve()):
        raise RequestError(f"DAILIES={dailies} lies in {demo.folder}, which is made anew: copy it elsewhere first")
    if clip.is_dir():
        raise RequestError(f"DAILIES={dailies} is a folder: name a movie, or a pattern such as plate.####.exr")
    open_source(str(clip), "", ColourConfig(demo.ocio)).close()
    return clip


def _material(demo: Demo, clip: Path | None) -> Sample:
    """The sample, or the user's own clip with wires over it."""
    if clip is None:
        demo.stage("sample", "making two takes and a plate with stunt wires of each of two setups")
        return make_sample(demo.folder / "sample")
    demo.stage("sample", f"compositing thin wires of the demo's own over {clip}")
    sample = make_own(clip, demo.folder / "sample", CLEAN_FRAMES)
    demo.console.print(
        "The wires are not in the clip: they are computed, and the clip itself is the truth behind them."
    )
    return sample


def _ingest(demo: Demo, sample: Sample) -> None:
    demo.stage("dailies", f"into the production {SHOW!r}, by a daemon of the demo's own")
    _checked(demo, "production create", ask("production", "create", SHOW))
    _checked(demo, "dailies add", ask("dailies", "add", SHOW, *map(str, sample.dailies)))


def _learn(demo: Demo, minutes: float) -> None:
    demo.stage("learn", f"the show's model, for {minutes * 60:.0f} seconds")
    reply = ask("learn", SHOW, "--minutes", f"{minutes:g}", "--expert", "fill")
    if _checked(demo, "learn", reply):
        demo.model = f"{reply.said.get('message', '')}"


def _clean(demo: Demo, shot: Shot) -> None:
    numbers = tuple(range(shot.first_frame, shot.last_frame + 1))[:CLEAN_FRAMES]
    result = _out(demo, "clean", _name(shot))
    demo.stage("clean", f"{shot.name}: taking the wires out of frames {numbers[0]}-{numbers[-1]}")
    given = ("--plate", shot.plate, "--matte", shot.matte, "--frames", f"{numbers[0]}-{numbers[-1]}", "--out", result)
    reply = ask("clean", SHOW, *given)
    if not _checked(demo, f"clean of {shot.name}", reply):
        return
    found = score(shot, result, numbers, demo.ocio)
    demo.cleaned.append(CleanedShot(shot, result, numbers, found))
    demo.rows.append(
        _row(demo, f"clean {_name(shot)}", reply, (f"{found.clean_db:.2f}", f"{found.telea_db:.2f}"), result)
    )


def _reframe(demo: Demo, cleaned: CleanedShot) -> None:
    numbers = cleaned.numbers[:REFRAME_FRAMES]
    result = _out(demo, "reframe", _name(cleaned.shot))
    keys = (Framing(numbers[0], 1.02, -0.01, 0.0, -0.5), Framing(numbers[-1], 1.12, 0.08, 0.02, 2.5))
    file = demo.folder / "keys.json"
    file.write_text(json.dumps({"frames": {key.frame: _key(key) for key in keys[: len(numbers)]}}), encoding="utf-8")
    demo.stage("reframe", f"{cleaned.shot.name}, cleaned: a push-in with pan and roll that leaves the frame")
    given = ("--plate", cleaned.result, "--frames", f"{numbers[0]}-{numbers[-1]}", "--keys", str(file), "--out", result)
    reply = ask("reframe", SHOW, *given)
    if _checked(demo, f"reframe of {cleaned.shot.name}", reply):
        demo.reframed.append(ReframedShot(f"{cleaned.shot.name}, cleaned", cleaned.result, result, numbers, keys))
        demo.rows.append(_row(demo, f"reframe {_name(cleaned.shot)}", reply, ("-", "-"), result))


def _key(key: Framing) -> dict[str, float]:
    """A key as `--keys` has it."""
    return {name: value for name, value in asdict(key).items() if name != "frame"}


def _out(demo: Demo, operator: str, name: str) -> str:
    return str(demo.folder / operator / name / f"{name}_{operator}.####.exr")


def _name(shot: Shot) -> str:
    """The shot without its wires."""
    return shot.name.removesuffix("_wires")


def _checked(demo: Demo, what: str, reply: Reply) -> bool:
    """Whether the verb did all it was asked; what it did not is kept for the end."""
    if reply.code:
        demo.faults.append(f"{what}: {reply.error}")
    return reply.code == 0


def _row(demo: Demo, operator: str, reply: Reply, figures: tuple[str, str], where: str) -> Row:
    delivered = reply.number("delivered")
    rate = f"{delivered / reply.seconds:.2f}"
    return Row(operator, f"{delivered:.0f}", rate, *figures, _near(str(Path(where).parent)))


def _near(path: str) -> str:
    """The path from here, where it lies below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _tell(demo: Demo) -> None:
    """The contact sheet, the table, and what was not delivered."""
    demo.stage("sheet", "the contact sheet")
    sheet = demo.folder / "contact-sheet.png"
    if demo.cleaned:
        write_sheet(sheet, demo.model, demo.cleaned, demo.reframed, demo.ocio)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("operator", "frames", "frames/s", "dB", "Telea dB", "where the frames lie"):
        table.add_column(column, justify="left" if column[0] in "ow" else "right", overflow="fold")
    for row in demo.rows:
        table.add_row(row.operator, row.frames, row.rate, row.ours, row.theirs, row.where)
    demo.console.print()
    demo.console.print(table)
    demo.console.print("dB: against the truth in the matte, of log2(1 + 16 x) / log2(65); higher is nearer.")
    demo.console.print(f"model: {demo.model or 'none was learnt'}", markup=False)
    demo.console.print(f"time: {demo.spent()}", markup=False)
    if demo.cleaned:
        demo.console.print(f"contact sheet: {_near(str(sheet))}", markup=False)
    for fault in demo.faults:
        print(f"make demo: not delivered: {fault}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
