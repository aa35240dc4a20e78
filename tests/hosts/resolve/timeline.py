"""The timeline and its items: absolute record frames, half-open source ranges, and silence about what failed."""

from __future__ import annotations

from hosts.resolve.pool import MediaPoolItem
from hosts.resolve.rules import HostObject, Rules, gated


class Graph(HostObject):
    """A grade."""

    GetUniqueId = None  # a graph has none

    def __init__(self, rules: Rules, nodes: int) -> None:
        super().__init__(rules)
        self._nodes = nodes

    def GetNumNodes(self) -> int:
        return self._nodes


class TimelineItem(HostObject):
    """An item; `speed` 1.0 plays frame by frame, and warps what the source frames read otherwise."""

    def __init__(self, rules: Rules, name: str, clip: MediaPoolItem | None, start: int, duration: int) -> None:
        super().__init__(rules)
        self._name, self._clip, self._start, self._duration = name, clip, start, duration
        self._offset = 0
        self._speed = 1.0
        self._track = 1
        self._grade = 1
        self._inspector: dict[str, object] = {"Pan": 0.0, "Tilt": 0.0, "ZoomX": 1.0, "ZoomY": 1.0}
        self._takes: list[tuple[MediaPoolItem, int, int]] = []
        self._selected = 0

    def GetName(self) -> str:
        return self._name

    def GetStart(self, subframe_precision: bool = False) -> float:
        return self._start

    def GetDuration(self, subframe_precision: bool = False) -> float:
        return self._duration

    def GetLeftOffset(self, subframe_precision: bool = False) -> float:
        return self._offset if self._speed == 1.0 else int(self._offset / self._speed)

    def GetSourceEndFrame(self) -> int:
        end = int(self._offset + self._duration * self._speed)
        return end - 1 if self._rules.is_end_inclusive else end

    def GetSourceStartTime(self) -> float:
        return self._offset / self._rules.project_fps

    def GetSourceEndTime(self) -> float:
        return (self._offset + self._duration * self._speed) / self._rules.project_fps

    def GetMediaPoolItem(self) -> MediaPoolItem | None:
        return self._clip

    def GetTrackTypeAndIndex(self) -> list[object]:
        return ["video", self._track]

    def AddTake(self, clip: MediaPoolItem, startFrame: int = 0, endFrame: int | None = None) -> bool:
        if self._clip is None:
            return False
        if not self._takes:
            self._takes = [(self._clip, self._offset, self._offset + self._duration)]
            self._selected = 1
        if self._rules.takes in ("initialises", "pretends"):
            return self._rules.takes == "pretends"
        end = clip._frames() if endFrame is None else endFrame + self._rules.is_end_inclusive
        self._takes.append((clip, startFrame, end))
        return self._rules.takes != "denies"

    def GetTakesCount(self) -> int:
        return len(self._takes)

    def GetTakeByIndex(self, idx: int) -> dict[str, object] | None:
        if not 1 <= idx <= len(self._takes):
            return None
        clip, start, end = self._takes[idx - 1]
        return {"mediaPoolItem": clip, "startFrame": start, "endFrame": end - self._rules.is_end_inclusive}

    def GetSelectedTakeIndex(self) -> int:
        return self._selected

    def SelectTakeByIndex(self, idx: int) -> bool:
        if not 1 <= idx <= len(self._takes):
            return False
        self._selected = idx
        self._clip, self._offset, end = self._takes[idx - 1]
        self._duration = end - self._offset
        return self._rules.takes != "denies"

    def DeleteTakeByIndex(self, idx: int) -> bool:
        if not 1 <= idx <= len(self._takes) or idx == self._selected:
            return False
        del self._takes[idx - 1]
        self._selected -= idx < self._selected
        return True

    def FinalizeTake(self) -> bool:
        if not self._selected:
            return False
        self._takes, self._selected = [], 0
        return True

    @gated
    def CopyGrades(self, tgtTimelineItems: list[TimelineItem]) -> bool:
        for item in tgtTimelineItems if self._rules.copies_grades else []:
            item._grade = self._grade
        return True

    def GetNodeGraph(self, layerIdx: int = 1) -> Graph:
        return Graph(self._rules, self._grade)

    def GetProperty(self, propertyKey: str | None = None) -> object:
        return dict(self._inspector) if propertyKey is None else self._inspector.get(propertyKey)

    def SetProperty(self, propertyKey: str, propertyValue: object) -> bool:
        if propertyKey in self._rules.refused_properties:
            return True
        self._inspector[propertyKey] = propertyValue
        return True


class Timeline(HostObject):
    """A timeline that starts at 01:00:00:00."""

    def __init__(self, rules: Rules, name: str) -> None:
        super().__init__(rules)
        self._name = name
        self._tracks: list[list[TimelineItem]] = [[]]
        self._names = [_track_name(rules, 1)]
        self._locked: set[int] = set()
        self._settings: dict[str, object] = {"useCustomSettings": "0", "timelineFrameRate": 60.0}
        self._playhead: TimelineItem | None = None
        self._deletions = 0

    def GetName(self) -> str:
        return self._name

    def GetSetting(self, settingName: str) -> object:
        return self._settings.get(settingName, "")

    def GetStartFrame(self) -> int:
        return round(self._rules.project_fps) * 3600

    def GetCurrentVideoItem(self) -> TimelineItem | None:
        return self._playhead

    def GetTrackCount(self, trackType: str) -> int:
        return len(self._tracks) if trackType == "video" else 0

    def GetTrackName(self, trackType: str, trackIndex: int) -> str:
        return self._names[trackIndex - 1]

    def SetTrackName(self, trackType: str, trackIndex: int, name: str) -> bool:
        self._names[trackIndex - 1] = name
        return True

    def GetIsTrackLocked(self, trackType: str, trackIndex: int) -> bool:
        return trackIndex in self._locked

    def GetItemListInTrack(self, trackType: str, index: int) -> list[TimelineItem]:
        return list(self._tracks[index - 1]) if 1 <= index <= len(self._tracks) else []

    def AddTrack(self, trackType: str, subTrackType: object = None) -> bool:
        if self._rules.refuses_new_tracks:
            return False
        self._tracks.append([])
        self._names.append(_track_name(self._rules, len(self._tracks)))
        return True

    def DeleteTrack(self, trackType: str, trackIndex: int) -> bool:
        del self._tracks[trackIndex - 1], self._names[trackIndex - 1]
        return True

    def DeleteClips(self, timelineItems: list[TimelineItem], ripple: bool = False) -> bool:
        self._deletions += 1
        if self._rules.page != "edit" or self._deletions < self._rules.deletes_at_attempt:
            return False
        self._tracks = [[item for item in track if item not in timelineItems] for track in self._tracks]
        return True

    def _append(self, wish: dict[str, object]) -> list[TimelineItem]:
        """What `AppendToTimeline` answers; what it placed is another matter."""
        track, start = int(wish["trackIndex"]), int(wish["recordFrame"])
        if self._rules.appends_nothing or track in self._locked:
            return []
        duration = wish["endFrame"] - wish["startFrame"] + self._rules.is_end_inclusive
        item = TimelineItem(self._rules, wish["mediaPoolItem"].GetName(), wish["mediaPoolItem"], start, duration)
        item._offset, item._track = wish["startFrame"], track
        if track > len(self._tracks):
            return [item]
        if not any(
            other._start < start + duration and start < other._start + other._duration
            for other in self._tracks[track - 1]
        ):
            self._tracks[track - 1].append(item)
        return [item]

    def _place(self, item: TimelineItem, track: int = 1) -> TimelineItem:
        """Puts an item where the artist put it."""
        while len(self._tracks) < track:
            self.AddTrack("video")
        item._track = track
        self._tracks[track - 1].append(item)
        return item


def _track_name(rules: Rules, index: int) -> str:
    """A new track's name in the interface's language."""
    return f"{ {'en': 'Video', 'de': 'Videospur'}[rules.language] } {index}"
