"""The delimiter of a text table, found from its first lines. Pure."""

import csv
from collections import Counter
from collections.abc import Sequence

DELIMITERS = "\t;,|"  # on a tie the earlier one: what stands in a cell is more often a comma
SAMPLE_LINES = 60


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line. Raises csv.Error for a quote that does not end."""
    return next(csv.reader([line], delimiter=delimiter, strict=True), [])


def detect_delimiter(lines: Sequence[str]) -> str:
    """The delimiter that cuts most of the lines into the same number of cells; "" where none cuts any."""
    sample = [line for line in lines[:SAMPLE_LINES] if line.strip()]
    scores = {delimiter: score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0) else ""


def score(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """(lines with the usual number of cells, that number); (0, 0) where it cuts nothing."""
    counts: Counter[int] = Counter()
    for line in lines:
        try:
            cells = len(split_line(line, delimiter))
        except csv.Error:
            cells = line.count(delimiter) + 1
        if cells > 1:
            counts[cells] += 1
    if not counts:
        return 0, 0
    cells, usual = max(counts.items(), key=lambda entry: (entry[1], entry[0]))
    return usual, cells
