"""Puts Interneg's packages on Python's path; runs in every session of Nuke, so it does nothing else."""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  (start-up stays free of imports)
_BESIDE = os.path.join(os.path.dirname(_HERE), "bridge")  # noqa: PTH118, PTH120  (where this is a checkout)

for _folder, _package in ((_HERE, "interneg_nuke"), (_BESIDE, "interneg_bridge")):
    if os.path.isdir(os.path.join(_folder, _package)) and _folder not in sys.path:  # noqa: PTH112, PTH118
        sys.path.append(_folder)
