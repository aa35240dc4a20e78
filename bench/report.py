"""What every benchmark's result says of itself, and where the footage lies."""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from interneg.production.provenance import versions_here

ROOT = Path(__file__).resolve().parents[1]
FOOTAGE = ROOT.parent / "shared" / "footage"


def write_result(path: Path, said: Mapping[str, object]) -> None:
    """Writes a result as JSON, with the commit, the date, the machine and the versions it came of."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    whence = {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()}, {platform.system()}, one core, no GPU",
        "versions": versions_here(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**whence, **said}, indent=1) + "\n")
