"""Guards against archiving rows that are still referenced. Higher apps register theirs, so that this module imports
none of them."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

ReferenceCheck = Callable[[Any], str | None]
_reference_checks: dict[type, list[ReferenceCheck]] = defaultdict(list)


class StillReferenced(ValueError):
    """The row is still referenced by readings or reports, so it cannot be archived."""


def archive_guard(model: type) -> Callable[[ReferenceCheck], ReferenceCheck]:
    """Decorator: the function returns, for a row of `model`, a sentence naming what references it, or None."""

    def register(check: ReferenceCheck) -> ReferenceCheck:
        _reference_checks[model].append(check)
        return check

    return register


def refuse_if_referenced(row: Any) -> None:
    """Raises StillReferenced with the reason of the first guard that has one."""
    for check in _reference_checks[type(row)]:
        reason = check(row)
        if reason:
            raise StillReferenced(reason)
