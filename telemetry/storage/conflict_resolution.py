"""Conflict resolution of readings with the same device and time: new, duplicate or conflict. Pure."""

from typing import NamedTuple

from telemetry.metrics import METRIC_NAMES


class ReadingState(NamedTuple):
    """The stored values at one key; all None where nothing is stored."""

    values: tuple = (None,) * len(METRIC_NAMES)
    suspect: int = 0
    extra: dict | None = None


class ResolutionOutcome(NamedTuple):
    """The outcome of the rows of one key; each row is in exactly one of the three lists."""

    state: ReadingState  # to be stored
    accepted: list
    duplicates: list
    conflicts: list  # (row, description of the contradiction)


def resolve(state: ReadingState, rows) -> ResolutionOutcome:
    """Merge `rows` one after the other into the state of their common key."""
    outcome = ResolutionOutcome(state, [], [], [])
    for row in rows:
        contradiction = contradictions(state.values, row.values)
        if contradiction:
            outcome.conflicts.append((row, contradiction))
            continue
        merged = merge(state, row)
        if merged == state:
            outcome.duplicates.append(row)
        else:
            outcome.accepted.append(row)
            state = merged
    return outcome._replace(state=state)


def contradictions(stored: tuple, sent: tuple) -> str:
    """'temperature: 850.5 is stored, 900.0 was sent', or nothing where the two agree."""
    return "; ".join(
        f"{name}: {old!r} is stored, {new!r} was sent"
        for name, old, new in zip(METRIC_NAMES, stored, sent, strict=True)
        if old is not None and new is not None and old != new
    )


def merge(state: ReadingState, row) -> ReadingState:
    """The stored values, completed by those only `row` has; of extra fields the first value stays."""
    values = tuple(new if old is None else old for old, new in zip(state.values, row.values, strict=True))
    extra = {**(row.extra or {}), **(state.extra or {})} or None
    return ReadingState(values, state.suspect | row.suspect, extra)
