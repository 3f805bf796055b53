"""Formatting of percentages: 100 means all of it."""

import pytest
from django.template.loader import render_to_string

from core.number_format import share


@pytest.mark.parametrize(
    ("percent", "written"),
    [(None, "–"), (0, "0.0"), (92, "92.0"), (99.6, "99.6"), (99.96, "99.9"), (99.99999999999, "100.0"), (100, "100.0")],
)
def test_a_share_is_cut_so_that_only_the_whole_reads_as_the_whole(percent, written):
    assert share(percent) == written


@pytest.mark.parametrize(
    ("value", "unit", "shown"), [(99.96, "%", "99.9"), (100, "%", "100.0"), (99.96, "kWh", "100.0")]
)
def test_a_figure_that_is_a_share_is_cut_and_another_rounded(value, unit, shown):
    assert f">{shown}<" in render_to_string("_figure.html", {"value": value, "unit": unit, "decimals": 1})
