"""What an artist feels of a show that is learnt: his frames beside the lesson, and how quickly shows change places."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from demo.commands import ask, home
from demo.own import make_own

from interneg.model.base import EXPERTS, load_base
from interneg.model.show import LEARNT, ShowHeader, save_show
from interneg.production.store import Store
from interneg.resident.engine import Engine
from interneg.settings import load_settings

FRAMES, RUNS, ROUNDS = 12, 3, 100
BEGUN_SECONDS = 40.0  # until the lesson is at its steps


def artists_frames(folder: Path, dailies: Path, clip: Path) -> dict[str, float]:
    """Seconds a frame of a clean, alone and while the same daemon learns: medians over runs."""
    with home(folder / "home"):
        ask("production", "create", "show")
        ask("dailies", "add", "show", str(dailies))
        shot = make_own(clip, folder / "plates", FRAMES).shots[0]
        frames = f"{shot.first_frame}-{shot.last_frame}"
        out = folder / "out"
        out.mkdir()

        def cleaned() -> float:
            words = ("--plate", shot.plate, "--matte", shot.matte, "--frames", frames, "--out", str(out / "f.####.exr"))
            reply = ask("clean", "show", *words)
            if reply.error:
                raise RuntimeError(reply.error)
            return reply.seconds / FRAMES

        cleaned()  # the first loads the base
        alone = statistics.median(cleaned() for _ in range(RUNS))
        program = str(Path(sys.prefix) / "bin" / "interneg")
        with subprocess.Popen([program, "learn", "show", "--minutes", "10", "--expert", "fill"]) as learning:
            time.sleep(BEGUN_SECONDS)
            beside = statistics.median(cleaned() for _ in range(RUNS))
            learning.terminate()
    sys.stdout.write(
        f"artist's frame: {alone:.3f} s alone, {beside:.3f} s while learning, {beside / alone:.2f} times\n"
    )
    return {"alone_s": alone, "while_learning_s": beside}


def switching(folder: Path) -> dict[str, float]:
    """Milliseconds until a resident show's model answers, beside its first load: medians, and the worst."""
    store, base = Store(folder / "productions"), load_base()
    for name in ("one", "two"):
        production = store.create(name)
        version = production.new_version()
        experts = {expert: EXPERTS[expert]() for expert in LEARNT}
        with production.writing_model(version) as models:
            save_show(models / "show.safetensors", experts, ShowHeader(name, version, base.hash, {}, (), {}))
        production.record_verdict(version, True, {})
    engine = Engine(load_settings(home=folder), store, load_base=lambda: base)
    engine.base()
    first = statistics.median(_milliseconds_to(engine, name) for name in ("one", "two"))
    switched = sorted(_milliseconds_to(engine, name) for _ in range(ROUNDS) for name in ("one", "two"))
    resident = statistics.median(switched)
    sys.stdout.write(f"switching: first load {first:.1f} ms, resident {resident:.2f} ms: 1/{first / resident:.0f}\n")
    return {"first_ms": first, "resident_ms": resident, "worst_ms": switched[-1]}


def _milliseconds_to(engine: Engine, show: str) -> float:
    began = time.perf_counter()
    engine.show_model(show)
    return (time.perf_counter() - began) * 1000
