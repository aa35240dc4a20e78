"""What needs a window: menus and progress bars; and the undo stack's switches."""

from __future__ import annotations

from . import _session


@_session.main_only_class
class ProgressTask:
    def __init__(self, *args, **kwargs):
        if not _session.session().gui:
            raise RuntimeError("no progress bars in a session without a window")
        self._title = args[0]
        self.history = []
        self.cancelled = False
        _session.session().tasks.append(self)

    def setProgress(self, *args):
        if not isinstance(args[0], int):
            raise TypeError("progress is a whole number")
        self.history.append(args[0])

    def setMessage(self, *args):
        if not isinstance(args[0], str):
            raise TypeError("a message is a text")

    def isCancelled(self):
        return self.cancelled


@_session.main_only_class
class Menu:
    def __init__(self):
        self._items = {}

    def addMenu(self, name, *args, **kwargs):
        return self._items.setdefault(name, Menu())

    def addCommand(self, name, command="", *args, **kwargs):
        self._items[name] = command

    def findItem(self, name):
        return self._items.get(name)


class MenuBar(Menu):
    pass


class Undo:
    """Counts, so that a test sees an undo left disabled or open."""

    def __init__(self, *args):
        self._name = args[0] if args else ""

    def __enter__(self):
        _session.require_main_thread("Undo")
        _session.session().undo_depth += 1
        return self

    def __exit__(self, kind, value, traceback):
        _session.session().undo_depth -= 1

    @classmethod
    def disable(cls):
        _session.require_main_thread("Undo.disable")
        _session.session().undo_disabled += 1

    @classmethod
    def enable(cls):
        _session.session().undo_disabled -= 1
