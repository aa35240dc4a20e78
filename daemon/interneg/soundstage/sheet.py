"""A contact sheet of a stage: a row for each scene, that a person can judge it by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from interneg.soundstage.archive import StagedScene
from interneg.soundstage.scene import Pixels

Picture8 = npt.NDArray[np.uint8]

CELL = (192, 144)
MIDDLE_GREY = 0.18
ROWS = 40


def write_sheet(scenes: Sequence[Path], path: Path) -> None:
    """Writes the sheet: plate, with faults, their matte, three lamps, albedo, normals, depth."""
    chosen = [scenes[index] for index in np.unique(np.linspace(0, len(scenes) - 1, min(ROWS, len(scenes))).astype(int))]
    rows = [_row(StagedScene.open(scene)) for scene in chosen]
    widest = max(row.shape[1] for row in rows)  # not every scene has three lamps
    rows = [cv2.copyMakeBorder(row, 0, 0, 0, widest - row.shape[1], cv2.BORDER_CONSTANT) for row in rows]
    cv2.imwrite(str(path), np.concatenate(rows))


def _row(scene: StagedScene) -> Picture8:
    truth, lamps = scene.truth(), scene.lamp_pictures()
    plate = scene.plate(scene.frames[0]) if scene.frames else np.mean(list(lamps.values()), axis=0)
    gain = MIDDLE_GREY / max(float(plate.mean()), 1e-6)
    rigged = scene.rigged(scene.frames[0]) if scene.faults else plate
    matte = sum(scene.mattes(scene.frames[0]).values()) if scene.faults else np.zeros(plate.shape[:2], np.float32)
    shown = sorted(scene.lamps)[:: max(1, len(scene.lamps) // 3)][:3]
    lit = [lamps[name] * MIDDLE_GREY / max(float(lamps[name].mean()), 1e-4) for name in shown]
    far = float(np.percentile(truth.depth, 95)) or 1.0
    cells = [plate * gain, rigged * gain, _grey(np.asarray(matte, np.float32)), *lit, truth.albedo]
    cells += [truth.normal / 2 + 0.5, _grey(1 - np.clip(truth.depth / far, 0, 1) * (truth.depth > 0))]
    linear = len(cells) - 2
    row = np.concatenate([_cell(cell, index < linear and index != 2) for index, cell in enumerate(cells)], axis=1)
    said = f"{scene.seed} {scene.kind}, {scene.said['people']} people, {' '.join(scene.faults)}"
    return np.asarray(cv2.putText(row, said, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (80, 255, 255), 1, cv2.LINE_AA))


def _grey(plane: Pixels) -> Pixels:
    return np.repeat(plane[..., None], 3, axis=2)


def _cell(picture: Pixels, is_linear: bool) -> Picture8:
    small = cv2.resize(np.ascontiguousarray(picture, np.float32), CELL, interpolation=cv2.INTER_AREA)
    display = np.clip(small, 0, 1) ** (1 / 2.2 if is_linear else 1.0)
    return np.asarray(np.rint(display[..., ::-1] * 255), np.uint8)
