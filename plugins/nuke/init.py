"""Puts Interneg's packages on Python's path; runs in every session of Nuke, so it does nothing else."""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  (start-up stays free of imports)

for _folder in (_HERE, os.path.join(os.path.dirname(_HERE), "bridge")):  # noqa: PTH118, PTH120  (the second: a checkout)
    if os.path.isdir(_folder) and _folder not in sys.path:  # noqa: PTH112
        sys.path.append(_folder)
