"""Where a finished frame comes from: the record that each one carries in its header."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import numpy.typing as npt

Parameter = str | int | float | bool | None | list["Parameter"] | dict[str, "Parameter"]

PREFIX = "interneg."

# What can change a frame's bits.
_PACKAGES = ("interneg", "numpy", "opencv-python-headless", "opencolorio", "OpenEXR", "openimageio", "av", "torch")


def versions_here() -> dict[str, str]:
    """The versions of Python and of every package that can change a frame's bits."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "absent"
    return versions


def hash_from_matte(matte: npt.NDArray[np.float32]) -> str:
    """The matte's fingerprint: the same for the same coverage at the same size, on every machine."""
    digest = hashlib.sha256(repr(matte.shape).encode())
    digest.update(np.ascontiguousarray(matte, dtype="<f4").data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered for what was changed.

    Convention: `model` is a version of the show's, `base` or `classical`; `base` is the base's version. What had no say
    is empty.
    """

    model: str = "classical"
    model_hash: str = ""
    base: str = ""
    base_hash: str = ""


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """All that it takes to explain a frame, and to make it again.

    Convention: hashes are hexadecimal and empty where there is nothing to hash (no model, no matte); `seen`,
    `synthesised`, `bridged` and `kept` are shares of what may change, in [0, 1]; the last two are told where there is a
    performers' matte; `sources` are the shares that other takes, a clean plate and anchors gave, by name.
    """

    operator: str
    frame: int
    parameters: Mapping[str, Parameter]
    seed: int = 0
    answered: Answered = field(default_factory=Answered)
    matte_hash: str = ""
    seen: float = 0.0
    synthesised: float = 0.0
    production: str = ""
    sources: Mapping[str, float] = field(default_factory=dict)
    performers_hash: str = ""
    bridged: float = 0.0
    kept: float = 0.0
    versions: Mapping[str, str] = field(default_factory=versions_here)

    def attributes(self) -> dict[str, str]:
        """The record as header attributes, `interneg.operator` and so on; equal records give equal text."""
        texts = {
            "operator": self.operator,
            "frame": str(self.frame),
            "parameters": _json(self.parameters),
            "seed": str(self.seed),
            **asdict(self.answered),
            "matte_hash": self.matte_hash,
            "seen": f"{self.seen:.6f}",
            "synthesised": f"{self.synthesised:.6f}",
            "production": self.production,
            "sources": _json({name: round(share, 4) for name, share in self.sources.items()}) if self.sources else "",
            "performers_hash": self.performers_hash,
            "bridged": f"{self.bridged:.6f}" if self.performers_hash else "",
            "kept": f"{self.kept:.6f}" if self.performers_hash else "",
            "versions": _json(self.versions),
        }
        return {PREFIX + name: text for name, text in texts.items() if text}


def _json(values: Mapping[str, Parameter]) -> str:
    """The values as text, the same for equal ones."""
    return json.dumps(dict(values), sort_keys=True, separators=(",", ":"))
