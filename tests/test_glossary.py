"""The glossary says of every control what the control says of itself."""

import re
from pathlib import Path

import pytest

from interneg_bridge.controls import OPERATORS, REACH_FRAMES, SENSITIVITY, NumberControl, TextControl

GLOSSARY = (Path(__file__).resolve().parents[1] / "docs" / "glossary.md").read_text(encoding="utf-8")
NUMBERS = {number.name: number for operator in OPERATORS for number in operator.numbers} | {
    "reach_frames": REACH_FRAMES,
    "sensitivity": SENSITIVITY,
}
TEXTS = {text.name: text for operator in OPERATORS for text in operator.texts}


def _rows() -> dict[str, list[str]]:
    """Unit, range and neutral of the controls' table, by code name."""
    table = GLOSSARY.partition("## Controls")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return {cells[1].strip("`"): cells[2:] for cells in rows[2:]}


def test_every_control_stands_in_the_glossary_and_no_other():
    assert set(_rows()) == set(NUMBERS) | set(TEXTS)


@pytest.mark.parametrize("number", NUMBERS.values(), ids=lambda number: number.name)
def test_a_number_has_its_unit_range_and_neutral(number: NumberControl):
    unit, between, neutral = _rows()[number.name]
    assert unit.startswith(number.unit) and unit
    assert tuple(map(float, between.split(" to "))) == (number.minimum, number.maximum)
    assert float(neutral) == number.neutral
    assert ("whole" in unit or unit == "frames") == number.whole


@pytest.mark.parametrize("text", TEXTS.values(), ids=lambda text: text.name)
def test_a_text_is_neutral_when_empty(text: TextControl):
    assert text.neutral == "" and _rows()[text.name][2].startswith("empty")


@pytest.mark.parametrize("control", [*NUMBERS.values(), *TEXTS.values()], ids=lambda control: control.name)
def test_a_control_is_called_as_hosts_label_it(control: NumberControl | TextControl):
    called = {code: said for said, code in re.findall(r"^\| ([^|]+?) \| `(\w+)` \|", GLOSSARY, re.MULTILINE)}
    assert set(control.label.lower().split()) <= set(re.findall(r"[\w-]+", called[control.name].lower()))
