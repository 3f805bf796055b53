"""Choices that name a column by its heading, as API and command take them → choices by number. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.table_files.choices import ALL, ChoiceError, Choices, choices_from_json

BY_COLUMN = ("columns", "decimals")


def names_headings(data: Mapping) -> bool:
    """Whether a column is named otherwise than by its number."""
    keys = [key for name in BY_COLUMN if isinstance(data.get(name), Mapping) for key in data[name]]
    return any(not str(key).isdecimal() and key != ALL for key in keys)


def numbered(data: Mapping[str, Any], headings: Iterable[tuple[int, str]]) -> Choices:
    """`headings` of the file by column number. Raises ChoiceError for a heading that none or two have."""
    numbers: dict[str, list[int]] = {}
    for number, heading in headings:
        numbers.setdefault(folded(heading), []).append(number)
    said = dict(data)
    for name in BY_COLUMN:
        if isinstance(said.get(name), Mapping):
            said[name] = {number_of(name, str(key), numbers): value for key, value in said[name].items()}
    return choices_from_json(said)


def number_of(name: str, key: str, numbers: Mapping[str, list[int]]) -> str:
    if key.isdecimal() or key == ALL:
        return key
    found = numbers.get(folded(key), [])
    if len(found) != 1:
        problem = "Two columns are called" if found else "There is no column"
        raise ChoiceError(name, f"{problem} {key[:60]!r}; give its number, from 1.")
    return str(found[0])


def folded(heading: str) -> str:
    return " ".join(heading.split()).casefold()
