import shutil
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from demo.grain import grain_field, with_grain
from demo.own import make_own
from demo.sample import FIRST_FRAME, Sample, Shot, make_sample
from demo.scenery import Lamp, Panel, Pose, focal_pixels, lit, view
from demo.sets import alley, workshop
from demo.wires import DESCENT, FLOWN_PERFORMER, Wire, wires_over

from interneg.errors import InternegError
from interneg.plates.colour import ColourConfig
from interneg.plates.exr import read_channels
from interneg.plates.source import find_takes, open_source
from interneg.production.slate import read_slate
from interneg.settings import load_settings

SIZE = (45, 81)
FRAMES = 3
FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"

Pixels = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Sample:
    return make_sample(folder, seed=3, size=SIZE, frames=FRAMES)


def frames_of(pattern: str) -> list[Pixels]:
    source = open_source(pattern, "", ColourConfig())
    return [source.read(frame).rgb for frame in source.frames]


def coverage_of(shot: Shot) -> list[Pixels]:
    frames = range(shot.first_frame, shot.last_frame + 1)
    return [read_channels(Path(shot.matte.replace("####", str(frame))), ["A"])["A"] for frame in frames]


def test_dailies_are_slated_takes_of_two_setups(sample: Sample) -> None:
    (dailies,) = sample.dailies
    slates = [read_slate(take, load_settings().slate_pattern) for take in find_takes(dailies)]
    assert [(slate.setup, slate.take) for slate in slates] == [("01", "01"), ("01", "02"), ("02", "01"), ("02", "02")]


def test_shots_have_every_frame(sample: Sample) -> None:
    assert [shot.name for shot in sample.shots] == ["setup01_wires", "setup02_wires"]
    for shot in sample.shots:
        assert (shot.first_frame, shot.last_frame) == (FIRST_FRAME, FIRST_FRAME + FRAMES - 1)
        for pattern in (shot.plate, shot.truth):
            assert [frame.shape for frame in frames_of(pattern)] == [(*SIZE, 3)] * FRAMES


def test_plate_is_truth_wherever_no_wire_is(sample: Sample) -> None:
    for shot in sample.shots:
        for plate, truth, cover in zip(frames_of(shot.plate), frames_of(shot.truth), coverage_of(shot), strict=True):
            assert np.array_equal(plate[cover == 0], truth[cover == 0])
            assert 0 < np.mean(cover > 0) < 0.4
            assert np.abs(plate - truth)[cover > 0.3].max() > 0.01


def test_light_is_unbounded_and_grain_is_fresh(sample: Sample) -> None:
    for shot in sample.shots:
        truth = frames_of(shot.truth)
        assert max(float(frame.max()) for frame in truth) > 2
        assert not np.array_equal(truth[0], truth[1])


def test_same_seed_same_bits(folder: Path, sample: Sample, tmp_path: Path) -> None:
    make_sample(tmp_path, seed=3, size=SIZE, frames=FRAMES)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.exr"))
    assert len(files) == 2 * (2 + 3) * FRAMES
    assert all((folder / file).read_bytes() == (tmp_path / file).read_bytes() for file in files)


def test_another_seed_is_another_sample(folder: Path, sample: Sample, tmp_path: Path) -> None:
    other = make_sample(tmp_path, seed=4, size=SIZE, frames=1)
    assert not np.array_equal(frames_of(other.shots[0].truth)[0], frames_of(sample.shots[0].truth)[0])


@pytest.mark.parametrize("dress", [alley, workshop])
def test_near_things_run_ahead_of_far_ones(dress: object) -> None:
    assert callable(dress)
    scene = dress(240, 1)
    first, last = (view(scene.panels, scene.move(share), (136, 240)) for share in (0.45, 0.5))
    grey = [cv2.cvtColor(np.clip(frame, 0, 1) ** 0.45, cv2.COLOR_RGB2GRAY) for frame in (first, last)]
    pair = [(frame * 255).astype(np.uint8) for frame in grey]
    flow = cv2.calcOpticalFlowFarneback(pair[0], pair[1], None, 0.5, 4, 15, 5, 5, 1.1, 0)
    speed = np.abs(flow[..., 0])
    assert np.percentile(speed, 95) > 1.5 * np.percentile(speed, 30) > 0.2


def test_every_move_keeps_the_set_in_front_of_the_camera() -> None:
    for dress in (alley, workshop):
        scene = dress(96, 1)
        for share in np.linspace(0, 1, 9):
            frame = view(scene.panels, scene.move(float(share)), (54, 96))
            assert np.isfinite(frame).all() and frame.min() >= 0
            assert np.mean(frame.sum(axis=2) > 0) > 0.999


def test_a_panel_is_seen_where_it_stands() -> None:
    light = np.dstack([np.full((40, 40, 3), 2.0), np.ones((40, 40))]).astype(np.float32)
    width, depth = 101, 5.0
    metres = 11 * depth / focal_pixels(width)
    panel = Panel(light, (-metres / 2, -metres / 2, depth), (metres, 0, 0), (0, metres, 0))
    frame = view([panel], Pose(), (61, width))
    rows, columns = np.nonzero(frame[..., 0] > 0.9)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (25, 35, 45, 55)
    aside = view([panel], Pose(x=metres), (61, width))
    assert np.nonzero(aside[..., 0] > 0.9)[1].max() == 55 - 11


def test_a_panel_behind_the_camera_is_told() -> None:
    panel = Panel(np.ones((4, 4, 4), np.float32), (0, 0, -1), (1, 0, 0), (0, 1, 0))
    with pytest.raises(ValueError, match="behind the camera"):
        view([panel], Pose(), (9, 16))


def test_light_falls_off_with_distance() -> None:
    place = ((-2.0, -2.0, 4.0), (4.0, 0.0, 0.0), (0.0, 4.0, 0.0))
    wall = lit(np.ones((64, 64, 3), np.float32), place, [Lamp((0.0, 0.0, 3.0), (1.0, 0.5, 0.25))], (0.1, 0.1, 0.1))
    assert wall[32, 32, 0] > 2 * wall[0, 0, 0] > 0.2
    assert np.allclose((wall[32, 32] - 0.1) / (wall[32, 32, 0] - 0.1), [1, 0.5, 0.25], atol=1e-5)


def test_grain_follows_light_and_neighbours() -> None:
    field = grain_field((200, 200), np.random.default_rng(1))
    assert np.allclose(field.std(axis=(0, 1)), 1, atol=0.05)
    neighbours = [np.corrcoef(field[:, :-1, c].ravel(), field[:, 1:, c].ravel())[0, 1] for c in range(3)]
    assert min(neighbours) > 0.2 and neighbours[2] == max(neighbours)
    assert abs(np.corrcoef(field[..., 0].ravel(), field[..., 1].ravel())[0, 1]) < 0.05
    dark, bright = (with_grain(np.full((200, 200, 3), level, np.float32), field).std() for level in (0.02, 2.0))
    assert 5 < bright / dark < 10


@pytest.mark.parametrize("upright", [True, False])
def test_coverage_adds_up_to_the_wires_width(upright: bool) -> None:
    wire = Wire((0.5, 0.5), (0.0, 0.0), 0.0, 0.0, 0.0, 3.0, upright=upright)
    clean = np.full((240, 960, 3), 0.5, np.float32)
    plate, cover = wires_over(clean, [wire], 0.0)
    assert np.allclose(cover.sum(axis=1 if upright else 0), 3.0, atol=0.02)
    assert cover.max() > 0.95 and np.any((cover > 0.1) & (cover < 0.9))
    assert np.array_equal(plate[cover == 0], clean[cover == 0])


@pytest.mark.parametrize("wires", [FLOWN_PERFORMER, DESCENT])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (37, 53)])
def test_wires_fit_any_size(wires: tuple[Wire, ...], size: tuple[int, int]) -> None:
    for share in (0.0, 0.37, 1.0):
        plate, cover = wires_over(np.full((*size, 3), 0.2, np.float32), wires, share)
        assert plate.shape == (*size, 3) and cover.shape == size
        assert np.isfinite(plate).all() and cover.min() >= 0 and cover.max() <= 1


def test_wires_move() -> None:
    clean = np.zeros((54, 96, 3), np.float32)
    first, last = (wires_over(clean, FLOWN_PERFORMER, share)[1] for share in (0.0, 1.0))
    assert np.mean((first > 0.1) & (last > 0.1)) < 0.3 * np.mean(first > 0.1)


def test_anybodys_clip_is_its_own_truth(sample: Sample, folder: Path, tmp_path: Path) -> None:
    clip = folder / "dailies" / "setup01_take01.####.exr"
    own = make_own(clip, tmp_path, most_frames=2)
    assert own.dailies == (clip,)
    (shot,) = own.shots
    assert (shot.name, shot.first_frame, shot.last_frame) == ("setup01_take01_wires", FIRST_FRAME, FIRST_FRAME + 1)
    assert all(np.array_equal(*pair) for pair in zip(frames_of(shot.truth), frames_of(str(clip))[:2], strict=True))
    for plate, truth, cover in zip(frames_of(shot.plate), frames_of(shot.truth), coverage_of(shot), strict=True):
        assert np.array_equal(plate[cover == 0], truth[cover == 0]) and cover.max() > 0.5


def test_a_clip_with_a_gap_ends_before_it(sample: Sample, folder: Path, tmp_path: Path) -> None:
    for frame in (1, 2, 5):
        shutil.copy(next((folder / "dailies").iterdir()), tmp_path / f"clip.{frame:04d}.exr")
    own = make_own(tmp_path / "clip.####.exr", tmp_path / "own")
    assert (own.shots[0].first_frame, own.shots[0].last_frame) == (1, 2)


def test_a_clip_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InternegError, match="nowhere"):
        make_own(tmp_path / "nowhere.mov", tmp_path)


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="needs the real footage")
def test_a_real_movie_gets_wires(tmp_path: Path) -> None:
    own = make_own(FOOTAGE / "moving_city_cc0" / "cityCC0.mpg", tmp_path, most_frames=3)
    assert len(frames_of(own.shots[0].plate)) == 3
