"""One value of a sound report made wrong, and what is then found there."""

import copy


def with_value(data, path, value):
    changed = copy.deepcopy(data)
    *steps, last = path
    target = changed
    for step in steps:
        target = target.setdefault(step, {}) if isinstance(target, dict) else target[step]
    if value is GONE:
        del target[last]
    else:
        target[last] = value
    return changed


GONE = object()


def found_at(findings, rule, place):
    return [finding for finding in findings if (finding.rule, finding.place) == (rule, place)]
