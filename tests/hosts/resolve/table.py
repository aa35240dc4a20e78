"""Resolve's scripting interface, as far as Interneg uses it: how many arguments each method documents.

Derived from the README of 24 July 2026 (21.0.x). A test holds it against the full list where that is at hand.
"""

# (least, most) arguments, as documented.
METHODS = {
    "Resolve": {
        "GetProductName": (0, 0),
        "GetVersionString": (0, 0),
        "GetProjectManager": (0, 0),
        "GetCurrentPage": (0, 0),
        "OpenPage": (1, 1),
    },
    "ProjectManager": {
        "GetCurrentProject": (0, 0),
    },
    "Project": {
        "GetName": (0, 0),
        "GetSetting": (1, 1),
        "GetMediaPool": (0, 0),
        "GetCurrentTimeline": (0, 0),
        "SetCurrentTimeline": (1, 1),
        "GetUniqueId": (0, 0),
    },
    "MediaPool": {
        "GetRootFolder": (0, 0),
        "GetCurrentFolder": (0, 0),
        "SetCurrentFolder": (1, 1),
        "AddSubFolder": (2, 2),
        "ImportMedia": (1, 1),
        "DeleteClips": (1, 1),
        "AppendToTimeline": (1, 1),
        "GetClipMatteList": (1, 1),
        "GetUniqueId": (0, 0),
    },
    "Folder": {
        "GetName": (0, 0),
        "GetUniqueId": (0, 0),
        "GetClipList": (0, 0),
        "GetSubFolderList": (0, 0),
    },
    "MediaPoolItem": {
        "GetName": (0, 0),
        "GetUniqueId": (0, 0),
        "GetClipProperty": (0, 1),
        "SetClipProperty": (2, 2),
    },
    "Timeline": {
        "GetName": (0, 0),
        "GetUniqueId": (0, 0),
        "GetSetting": (1, 1),
        "GetStartFrame": (0, 0),
        "GetCurrentVideoItem": (0, 0),
        "GetTrackCount": (1, 1),
        "GetTrackName": (2, 2),
        "SetTrackName": (3, 3),
        "GetIsTrackLocked": (2, 2),
        "GetItemListInTrack": (2, 2),
        "AddTrack": (2, 2),
        "DeleteTrack": (2, 2),
        "DeleteClips": (2, 2),
    },
    "TimelineItem": {
        "GetName": (0, 0),
        "GetUniqueId": (0, 0),
        "GetStart": (1, 1),
        "GetDuration": (1, 1),
        "GetLeftOffset": (1, 1),
        "GetSourceEndFrame": (0, 0),
        "GetSourceStartTime": (0, 0),
        "GetSourceEndTime": (0, 0),
        "GetMediaPoolItem": (0, 0),
        "GetTrackTypeAndIndex": (0, 0),
        "AddTake": (3, 3),
        "GetTakesCount": (0, 0),
        "GetTakeByIndex": (1, 1),
        "GetSelectedTakeIndex": (0, 0),
        "SelectTakeByIndex": (1, 1),
        "DeleteTakeByIndex": (1, 1),
        "FinalizeTake": (0, 0),
        "CopyGrades": (1, 1),
        "GetNodeGraph": (1, 1),
        "GetProperty": (1, 1),
        "SetProperty": (2, 2),
    },
    "Graph": {
        "GetNumNodes": (0, 0),
    },
}

# Documented with a parameter and no default, and yet called without it by every published script of that version.
OPTIONAL = {
    ("TimelineItem", "GetStart"): 0,
    ("TimelineItem", "GetDuration"): 0,
    ("TimelineItem", "GetLeftOffset"): 0,
    ("TimelineItem", "GetNodeGraph"): 0,
    ("TimelineItem", "GetProperty"): 0,
    ("TimelineItem", "AddTake"): 1,
    ("Timeline", "AddTrack"): 1,
    ("Timeline", "DeleteClips"): 1,
}


def arity(kind: str, method: str) -> tuple[int, int]:
    """The least and most arguments that may be given."""
    least, most = METHODS[kind][method]
    return OPTIONAL.get((kind, method), least), most
