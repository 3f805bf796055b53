"""Items of a report: every entry is given, not applicable (with reason) or not provided, never omitted. Pure."""

import re
from datetime import date

from core.number_format import NOT_PROVIDED

GIVEN, MISSING, NOT_APPLICABLE = "given", "missing", "not applicable"
COMPLETE, IN_PART = "complete", "in part"
UNIT_DATA = "entered for the unit"
ISO_DAY = re.compile(r"(?<![\w-])(19|20)\d\d-\d\d-\d\d(?![\w-])")


def days_in_words(text):
    """Replaces ISO dates in a text: 2025-09-22 → 22 Sep 2025."""
    return ISO_DAY.sub(day_in_words, text)


def day_in_words(match):
    try:
        on = date.fromisoformat(match[0])
    except ValueError:
        return match[0]
    return f"{on.day} {on:%b %Y}"


def given(label, value, source=UNIT_DATA) -> dict:
    """An entry with its value, or "not provided" where it is blank."""
    text = "" if value is None else days_in_words(str(value).strip())
    if not text:
        return missing(label)
    return {"label": label, "state": GIVEN, "text": text, "source": source}


def missing(label) -> dict:
    return {"label": label, "state": MISSING, "text": NOT_PROVIDED, "source": ""}


def not_applicable(label, reason) -> dict:
    return {"label": label, "state": NOT_APPLICABLE, "text": f"not applicable ({reason})", "source": ""}


def item(no, title, entries, note="") -> dict:
    """An item; `entries` are strings (labels not provided) or results of given() and not_applicable()."""
    normalised = [missing(entry) if isinstance(entry, str) else entry for entry in entries]
    return {"no": no, "title": title, "entries": normalised, "note": note, "state": state_of(normalised)}


def state_of(entries):
    """complete, in part, or missing (no entry given)."""
    open_entries = sum(1 for entry in entries if entry["state"] == MISSING)
    if not open_entries:
        return COMPLETE
    return MISSING if all(entry["state"] != GIVEN for entry in entries) else IN_PART


def section(no, title, items=(), blocks=(), intro=(), table=None) -> dict:
    """A numbered section; `blocks` are its blocks or names of shared tables."""
    return {
        "no": no,
        "title": title,
        "items": list(items),
        "blocks": list(blocks),
        "intro": list(intro),
        "table": table,
    }


def blank_table(caption, columns) -> dict:
    """The header of a prescribed table that has no rows yet."""
    return {"caption": caption, "columns": list(columns)}


def count_items(sections) -> dict:
    """Counts of all items, of those not provided, and of those provided in part."""
    states = [entry["state"] for part in sections for entry in part["items"]]
    return {"items": len(states), "not_provided": states.count(MISSING), "in_part": states.count(IN_PART)}
