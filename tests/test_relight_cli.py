"""`interneg relight`: rigs in files and by options, previews, matched light, over a real daemon."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from interneg import cli
from interneg.commands.relight import RelightOptions, beside
from interneg.commands.rig_file import rig_from_file, toml_from_rig
from interneg.errors import RequestError
from interneg.plates.exr import read_exr
from interneg_bridge.client import Client
from real_daemon import real_daemon
from synthetic import bits_of, texture_of, write_plate

RIG = """
reference_frame = 1001
limit_stops = 5

[as_shot_key]
exposure_stops = { 1001 = 0, 1010 = "off" }
cct_kelvin = 3200

[as_shot_rest]
exposure_stops = 0.5

[[lamps]]
name = "window"
azimuth_degrees = { 1001 = -60, 1048 = -90 }
elevation_degrees = 30
exposure_stops = -1
rgb = [1, 0.9, 0.7]
angular_diameter_degrees = 40
distance = 2
matte = "flag.exr"
"""


def rig_file(folder: Path, text: str = RIG) -> str:
    (folder / "rig.toml").write_text(text)
    return str(folder / "rig.toml")


def options(**more: object) -> RelightOptions:
    return RelightOptions(show="heron", plate="p.####.exr", frames="1001", out="o.####.exr", **more)


def test_a_rig_file_says_all_of_a_rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rig = rig_from_file(rig_file(tmp_path))
    assert [(key.frame, key.value) for key in rig.as_shot_key.exposure_stops.keys] == [(1001, 0), (1010, -20)]
    lamp = rig.lamps[0]
    assert [(key.frame, key.value) for key in lamp.azimuth_degrees.keys] == [(1001, -60), (1048, -90)]
    assert (lamp.rgb.red, lamp.rgb.blue, lamp.distance.keys[0].value) == (1, 0.7, 2)
    assert lamp.matte.path == str(tmp_path / "flag.exr")
    assert rig.reference_frame == 1001 and rig.limit_stops == 5


def test_a_rig_that_is_written_reads_the_same(tmp_path: Path) -> None:
    rig = rig_from_file(rig_file(tmp_path, RIG.replace('matte = "flag.exr"\n', "")))
    again = rig_from_file(rig_file(tmp_path, toml_from_rig(rig)))
    assert again == rig


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[as_shot_key]\nstops = 1", "as_shot_key.stops is unknown; there are exposure_stops, cct_kelvin;"),
        ("[[lamps]]\nname = 'a'\nsoftness = 3", "lamps.0.softness is unknown; .*angular_diameter_degrees"),
        ("[[lamp]]\nname = 'a'", "lamp is unknown; there are as_shot_key, as_shot_rest, lamps, "),
        ("[[lamps]]\nname = 'a'\nexposure_stops = { 10x = 0 }", "exposure_stops has keys 10x; frames are whole"),
        ("[lamps.key]\nexposure_stops = 1", "lamps"),
        ("[[lamps]]\nazimuth_degrees = 3", "lamps.0.name"),
        ('[[lamps]]\nname = "a"\ncct_kelvin = "off"', "only stops can be"),
        ('[[lamps]]\nname = "a"\ncct_kelvin = "warm"', "'warm'"),
        ('[[lamps]]\nname = "a"\nazimuth_degrees = {}', "has no key"),
        ("lamps = 3 3", "is no TOML"),
    ],
)
def test_a_wrong_rig_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        rig_from_file(rig_file(tmp_path, text))


def test_options_stand_over_the_file_and_add_lamps(tmp_path: Path) -> None:
    asked = options(
        rig=rig_file(tmp_path), as_shot_key_stops="-2", key_azimuth="-60", key_stops="off", fill_cct="4300", key_cct="0"
    )
    rig = asked.light().rig
    assert [key.value for key in rig.as_shot_key.exposure_stops.keys] == [-2]
    assert rig.as_shot_key.cct_kelvin.keys[0].value == 3200
    lamps = {lamp.name: lamp for lamp in rig.lamps}
    assert set(lamps) == {"window", "key", "fill"}
    assert lamps["key"].exposure_stops.keys[0].value == -20 and not lamps["key"].cct_kelvin.keys
    assert lamps["fill"].cct_kelvin.keys[0].value == 4300


def test_a_word_that_is_no_number_names_its_option() -> None:
    with pytest.raises(RequestError, match="--rim-azimuth is 'left'"):
        options(rim_azimuth="left").light()


def test_what_lies_beside_is_named_after_the_frames(tmp_path: Path) -> None:
    assert beside(str(tmp_path / "sh010.####.exr"), ".rig.toml") == tmp_path / "sh010.rig.toml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("lit")
    dim = np.exp2(-np.linspace(0, 2.5, 80, dtype=np.float32))[None, :, None]
    for frame in (1001, 1002):
        plate = np.maximum(texture_of(2).frame(60, 80, 1.0 * frame), 0.02)
        write_plate(made / f"a.{frame}.exr", plate)
        write_plate(made / f"b.{frame}.exr", plate * dim * np.float32([1.0, 0.8, 0.6]))
    with real_daemon(made / "home") as settings, Client(str(settings.socket_path)) as client:
        client.create_production("heron")
        yield made


def said_by(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    monkeypatch.setenv("INTERNEG_HOME", str(folder / "home"))
    monkeypatch.chdir(folder)
    asked = ["interneg", "relight", "heron", "--plate", "a.####.exr", "--out", "out/o.####.exr", "--json", *words]
    monkeypatch.setattr(sys, "argv", asked)
    try:
        cli.main()
    except SystemExit as ended:
        assert not ended.code, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_frames_are_relit_over_the_wire(folder, monkeypatch, capsys) -> None:
    said = said_by(folder, monkeypatch, capsys, "--frames", "1001-1002", "--key-azimuth", "-60", "--key-cct", "3200")
    assert said["operator"] == "relight" and said["delivered"] == 2 and said["model"] == "base"
    assert any("no circled model" in notice for notice in said["notices"])
    one, plate = read_exr(Path(said["paths"][0])).rgb, read_exr(folder / "a.1001.exr").rgb
    assert (bits_of(one) != bits_of(plate)).mean() > 0.9
    parameters = json.loads(read_exr(Path(said["paths"][0])).origin.parts[0].attributes["interneg.parameters"])
    assert parameters["lamps"][0]["cct_kelvin"] == pytest.approx(3200)


def test_a_preview_is_a_picture_and_nothing_is_rendered(folder, monkeypatch, capsys) -> None:
    said = said_by(folder, monkeypatch, capsys, "--frames", "1001-1002", "--preview", "1002", "--key-azimuth", "60")
    picture = cv2.imread(said["preview"])
    assert picture.shape == (60, 80, 3) and picture.std() > 5
    assert Path(said["preview"]).name == "o.1002.preview.png"


def test_matched_light_is_an_editable_rig_that_brings_it_nearer(folder, monkeypatch, capsys) -> None:
    said = said_by(folder, monkeypatch, capsys, "--frames", "1001", "--match-light", "1001@b.####.exr")
    residual = said["residual_stops"]
    assert said["same_view"] and residual["after"] < 0.6 * residual["before"]
    rig = rig_from_file(said["rig"])
    assert rig.reference_frame == 1001
    out = said_by(folder, monkeypatch, capsys, "--frames", "1001", "--rig", said["rig"])
    made, like = read_exr(Path(out["paths"][0])).rgb, read_exr(folder / "b.1001.exr").rgb
    plate = read_exr(folder / "a.1001.exr").rgb

    def apart(one: np.ndarray) -> float:
        return float(np.sqrt((np.log2((one + 0.01) / (like + 0.01)) ** 2).mean()))

    assert apart(made) < 0.75 * apart(plate)


def test_light_that_matches_already_stays_as_shot(folder, monkeypatch, capsys) -> None:
    said = said_by(folder, monkeypatch, capsys, "--frames", "1001", "--match-light", "1001")
    assert said["residual_stops"]["before"] == pytest.approx(0, abs=1e-3)
    assert not rig_from_file(said["rig"]).lamps
