"""Guards against archiving rows that are still referenced. Higher apps register theirs, so that this module imports
none of them."""

from collections import defaultdict

_reference_checks = defaultdict(list)


class StillReferenced(ValueError):
    """The row is still referenced by readings or reports, so it cannot be archived."""


def archive_guard(model):
    """Decorator: the function returns, for a row of `model`, a sentence naming what references it, or None."""

    def register(check):
        _reference_checks[model].append(check)
        return check

    return register


def refuse_if_referenced(row) -> None:
    """Raises StillReferenced with the reason of the first guard that has one."""
    for check in _reference_checks[type(row)]:
        reason = check(row)
        if reason:
            raise StillReferenced(reason)
