import json

import numpy as np

from interneg.production.provenance import PREFIX, Answered, FrameRecord, hash_from_matte, versions_here


def a_record() -> FrameRecord:
    return FrameRecord(
        operator="clean",
        frame=1001,
        parameters={"matte": "wire.####.exr", "grow_pixels": 1.5, "channel": None, "keys": [{"frame": 1}]},
        seed=7,
        answered=Answered("v002", "ab", "base-1", "ef"),
        matte_hash="cd",
        seen=0.75,
        synthesised=1 / 3,
        production="alpha",
    )


def test_record_says_how_the_frame_was_made() -> None:
    said = a_record().attributes()
    assert said["interneg.operator"] == "clean"
    assert said["interneg.model"] == "v002" and said["interneg.model_hash"] == "ab"
    assert said["interneg.base"] == "base-1" and said["interneg.base_hash"] == "ef"
    assert said["interneg.seen"] == "0.750000"
    assert said["interneg.synthesised"] == "0.333333"
    assert json.loads(said["interneg.parameters"])["grow_pixels"] == 1.5
    assert set(json.loads(said["interneg.versions"])) >= {"python", "interneg", "numpy"}
    assert all(name.startswith(PREFIX) and text for name, text in said.items())


def test_what_is_empty_is_left_out() -> None:
    said = FrameRecord("clean", 1, {}).attributes()
    assert said["interneg.model"] == "classical"
    assert not {"interneg.base", "interneg.base_hash", "interneg.model_hash", "interneg.matte_hash"} & set(said)


def test_equal_wishes_give_equal_bits() -> None:
    one = FrameRecord("reframe", 1, {"a": 1, "b": 2}).attributes()
    other = FrameRecord("reframe", 1, {"b": 2, "a": 1}).attributes()
    assert list(one.items()) == list(other.items())


def test_versions_name_what_is_installed() -> None:
    versions = versions_here()
    assert versions["numpy"] == np.__version__
    assert versions["interneg"] != "absent"


def test_matte_hash_follows_coverage_and_size() -> None:
    matte = np.zeros((3, 4), np.float32)
    other = matte.copy()
    other[1, 2] = 1e-3
    assert hash_from_matte(matte) == hash_from_matte(matte.copy(order="F"))
    assert len({hash_from_matte(matte), hash_from_matte(other), hash_from_matte(matte.reshape(4, 3))}) == 3
