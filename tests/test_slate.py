import pytest

from interneg.errors import RequestError
from interneg.production.slate import Setup, Slate, Take, read_slate, setups_from_takes
from interneg.settings import load_settings

DEFAULT = load_settings().slate_pattern


def a_take(take_id: str, setup: str = "", take: str = "") -> Take:
    return Take(take_id, f"{take_id}.mov", Slate(setup, take), "prores", 1, 24, 24, 24.0, 1920, 1080, "ACEScg")


@pytest.mark.parametrize(
    ("name", "setup", "take"),
    [
        ("sc12_tk03.mov", "12", "03"),
        ("12A-3.mkv", "12A", "3"),
        ("setup01_take02.####.exr", "01", "02"),
        ("setup01_take02.%04d.exr", "01", "02"),
        ("setup01_take02.$F4.exr", "01", "02"),
        ("/dailies/day 3/sc12_tk03.mov", "12", "03"),
        ("D:\\dailies\\sc12_tk03.mov", "12", "03"),
        ("interview.mov", "", ""),
        ("", "", ""),
    ],
)
def test_default_pattern_reads_slates(name: str, setup: str, take: str) -> None:
    slate = read_slate(name, DEFAULT)
    assert (slate.setup, slate.take) == (setup, take)


def test_camera_comes_from_the_clip_name() -> None:
    assert read_slate("A012_C003.mov", DEFAULT) == Slate("A012", "003", "A")


def test_a_production_may_bring_a_pattern_of_its_own() -> None:
    pattern = r"^(?P<camera>[A-Z])cam_(?P<setup>\w+?)__(?P<take>\d+)"
    assert read_slate("Bcam_rooftop__7_v2.mov", pattern) == Slate("rooftop", "7", "B")


def test_a_group_that_took_no_part_is_empty() -> None:
    assert read_slate("rooftop.mov", r"(?P<setup>[a-z]+)(_(?P<take>\d+))?") == Slate("rooftop", "")


@pytest.mark.parametrize("pattern", ["(", r"(?P<take>\d+)", ""])
def test_a_pattern_that_cannot_read_is_refused(pattern: str) -> None:
    with pytest.raises(RequestError, match="slate pattern"):
        read_slate("a.mov", pattern)


def test_setups_gather_their_takes() -> None:
    first, second, other, loose = (
        a_take("a", "12", "1"),
        a_take("b", "12", "2"),
        a_take("c", "11", "1"),
        a_take("zz"),
    )
    assert setups_from_takes([first, other, loose, second]) == (
        Setup("11", (other,)),
        Setup("12", (first, second)),
        Setup("zz", (loose,)),
    )
