"""Which breach of a second judgement is which alert of the first. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

Span = tuple[datetime, datetime | None]  # start and end; None: it lasts


class Matching(NamedTuple):
    """Places in the two lists: pairs (breach, alert), and what is left of either."""

    pairs: list[tuple[int, int]]
    new: list[int]  # breaches without an alert
    gone: list[int]  # alerts without a breach


def overlap(first: Span, second: Span) -> bool:
    """Whether two spans share time, or their start."""
    if first[0] == second[0]:
        return True
    earlier, later = sorted((first, second), key=lambda span: span[0])
    return earlier[1] is None or later[0] < earlier[1]


def match(breaches: Sequence[Span], alerts: Sequence[Span]) -> Matching:
    """Pair each breach with the alert of the same start, else with the earliest alert that overlaps it."""
    pairs: dict[int, int] = {}
    by_start: dict[Any, int] = {}
    for place, span in enumerate(alerts):
        by_start.setdefault(span[0], place)
    for place, span in enumerate(breaches):
        if span[0] in by_start:
            pairs[place] = by_start.pop(span[0])
    taken = set(pairs.values())
    for place, span in enumerate(breaches):
        if place in pairs:
            continue
        free = (other for other, its in enumerate(alerts) if other not in taken and overlap(span, its))
        found = next(free, None)
        if found is not None:
            pairs[place] = found
            taken.add(found)
    return Matching(
        sorted(pairs.items()),
        [place for place in range(len(breaches)) if place not in pairs],
        [place for place in range(len(alerts)) if place not in taken],
    )
