"""What a session of the stand-in is doing, and the rules every call obeys."""

from __future__ import annotations

import contextlib
import functools
import inspect
import queue
import threading
import time
import traceback


class Session:
    """One session of Nuke: with a window or without, its script, and what it is busy with."""

    def __init__(self, gui=False):
        self.gui = gui
        self.main_thread = threading.current_thread()
        self.pending = queue.Queue()
        self.messages = []
        self.executing = False
        self.in_callback = False
        self.cancel_next_execute = False
        self.undo_depth = 0
        self.undo_disabled = 0
        self.contexts = []
        self.this = []
        self.menus = {}
        self.knob_changed = []
        self.tasks = []
        self.executed = []
        self.plugin_path = []
        self.channels = set()
        self.root = None


class _Current:
    session = Session()


def session():
    return _Current.session


def begin(gui):
    _Current.session = Session(gui)
    return _Current.session


def require_main_thread(what):
    """The real one may do anything at all off the main thread, crash included."""
    if threading.current_thread() is not session().main_thread:
        raise RuntimeError(f"{what} was called off the main thread")


def main_only(call):
    @functools.wraps(call)
    def guarded(*args, **kwargs):
        require_main_thread(call.__name__)
        return call(*args, **kwargs)

    guarded.__signature__ = inspect.signature(call)
    return guarded


def main_only_class(cls):
    """Guards every method of the class, item access included."""
    for name, member in list(vars(cls).items()):
        if inspect.isfunction(member) and (
            not name.startswith("_") or name in ("__getitem__", "__init__", "__enter__")
        ):
            setattr(cls, name, main_only(member))
    return cls


@contextlib.contextmanager
def this(**names):
    session().this.append(names)
    try:
        yield
    finally:
        session().this.pop()


def this_name(name):
    for names in reversed(session().this):
        if name in names:
            return names[name]
    raise ValueError("nothing is 'this' outside a callback or a button")


def executeInMainThread(call, args=(), kwargs={}):  # noqa: B006
    _request(call, args, kwargs, None)


def executeInMainThreadWithResult(call, args=(), kwargs={}):  # noqa: B006
    done, box = threading.Event(), []
    _request(call, args, kwargs, (done, box))
    done.wait()
    return box[0] if box else None


def _request(call, args, kwargs, answer):
    if not session().gui:
        raise RuntimeError("Invalid function call in non-gui mode")
    if threading.current_thread() is session().main_thread:
        raise RuntimeError("executeInMainThread was called from the main thread")
    session().pending.put((call, args if isinstance(args, tuple) else (args,), kwargs, answer))


def run_until(wanted, limit_seconds=20.0):
    """The event loop: runs what other threads ask for until `wanted()`, and says how often it came round."""
    rounds, deadline = 0, time.monotonic() + limit_seconds
    while not wanted():
        if time.monotonic() > deadline:
            raise AssertionError("the event loop waited in vain")
        rounds += 1
        try:
            call, args, kwargs, answer = session().pending.get(timeout=0.01)
        except queue.Empty:
            continue
        _perform(call, args, kwargs, answer)
    return rounds


def _perform(call, args, kwargs, answer):
    try:
        result = call(*args, **kwargs)
        if answer:
            answer[1].append(result)
    except BaseException:  # as the host: printed, and the caller gets None
        traceback.print_exc()
    finally:
        if answer:
            answer[0].set()
