"""What rests on a row. Floors above say so here, so that archiving can refuse without knowing them."""

from collections import defaultdict

_asked = defaultdict(list)


class SomethingRests(ValueError):
    """Archiving would hide a row on which readings or reports rest."""


def rests_on(model):
    """Decorator: `question(row)` says in a sentence what rests on a row of `model`, or returns None."""

    def remember(question):
        _asked[model].append(question)
        return question

    return remember


def refuse_if_anything_rests_on(row):
    for question in _asked[type(row)]:
        answer = question(row)
        if answer:
            raise SomethingRests(answer)
