"""What rests on a row. Floors above say so here, so that archiving can refuse without knowing them."""

from collections import defaultdict

_reference_checks = defaultdict(list)


class StillReferenced(ValueError):
    """Archiving would hide a row on which readings or reports rest."""


def archive_guard(model):
    """Decorator: `question(row)` says in a sentence what rests on a row of `model`, or returns None."""

    def register(check):
        _reference_checks[model].append(check)
        return check

    return register


def refuse_if_referenced(row):
    for check in _reference_checks[type(row)]:
        reason = check(row)
        if reason:
            raise StillReferenced(reason)
