"""The knobs of each node class the stand-in knows; a Write grows knobs once its file type is set."""

from __future__ import annotations

from . import _knobs as k

_CHANNELS = ["rgba", "rgb", "alpha", "all", "depth"]
_COLOURSPACES = ["default (linear)", "linear", "sRGB", "rec709", "default (ACES/ACEScg)", "ACEScg"]
_METADATA = ["no metadata", "default metadata", "all metadata"]


def _common():
    colour = k.Int_Knob("tile_color", "tile color")
    return [k.String_Knob("name"), k.String_Knob("label"), k.String_Knob("help"), colour, k.Boolean_Knob("disable")]


def _read():
    numbers = [k.Int_Knob(name, name, 1) for name in ("first", "last", "origfirst", "origlast")]
    return [
        k.File_Knob("file"),
        *numbers,
        k.Enumeration_Knob("before", "", ["hold", "loop", "bounce", "black"]),
        k.Enumeration_Knob("after", "", ["hold", "loop", "bounce", "black"]),
        k.Enumeration_Knob("frame_mode", "", ["expression", "start at", "offset"]),
        k.String_Knob("frame"),
        k.Enumeration_Knob("on_error", "", ["error", "black", "checkerboard", "nearest frame"]),
        k.Enumeration_Knob("colorspace", "", _COLOURSPACES),
        k.Boolean_Knob("raw"),
        k.Boolean_Knob("premultiplied"),
        k.Enumeration_Knob("localizationPolicy", "", ["fromAutoLocalizePath", "on", "fromSetting", "off"]),
        k.Script_Knob("reload"),
    ]


def _write():
    return [
        k.File_Knob("file"),
        k.Enumeration_Knob("file_type", "", [" ", "exr", "png"]),
        k.Enumeration_Knob("channels", "", _CHANNELS[1:] + _CHANNELS[:1]),
        k.Enumeration_Knob("colorspace", "", _COLOURSPACES[2:3] + _COLOURSPACES),
        k.Boolean_Knob("raw"),
        k.Boolean_Knob("create_directories"),
        k.Boolean_Knob("use_limit"),
    ]


def _write_exr():
    return [
        k.Enumeration_Knob("datatype", "", ["16 bit half", "32 bit float"]),
        k.Enumeration_Knob("compression", "", ["Zip (1 scanline)", "none"]),
        k.Boolean_Knob("autocrop"),
        k.Enumeration_Knob("metadata", "", _METADATA),
    ]


def _root():
    return [
        k.Int_Knob("frame", "", 1),
        k.Int_Knob("first_frame", "", 1),
        k.Int_Knob("last_frame", "", 100),
        k.Int_Knob("width", "", 8),  # the stand-in's format, small so that plain Python is quick
        k.Int_Knob("height", "", 6),
        k.Boolean_Knob("proxy"),
        k.Enumeration_Knob("colorManagement", "", ["Nuke", "OCIO"]),
        k.String_Knob("workingSpaceLUT", "", "linear"),
    ]


def _merge():
    layers = [k.Enumeration_Knob(name, "", _CHANNELS) for name in ("Achannels", "Bchannels", "output")]
    return [k.Enumeration_Knob("operation", "", ["over", "plus"]), *layers]


def _reformat():
    return [
        k.Enumeration_Knob("type", "", ["to format", "to box", "scale"]),
        k.Int_Knob("box_width"),
        k.Int_Knob("box_height"),
        k.Boolean_Knob("box_fixed"),
        k.Enumeration_Knob("resize", "", ["none", "width", "height", "fit", "fill", "distort"]),
    ]


_OWN = {
    "Root": _root,
    "Group": list,
    "Read": _read,
    "Write": _write,
    "Write.exr": _write_exr,
    "Write.png": list,
    "Input": lambda: [k.Int_Knob("number")],
    "Output": list,
    "Dot": list,
    "NoOp": list,
    "Switch": lambda: [k.Int_Knob("which")],
    "Constant": lambda: [k.AColor_Knob("color")],
    "Expression": lambda: [k.String_Knob(f"expr{index}") for index in range(4)],
    "Multiply": lambda: [k.Enumeration_Knob("channels", "", ["all", *_CHANNELS[:3]]), k.AColor_Knob("value")],
    "Merge2": _merge,
    "Reformat": _reformat,
}
_INPUTS = {"Read": 0, "Input": 0, "Constant": 0, "Switch": 1000, "Merge2": 1000}


def knobs_of(class_name):
    if class_name not in _OWN:
        raise RuntimeError(f"{class_name}: Unknown command")
    return _OWN[class_name]() if "." in class_name else _common() + _OWN[class_name]()


def max_inputs_of(class_name):
    return _INPUTS.get(class_name, 1)
