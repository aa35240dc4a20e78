"""Which of Mitsuba's variants this machine can run: the vectorised one needs a library that may abort the process."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from interneg.errors import NotFoundError

FAST, SLOW = "llvm_ad_rgb", "scalar_rgb"
LLVM_VERSIONS = (21, 20, 19, 18, 17)  # 14 to 16 abort the process
LLVM_FOLDERS = ("/usr/lib/llvm-{}/lib", "/opt/homebrew/opt/llvm@{}/lib", "/usr/local/opt/llvm@{}/lib")
PROBE_SECONDS = 120
_PROBE = "import mitsuba as mi; mi.set_variant({!r}); mi.render(mi.load_dict(mi.cornell_box()), spp=1).numpy()"


def prepare(variant: str, library: str, threads: int = 0) -> None:
    """Sets Mitsuba up in this process; to be called once, before the renderer is imported. All cores for 0 threads."""
    if library:
        os.putenv("DRJIT_LIBLLVM_PATH", library)  # Dr.Jit reads the process's own environment
    import mitsuba

    mitsuba.set_variant(variant)
    if threads:
        import drjit

        drjit.set_thread_count(threads)


def found_variant() -> tuple[str, str]:
    """The quickest variant that works here, and the LLVM library it takes; each is tried in a process of its own.

    Raises:
        NotFoundError: Mitsuba is not installed.
    """
    if find_spec("mitsuba") is None:
        raise NotFoundError(
            "The soundstage is rendered by Mitsuba, which is not installed: pip install 'interneg[soundstage]'."
        )
    return next(((FAST, library) for library in ("", *_libraries()) if _works(FAST, library)), (SLOW, ""))


def _libraries() -> list[str]:
    """LLVM's libraries on this machine, newest first."""
    found = []
    for version in LLVM_VERSIONS:
        named = ctypes.util.find_library(f"LLVM-{version}")
        found += [named] if named else []
        found += [
            str(path) for folder in LLVM_FOLDERS for path in sorted(Path(folder.format(version)).glob("libLLVM*.*"))
        ]
    return found


def _works(variant: str, library: str) -> bool:
    code = f"from interneg.soundstage.variant import prepare; prepare({variant!r}, {library!r})\n" + _PROBE.format(
        variant
    )
    try:
        return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PROBE_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False
