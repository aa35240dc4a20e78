"""Colour: nothing is clamped, nothing spreads, and what a source is taken for is told."""

from pathlib import Path

import numpy as np
import pytest

from interneg.errors import RequestError
from interneg.plates.colour import PINNED_CONFIG, ColourConfig, linear_from_log, log_from_linear
from synthetic import wild_rgb


@pytest.fixture(scope="module")
def config() -> ColourConfig:
    return ColourConfig()


def test_the_config_is_pinned_by_name(config: ColourConfig) -> None:
    assert PINNED_CONFIG.endswith(config.name)
    assert config.working_space == "ACEScg"


def test_a_studio_config_wins_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    import PyOpenColorIO

    mine = PyOpenColorIO.Config.CreateRaw()
    mine.addColorSpace(PyOpenColorIO.ColorSpace(name="house linear"))
    mine.setRole("scene_linear", "house linear")
    (tmp_path / "house.ocio").write_text(mine.serialize())
    assert ColourConfig(str(tmp_path / "house.ocio")).working_space == "house linear"
    with pytest.raises(RequestError, match="name its colourspace"):
        ColourConfig(str(tmp_path / "house.ocio")).default_space("still", {})
    with pytest.raises(RequestError, match=r"nowhere\.ocio.*set OCIO"):
        ColourConfig(str(tmp_path / "nowhere.ocio"))


@pytest.mark.parametrize("space", ["camera_rec709", "srgb_tx", "lin_rec709", "lin_ap0", "ACEScg"])
def test_there_and_back_with_nothing_clamped(config: ColourConfig, space: str) -> None:
    rgb = np.clip(wild_rgb(13, 7), -100, 60000)
    kept = rgb.copy()
    encoded = config.encoded_from_linear(rgb, space)
    assert np.allclose(
        config.linear_from(encoded, space), rgb, rtol=2e-3, atol=2e-3 * np.abs(rgb).max(axis=-1, keepdims=True)
    )
    assert np.array_equal(rgb, kept)
    assert encoded.min() < 0
    assert encoded.max() > 1


def test_a_known_value(config: ColourConfig) -> None:
    grey = np.full((1, 1, 3), 0.5, np.float32)
    assert np.allclose(config.linear_from(grey, "srgb_tx"), 0.21404114, atol=1e-5)  # IEC 61966-2-1
    assert np.allclose(
        config.linear_from(grey, "camera_rec709"), ((0.5 + 0.099) / 1.099) ** (1 / 0.45), atol=1e-4
    )  # BT.709


def test_nan_and_infinity_stay_in_their_channel(config: ColourConfig) -> None:
    rgb = wild_rgb(4, 4)
    plain = config.linear_from(np.where(np.arange(3) == 1, 0, rgb)[:1, :1].astype(np.float32), "camera_rec709")
    rgb[0, 0, 1], rgb[1, 1, 0] = np.nan, -np.inf
    linear = config.linear_from(rgb, "camera_rec709")
    assert np.isnan(linear[0, 0]).tolist() == [False, True, False]
    assert np.array_equal(linear[0, 0, [0, 2]], plain[0, 0, [0, 2]])
    assert linear[1, 1, 0] == -np.inf
    assert np.isfinite(linear).sum() == rgb.size - 2


@pytest.mark.parametrize(
    ("kind", "metadata", "space", "told"),
    [
        ("exr", {}, "ACEScg", ""),
        ("still", {}, "sRGB Encoded Rec.709 (sRGB)", ""),
        ("still", {"transfer": "linear"}, "ACEScg", "float pixels"),
        ("movie", {}, "Camera Rec.709", ""),
        ("movie", {"transfer": "bt709", "primaries": "bt709"}, "Camera Rec.709", ""),
        ("movie", {"transfer": "smpte170m", "primaries": "smpte170m"}, "Camera Rec.709", ""),
        ("movie", {"transfer": "smpte2084", "primaries": "bt2020"}, "Rec.2100-PQ - Display", "tagged"),
        ("movie", {"transfer": "iec61966-2-1", "primaries": "bt709"}, "sRGB Encoded Rec.709 (sRGB)", "tagged"),
        ("movie", {"transfer": "bt709", "primaries": "bt2020"}, "Camera Rec.709", "no space for"),
        ("dpx", {"transfer": "log"}, "ADX10", "says log"),
        ("dpx", {}, "ADX10", "says nothing"),
        ("dpx", {"transfer": "bt709"}, "Camera Rec.709", ""),
    ],
)
def test_a_source_is_taken_for_what_it_says(
    config: ColourConfig, kind: str, metadata: dict, space: str, told: str
) -> None:
    found, notice = config.default_space(kind, metadata)
    assert found == space
    assert told in notice
    assert bool(told) == bool(notice)


def test_a_wrong_space_is_told_with_near_ones(config: ColourConfig) -> None:
    with pytest.raises(RequestError, match=r"'ACEScgg'.*ACEScg"):
        config.check("ACEScgg")
    with pytest.raises(RequestError, match="LogC4"):
        config.check("logc")
    assert config.check("lin_ap1") == config.check("acescg") == "ACEScg"


def test_chromaticities_name_their_space(config: ColourConfig) -> None:
    assert config.space_of(config.chromaticities("ACEScg") or ()) == "ACEScg"
    assert config.chromaticities("ACES2065-1") != config.chromaticities("lin_rec709")
    assert config.chromaticities("ARRI LogC4") is None
    assert config.space_of((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.3, 0.3)) == ""


def test_the_log_encoding_has_an_inverse_for_every_value() -> None:
    steps = np.logspace(-8, 5, 4001, dtype=np.float32)
    linear = np.concatenate([-steps[::-1], np.zeros(1, np.float32), steps, np.array([-100, 60000, 1], np.float32)])
    log = log_from_linear(linear)
    assert log.dtype == np.float32
    assert np.abs(linear_from_log(log) - linear).max() < 1e-5 * 1e5
    assert np.all(np.abs(linear_from_log(log) - linear) <= 1e-5 * np.abs(linear))
    assert np.all(np.diff(log[:-3]) > 0)
    assert log_from_linear(np.array([0, 1, -1], np.float32)) == pytest.approx([0, 1, -1], abs=1e-6)
    odd = np.array([np.nan, np.inf, -np.inf], np.float32)
    assert np.array_equal(linear_from_log(log_from_linear(odd)), odd, equal_nan=True)
