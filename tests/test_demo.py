import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from demo.commands import held
from demo.display import Display
from demo.layout import CELL_WIDTH, MARGIN, Cell, Section, fitted, page
from demo.sample import Sample, make_sample
from demo.score import coded, decibels, linear_from_coded, score, squared, telea

REPOSITORY = Path(__file__).resolve().parents[1]
MAKE = shutil.which("make")

Pixels = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make_sample(tmp_path_factory.mktemp("sample"), seed=5, size=(54, 96), frames=12)


def run_demo(folder: Path, *words: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo.run", "--folder", str(folder), *words],
        cwd=cwd, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip


def processes_on(folder: Path) -> list[str]:
    ids = [entry for entry in Path("/proc").glob("[0-9]*") if entry.is_dir()]
    return [entry.name for entry in ids if f"INTERNEG_HOME={folder}" in environment_of(entry)]


def environment_of(entry: Path) -> str:
    try:
        return (entry / "environ").read_text(errors="replace")
    except OSError:
        return ""


def test_own_footage_from_end_to_end(sample: Sample, tmp_path: Path) -> None:
    clips, folder = tmp_path / "our footage", tmp_path / "demo's home"
    shutil.copytree(sample.dailies[0], clips)
    ended = run_demo(folder, "--dailies=our footage/setup01_take01.####.exr", "--minutes", "0.05", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "wires are not in the clip" in ended.stdout
    rows = [line.split() for line in ended.stdout.splitlines() if line.rstrip().endswith("setup01_take01")]
    assert [row[0] for row in rows] == ["clean", "reframe"] and all(float(row[3]) > 0 for row in rows)
    assert float(rows[0][4]) > 20 and float(rows[0][5]) > 20 and rows[1][4] == "-"
    sheet = cv2.imread(str(folder / "contact-sheet.png"))
    assert sheet is not None and sheet.shape[1] == 2 * MARGIN + 5 * CELL_WIDTH + 4 * 12
    assert not processes_on(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo's home", "our footage"]


@pytest.mark.parametrize("name", ["nowhere.mov", "nowhere.####.exr", "notes.txt", "."])
def test_a_wrong_clip_is_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no clip")
    kept = tmp_path / "home" / "kept"
    kept.mkdir(parents=True)
    ended = run_demo(tmp_path / "home", f"--dailies={tmp_path / name}")
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1 and ended.stderr.startswith("make demo: ")
    assert kept.is_dir()  # what an earlier demo made outlives a slip of the pen


def test_two_demos_do_not_end_each_other(tmp_path: Path) -> None:
    with held(tmp_path):
        ended = run_demo(tmp_path, "--dailies=nowhere.mov")
    assert ended.returncode == 1 and "another demo is at work" in ended.stderr
    assert "nowhere.mov" in run_demo(tmp_path, "--dailies=nowhere.mov").stderr


def test_a_clip_in_the_demos_own_folder_is_refused(sample: Sample, tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    shutil.copytree(sample.dailies[0], clip)
    ended = run_demo(tmp_path, f"--dailies={clip / 'setup01_take01.####.exr'}")
    assert ended.returncode == 1 and "made anew" in ended.stderr and len(list(clip.iterdir())) == 48


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="finds processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process(number: signal.Signals, sample: Sample, tmp_path: Path) -> None:
    clip = str(sample.dailies[0] / "setup01_take01.####.exr")
    running = subprocess.Popen(
        [sys.executable, "-m", "demo.run", "--folder", str(tmp_path / "home"), f"--dailies={clip}"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("learn"):
            break
    time.sleep(2.0)
    assert processes_on(tmp_path / "home" / "home")
    if number == signal.SIGINT:
        os.killpg(running.pid, number)  # as Ctrl-C in a terminal: the verb hears it too
    else:
        running.send_signal(number)
    _, said = running.communicate(timeout=90)
    assert running.returncode not in (0, None) and "Traceback" not in said
    assert not processes_on(tmp_path / "home" / "home")


@pytest.mark.skipif(MAKE is None, reason="needs make")
@pytest.mark.parametrize("name", ["/a b/it's.$F4.exr", "rel.####.exr", "~/clip.mov"])
def test_make_hands_the_clip_on_as_it_is(name: str) -> None:
    alone = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}  # `make test` runs this
    said = subprocess.run(
        [str(MAKE), "--no-print-directory", "-n", "-o", ".venv/ready-dev", "demo", f"DAILIES={name}"],
        cwd=REPOSITORY, env=alone, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    words = subprocess.run(["sh", "-c", f"printf '%s\\n' {said}"], capture_output=True, text=True, check=True).stdout
    assert f"--dailies={name}" in words.splitlines()


def test_score_is_psnr_in_the_matte(sample: Sample, tmp_path: Path) -> None:
    shot = replace(sample.shots[0], last_frame=sample.shots[0].first_frame + 2)
    numbers = range(shot.first_frame, shot.last_frame + 1)
    assert score(shot, shot.truth, numbers, None).clean_db == float("inf")
    untouched = score(shot, shot.plate, numbers, None)
    assert untouched.clean_db < untouched.telea_db < 60


def test_telea_changes_the_matte_alone() -> None:
    plate = np.random.default_rng(1).uniform(0, 3, (20, 30, 3)).astype(np.float32)
    matte = np.zeros((20, 30), np.float32)
    matte[:, 10:12] = 0.01
    outside = matte == 0
    filled = telea(plate, matte)
    assert np.abs(filled - coded(plate))[outside].max() <= 0.5 / 255 + 1e-6
    assert np.abs(filled - coded(plate))[~outside].max() > 0.1


def test_a_known_error_has_known_decibels() -> None:
    truth = np.full((4, 4, 3), linear_from_coded(np.float32([0.5]))[0], np.float32)
    matte = np.eye(4, dtype=np.float32)
    sums = squared(coded(truth) + np.float32(0.1), truth, matte)
    assert sums[1] == 12 and decibels([sums, sums]) == pytest.approx(20, abs=1e-3)


def test_code_and_light_are_inverse() -> None:
    light = np.float32([0, 0.001, 0.18, 1, 4])
    assert np.allclose(linear_from_coded(coded(light)), light, rtol=1e-4, atol=1e-6)
    assert np.array_equal(coded(np.float32([-3, np.nan, 99])), [0, 0, 1])


def test_a_page_has_even_margins() -> None:
    white = np.full((27, 48, 3), 255, np.uint8)
    whole = page("", "", [Section("", "", ((Cell("", white), Cell("", white)),))])
    rows, columns = np.nonzero((whole == 255).all(axis=2))
    assert columns.min() == MARGIN and whole.shape[1] - 1 - columns.max() == MARGIN
    assert rows.max() - rows.min() + 1 == fitted(white).shape[0] == 270


def test_a_display_shows_any_value() -> None:
    shown = Display(None).shown(np.float32([[[0, 0, 0], [0.18, 0.18, 0.18], [60000, 60000, 60000], [np.nan, -1, 0]]]))
    assert shown[0, 0].max() < 5 and 80 < shown[0, 1, 0] < 140 and shown[0, 2].min() > 240
