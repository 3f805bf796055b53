"""What the pages of registers count, in one and in several."""

import pytest

from reports.registers.findings import readings_of
from reports.registers.views import grid


@pytest.mark.parametrize(
    ("words", "one", "several"),
    [
        (grid.SAVED, "1 row saved.", "2 rows saved."),
        (
            grid.NOT_SAVED,
            "1 row not saved; the faults stand at the cells.",
            "2 rows not saved; the faults stand at the cells.",
        ),
        (grid.TAKEN_OVER, "1 measured figure taken over.", "2 measured figures taken over."),
        (
            grid.COPIED,
            "1 line of last month copied; quantities are blank.",
            "2 lines of last month copied; quantities are blank.",
        ),
    ],
)
def test_what_was_done_says_how_many(words, one, several):
    assert (words % {"count": 1}, words % {"count": 2}) == (one, several)


@pytest.mark.parametrize(("count", "words"), [(1, "1 reading of Oven, 5 %"), (1200, "1200 readings of Oven, 5 %")])
def test_late_readings_are_counted_with_their_machine(count, words):
    assert readings_of("Oven, 5 %", count) == words
