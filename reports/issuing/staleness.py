"""What changed of a report's inputs since they were frozen: readings, entries of the registers, particulars."""

import json

from registers.models import REGISTERS
from reports.gathering import gather
from reports.gathering.registers import used_rows
from reports.models import Report

READINGS, PARTICULARS, ENTRIES = "readings of the period", "particulars of the unit", "entries of the registers"
MOST_NAMED = 3


def changes_since(report: Report, now) -> list[str]:
    """The kinds of input that differ from the frozen ones, in words; empty where none does."""
    found, inputs = [], report.inputs
    start, end = gather.period_bounds(inputs)
    if gather.fingerprint(report.factory, start, end) != inputs["fingerprint"]:
        found.append(READINGS)
    if as_stored(gather.unit(report.factory)) != {name: inputs["unit"].get(name) for name in inputs["unit"]}:
        found.append(PARTICULARS)
    if inputs.get("entered") is not None and entries_differ(report, now):
        found.append(entries_in_words(report))
    return found


def entries_differ(report: Report, now) -> bool:
    entered = gather.register_data_for(report.report_type, report.factory, gather.period_of(report.inputs), now)
    return as_stored(entered) != report.inputs["entered"]


def as_stored(value):
    """As it comes back from the database: tuples are lists there, and keys texts."""
    return json.loads(json.dumps(value))


def entries_in_words(report: Report) -> str:
    """With the registers whose rows differ from the frozen ones."""
    frozen, period = report.inputs.get("register_rows") or {}, gather.period_of(report.inputs)
    rows = as_stored(used_rows.used_rows(report.report_type, report.factory, period))
    titles = [
        register.title
        for register in REGISTERS
        if without_time(frozen.get(register.slug, [])) != without_time(rows.get(register.slug, []))
    ]
    named = f" ({', '.join(titles[:MOST_NAMED])}{' …' if len(titles) > MOST_NAMED else ''})" if titles else ""
    return f"{ENTRIES}{named}"


def without_time(rows: list[dict]) -> list[dict]:
    """A row that was saved again without a change is the same."""
    return [{name: value for name, value in row.items() if name != "changed_at"} for row in rows]
