"""What a camera's movement is counted in: names and units, light enough for every verb to know."""

from types import MappingProxyType

MOVE_UNITS = MappingProxyType(
    {
        "pan": "frame widths a second",
        "tilt": "frame widths a second",
        "roll": "degrees a second",
        "zoom": "doublings a second",
        "unrest": "frame widths",
    }
)
MOVES = tuple(MOVE_UNITS)
