"""Every control is stated once, completely, and readable by the oldest host's Python."""

import ast
import math
import sys
from pathlib import Path

import pytest

from interneg_bridge import controls
from interneg_bridge.controls import CLEAN, OPERATORS, REFRAME, NumberControl, operator_controls

NUMBERS = sorted(
    {number for operator in OPERATORS for number in operator.numbers} | {controls.REACH_FRAMES, controls.SENSITIVITY},
    key=lambda number: number.name,
)
TEXTS = sorted({text for operator in OPERATORS for text in operator.texts}, key=lambda text: text.name)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_number_has_its_range_neutral_and_help(number: NumberControl):
    assert number.minimum <= number.slider_minimum <= number.neutral <= number.slider_maximum <= number.maximum
    assert number.label and number.help.endswith(".")
    assert number.fault(number.neutral) == ""
    assert number.fault(number.minimum) == number.fault(number.maximum) == ""


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
@pytest.mark.parametrize("off", [-1, 1])
def test_a_value_outside_its_range_is_named_with_the_range(number: NumberControl, off: int):
    value = (number.maximum if off > 0 else number.minimum) + off
    fault = number.fault(value)
    assert f"{value:g}" in fault and number.label in fault and f"{number.maximum:g}" in fault


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_refused(number: NumberControl, value: float):
    assert number.fault(value)


def test_a_seed_is_whole():
    assert "whole" in controls.SEED.fault(1.5)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_a_text_has_a_label_and_help(text: controls.TextControl):
    assert text.label and text.help.endswith(".") and text.neutral == ""


def test_names_are_unique_within_an_operator():
    for operator in OPERATORS:
        names = [control.name for control in (*operator.numbers, *operator.texts)]
        assert len(names) == len(set(names))


def test_operators_and_controls_are_found_by_name():
    assert operator_controls("clean") is CLEAN and operator_controls("reframe") is REFRAME
    assert REFRAME.control("pan") is controls.PAN and CLEAN.control("show") is controls.SHOW
    with pytest.raises(KeyError):
        operator_controls("repaint")
    with pytest.raises(KeyError):
        CLEAN.control("pan")


def test_controls_import_the_standard_library_only_and_parse_as_python_3_9():
    source = Path(controls.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)
