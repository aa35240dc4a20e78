"""Resolve as seen from outside: found, asked for its edition, and left alone where it does not let us in."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from interneg_resolve.errors import AttachError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from interneg_resolve.api import Project, Resolve

MODULE = "DaVinciResolveScript"

_MAC_SUPPORT = "/Library/Application Support/Blackmagic Design/DaVinci Resolve"
_MAC_LIBRARIES = "/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/Libraries/Fusion"


def places(platform: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """The scripting folder and the library of a default installation of Resolve on this system."""
    if platform == "darwin":
        return f"{_MAC_SUPPORT}/Developer/Scripting", f"{_MAC_LIBRARIES}/fusionscript.so"
    if platform == "win32":
        data = environment.get("PROGRAMDATA", r"C:\ProgramData")
        programs = environment.get("PROGRAMFILES", r"C:\Program Files")
        return (
            rf"{data}\Blackmagic Design\DaVinci Resolve\Support\Developer\Scripting",
            rf"{programs}\Blackmagic Design\DaVinci Resolve\fusionscript.dll",
        )
    return "/opt/resolve/Developer/Scripting", "/opt/resolve/libs/Fusion/fusionscript.so"


@contextmanager
def answers_expected(consequence: str) -> Iterator[None]:
    """Tells plainly where Resolve stops answering: every name on its objects is None then, and so is what it says.

    Raises:
        AttachError: it did.
    """
    try:
        yield
    except (TypeError, AttributeError) as error:
        raise AttachError(
            f"Resolve does not answer as it should ({error}). Is it still running? {consequence}"
        ) from error


def attach() -> Resolve:
    """The Resolve Studio that runs on this machine.

    Raises:
        AttachError: it is not installed, not running, does not allow scripts from outside, or is the free edition.
    """
    api, library = places(sys.platform, os.environ)
    os.environ.setdefault("RESOLVE_SCRIPT_API", api)
    os.environ.setdefault("RESOLVE_SCRIPT_LIB", library)
    modules = str(Path(os.environ["RESOLVE_SCRIPT_API"]) / "Modules")
    if modules not in sys.path:
        sys.path.append(modules)
    try:
        script = importlib.import_module(MODULE)
    except (ImportError, OSError) as error:
        raise AttachError(
            f"Resolve's scripting module is not to be had from {modules} ({error}). "
            "Install DaVinci Resolve Studio, or set RESOLVE_SCRIPT_API and RESOLVE_SCRIPT_LIB to where it lies."
        ) from error
    resolve = cast("Resolve | None", script.scriptapp("Resolve"))
    if resolve is None:
        raise AttachError(
            "Resolve does not answer. Start DaVinci Resolve Studio, and set Preferences > System > General > "
            "External scripting using to Local. The free edition does not let scripts in from outside."
        )
    return admitted(resolve)


def admitted(resolve: Resolve) -> Resolve:
    """The same Resolve where its edition lets us work.

    Raises:
        AttachError: it is not the Studio edition.
    """
    product = str(resolve.GetProductName())
    if "studio" not in product.lower():
        raise AttachError(
            f"This is {product} {resolve.GetVersionString()}: Interneg needs DaVinci Resolve Studio, "
            "because the free edition does not take scripts from outside."
        )
    return resolve


def open_project(resolve: Resolve) -> Project:
    """The project that is open.

    Raises:
        AttachError: none is.
    """
    manager = resolve.GetProjectManager()
    project = manager.GetCurrentProject() if manager is not None else None
    if project is None:
        raise AttachError("No project is open in Resolve. Open one and try again.")
    return project
