"""Interneg's entry in Workspace > Scripts: starts Interneg's own process beside Resolve, and ends at once.

Standard library only, for the Python that Resolve brings; nothing stays behind in Resolve's script executor.
"""

import os
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path

LAUNCHER = ""  # written by interneg install

# What Resolve sets for itself and what would lead another Python astray.
FOREIGN = ("LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP")
FOREIGN_PREFIXES = ("DYLD_", "QT_")

# CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW, which this module has by name only on Windows.
NEW_GROUP, NO_WINDOW = 0x00000200, 0x08000000


def launcher(environment):
    """The program to start: INTERNEG_RESOLVE, else the one beside INTERNEG_BRIDGE, else what the installation wrote."""
    if environment.get("INTERNEG_RESOLVE"):
        return environment["INTERNEG_RESOLVE"]
    if environment.get("INTERNEG_BRIDGE"):
        bridge = Path(environment["INTERNEG_BRIDGE"])
        return str(bridge.with_name(bridge.name.replace("interneg-bridge", "interneg-resolve")))
    return LAUNCHER


def cleaned(environment):
    """The environment without what belongs to Resolve's own process."""
    return {
        name: value
        for name, value in environment.items()
        if name not in FOREIGN and not name.startswith(FOREIGN_PREFIXES)
    }


def fault(program, product):
    """Why the process cannot be started and what to do; empty where it can."""
    if product and "studio" not in product.lower():
        return f"This is {product}: Interneg needs DaVinci Resolve Studio."
    if not program:
        return "Interneg is not installed for Resolve: run `interneg install resolve`."
    if not Path(program).is_file():
        return f"{program} is not there: run `interneg install resolve` again."
    return ""


def start(program, environment):
    """Starts the process, detached from Resolve, with its output in a log among the temporary files."""
    details = {"stdin": subprocess.DEVNULL, "env": cleaned(environment)}
    if os.name == "nt":
        details["creationflags"] = NEW_GROUP | NO_WINDOW
    else:
        details["start_new_session"] = True
    with tempfile.NamedTemporaryFile(prefix="interneg-resolve-", suffix=".log", delete=False) as log:
        sys.stdout.write(f"Interneg: its window opens in the browser; its log is {log.name}\n")
        return subprocess.Popen([program, "panel"], stdout=log, stderr=log, **details)


def say(text):
    """Shows a sentence where it is seen: Resolve's console is closed most of the time."""
    sys.stderr.write(text + "\n")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", prefix="interneg-", delete=False) as note:
        note.write(text + "\n")
    webbrowser.open(Path(note.name).as_uri())


def main(host):
    """Hands over to Interneg's process; the exit code."""
    program = launcher(os.environ)
    problem = fault(program, str(host.GetProductName()) if host is not None else "")
    if not problem:
        try:
            start(program, os.environ)
        except OSError as error:
            problem = f"{program} does not start ({error})."
    if problem:
        say("Interneg: " + problem)
    return 1 if problem else 0


if __name__ == "__main__":
    main(globals().get("resolve"))
