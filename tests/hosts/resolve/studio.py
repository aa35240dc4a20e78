"""Resolve itself, its project manager and its project."""

from __future__ import annotations

from hosts.resolve.pool import MediaPool
from hosts.resolve.rules import HostObject, Rules
from hosts.resolve.timeline import Timeline


class Project(HostObject):
    """A project with one timeline open."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._pool = MediaPool(rules, self)
        self._timeline: Timeline | None = Timeline(rules, "Reel 1")

    def GetName(self) -> str:
        return "Night Shoot"

    def GetSetting(self, settingName: str) -> object:
        settings = {
            "timelineFrameRate": self._rules.project_fps,
            "colorScienceMode": self._rules.colour_science,
            "separateColorSpaceAndGamma": str(int(self._rules.splits_gamma)),
        }
        return settings.get(settingName, "")

    def GetMediaPool(self) -> MediaPool:
        return self._pool

    def GetCurrentTimeline(self) -> Timeline | None:
        return self._timeline

    def SetCurrentTimeline(self, timeline: Timeline) -> bool:
        self._timeline = timeline
        return True


class ProjectManager(HostObject):
    """The project manager."""

    GetUniqueId = None  # it has none

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._project: Project | None = Project(rules)

    def GetCurrentProject(self) -> Project | None:
        return self._project


class Resolve(HostObject):
    """Resolve."""

    GetUniqueId = None  # it has none

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._manager = ProjectManager(rules)

    def GetProductName(self) -> str:
        return self._rules.product

    def GetVersionString(self) -> str:
        return self._rules.version

    def GetProjectManager(self) -> ProjectManager:
        return self._manager

    def GetCurrentPage(self) -> str:
        return self._rules.page

    def OpenPage(self, pageName: str) -> bool:
        if self._rules.is_modal_up:
            return False
        self._rules.page = pageName
        return True


def scriptapp(rules: Rules, name: str) -> Resolve | None:
    """What `scriptapp` answers to a process outside: the free edition lets nobody in."""
    return Resolve(rules) if name == "Resolve" and rules.product != "DaVinci Resolve" else None
