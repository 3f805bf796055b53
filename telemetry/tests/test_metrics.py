"""The registry of metrics: how a metric is written beside a figure and inside a sentence."""

import pytest

from telemetry.metrics import BY_NAME


@pytest.mark.parametrize(
    ("label", "in_sentence"),
    [
        ("Temperature", "temperature"),
        ("Gas index", "gas index"),
        ("Vibration X", "vibration X"),
        ("Vibration (worst axis)", "vibration (worst axis)"),
        ("CO₂ in flue gas", "CO₂ in flue gas"),
        ("pH", "pH"),
        ("THD of voltage", "THD of voltage"),
    ],
)
def test_only_an_ordinary_first_word_loses_its_capital_in_a_sentence(label, in_sentence):
    assert BY_NAME["temperature"]._replace(label=label).label_in_sentence == in_sentence


@pytest.mark.parametrize(
    ("name", "unit"), [("power_consumption", "kW"), ("gas_index", ""), ("temperature", "°C"), ("humidity", "% RH")]
)
def test_power_is_shown_in_kilowatts_and_the_gas_index_without_a_unit(name, unit):
    assert BY_NAME[name].shown_unit == unit
