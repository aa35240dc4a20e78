"""The Media Pool: bins and clips, which are imported from files that are really on disk."""

from __future__ import annotations

from pathlib import Path

from hosts.resolve.rules import HostObject, Rules

_TYPES = {"en": ("Video", "Still", "Compound"), "de": ("Video", "Standbild", "Compound-Clip")}


class MediaPoolItem(HostObject):
    """A clip; a property that is refused is taken with True and stays."""

    def __init__(self, rules: Rules, name: str, properties: dict[str, object]) -> None:
        super().__init__(rules)
        self._name = name
        self._properties = properties

    def GetName(self) -> str:
        return self._name

    def GetClipProperty(self, name: str | None = None) -> object:
        return dict(self._properties) if name is None else self._properties.get(name, "")

    def SetClipProperty(self, name: str, value: object) -> bool:
        if name not in self._properties:
            return False
        if name not in self._rules.refused_properties:
            self._properties[name] = float(str(value)) if name == "FPS" else value
        return True

    def _frames(self) -> int:
        return int(str(self._properties["Frames"] or 0))


class Folder(HostObject):
    """A bin."""

    def __init__(self, rules: Rules, name: str) -> None:
        super().__init__(rules)
        self._name = name
        self._clips: list[MediaPoolItem] = []
        self._folders: list[Folder] = []

    def GetName(self) -> str:
        return self._name

    def GetClipList(self) -> list[MediaPoolItem]:
        return list(self._clips)

    def GetSubFolderList(self) -> list[Folder]:
        return list(self._folders)


class MediaPool(HostObject):
    """The pool: what is imported lands in the current bin, from files that must be there."""

    def __init__(self, rules: Rules, project: object) -> None:
        super().__init__(rules)
        self._project = project
        self._root = Folder(rules, "Master")
        self._current = self._root
        self._mattes: dict[str, list[str]] = {}

    def GetRootFolder(self) -> Folder:
        return self._root

    def GetCurrentFolder(self) -> Folder:
        return self._current

    def SetCurrentFolder(self, folder: Folder) -> bool:
        self._current = folder
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Folder | None:
        if any(child.GetName() == name for child in folder._folders):
            return None
        child = Folder(self._rules, name)
        folder._folders.append(child)
        return child

    def ImportMedia(self, clips: list[dict[str, object]]) -> list[MediaPoolItem]:
        if self._rules.imports_nothing or self._rules.is_modal_up:
            return []
        return [item for clip in clips for item in self._import(clip)]

    def DeleteClips(self, clips: list[MediaPoolItem]) -> bool:
        for folder in (self._root, *self._root._folders):
            folder._clips = [clip for clip in folder._clips if clip not in clips]
        return True

    def AppendToTimeline(self, clips: list[dict[str, object]]) -> list[object]:
        timeline = self._project.GetCurrentTimeline()
        if timeline is None or self._rules.is_modal_up:
            return []
        return [item for clip in clips for item in timeline._append(clip)]

    def GetClipMatteList(self, clip: MediaPoolItem) -> list[str]:
        return list(self._mattes.get(clip.GetUniqueId(), []))

    def _import(self, clip: dict[str, object]) -> list[MediaPoolItem]:
        """One clip from one pattern, or one a frame with Show Individual Frames; nothing where a file is missing."""
        first, last, pattern = clip["StartIndex"], clip["EndIndex"], str(clip["FilePath"])
        files = [Path(pattern % frame) for frame in range(first, last + 1)]
        if not all(file.is_file() for file in files):
            return []
        if self._rules.shows_individual_frames:
            made = [MediaPoolItem(self._rules, file.name, self._properties(str(file), 1, file)) for file in files]
        else:
            digits = files[0].name.replace(Path(pattern).name.split("%")[0], "").split(".")[0]
            span = f"[{digits}-{last:0{len(digits)}d}]"
            shown = str(files[0].with_name(files[0].name.replace(digits, span)))
            made = [MediaPoolItem(self._rules, Path(shown).name, self._properties(shown, len(files), files[0]))]
        self._current._clips.extend(made)
        return made

    def _properties(self, shown: str, frames: int, file: Path) -> dict[str, object]:
        """What Resolve reads from the files: an image sequence comes in at the project's rate."""
        width, height = _size(file)
        return {
            "File Path": shown,
            "Frames": str(frames),
            "FPS": self._rules.project_fps,
            "Resolution": f"{width}x{height}",
            "Type": _TYPES[self._rules.language][frames == 1],
            "Input Color Space": self._rules.auto_input_colour,
            "Input Gamma": "",
            "IDT": self._rules.auto_input_colour,
        }

    def _clip(self, name: str, file_path: str, frames: int, **properties: object) -> MediaPoolItem:
        """A clip that was in the project before, in its root bin."""
        stands = {
            "File Path": file_path,
            "Frames": str(frames),
            "FPS": self._rules.project_fps,
            "Resolution": "16x9",
            "Type": _TYPES[self._rules.language][0],
            "Input Color Space": "",
            "Input Gamma": "",
            "IDT": "",
        }
        clip = MediaPoolItem(self._rules, name, {**stands, **properties})
        self._root._clips.append(clip)
        return clip


def _size(file: Path) -> tuple[int, int]:
    """The picture's width and height, read from the EXR's own header."""
    import OpenEXR

    with OpenEXR.File(str(file), header_only=True) as exr:
        (left, top), (right, bottom) = exr.header()["displayWindow"]
    return int(right - left + 1), int(bottom - top + 1)
