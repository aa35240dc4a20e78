"""What came of learning a show: circled or NG, by expert."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PEERS: Mapping[str, str] = MappingProxyType(
    {
        "classical": "classical alone",
        "telea_ns": "better of Telea and Navier-Stokes",
        "degrees_from_the_base": "normals, how far from the base's",
    }
)
"""How the simpler methods are called, and what else is told beside a score, by their names in figures."""

PEER_UNITS: Mapping[str, str] = MappingProxyType({"degrees_from_the_base": "degrees"})
"""The units of those that are told in another one than the score."""


@dataclass(frozen=True, slots=True)
class ExpertVerdict:
    """What came of one expert: circled or NG, with its held-out figures in `unit`; peers are simpler methods."""

    expert: str
    circled: bool
    unit: str
    candidate: float
    in_use: float
    peers: Mapping[str, float]
    steps: int
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a learn job: the version, circled where any of its experts is."""

    circled: bool
    version: str
    experts: tuple[ExpertVerdict, ...]
    takes_learnt: int
    takes_held_out: int
    message: str
