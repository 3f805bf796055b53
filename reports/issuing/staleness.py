"""What changed of a report's inputs since they were frozen: readings, particulars, register entries, factors."""

import json

from django.conf import settings

from registers.models import REGISTERS
from reports.gathering import gather
from reports.gathering.registers import used_rows
from reports.models import Report

READINGS, PARTICULARS, ENTRIES = "readings of the period", "particulars of the unit", "entries of the registers"
GATHERED = "factors or other values that the entries rest on"
MOST_NAMED = 3


def changes_since(report: Report, now) -> list[str]:
    """The kinds of input that differ from the frozen ones, in words; empty where none does."""
    found, inputs = [], report.inputs
    start, end = gather.period_bounds(inputs)
    if gather.fingerprint(report.factory, start, end) != inputs["fingerprint"]:
        found.append(READINGS)
    unit = as_stored(gather.unit(report.factory))
    if any(unit.get(name) != value for name, value in inputs["unit"].items()):
        found.append(PARTICULARS)
    if inputs.get("entered") is not None:
        found += changed_entries(report, now)
    return found


def changed_entries(report: Report, now) -> list[str]:
    """By the rows themselves; what was gathered of them is compared only where the same release gathered it."""
    if titles := changed_registers(report):
        named = f"{', '.join(titles[:MOST_NAMED])}{' …' if len(titles) > MOST_NAMED else ''}"
        return [f"{ENTRIES} ({named})"]
    if report.inputs.get("release") != settings.VERSION:
        return []
    entered = gather.register_data_for(report.report_type, report.factory, gather.period_of(report.inputs), now)
    return [GATHERED] if as_stored(entered) != report.inputs["entered"] else []


def changed_registers(report: Report) -> list[str]:
    """The titles of the registers whose rows differ from the frozen ones.

    An earlier release froze no rows: there, those that were saved after the report was made.
    """
    rows = as_stored(used_rows.used_rows(report.report_type, report.factory, gather.period_of(report.inputs)))
    frozen = report.inputs.get("register_rows")
    if frozen is None:
        made_at = report.generated_at.isoformat()
        return [r.title for r in REGISTERS if any(row["changed_at"] > made_at for row in rows.get(r.slug, []))]
    return [r.title for r in REGISTERS if without_time(frozen.get(r.slug, [])) != without_time(rows.get(r.slug, []))]


def as_stored(value):
    """As it comes back from the database: tuples are lists there, and keys texts."""
    return json.loads(json.dumps(value))


def without_time(rows: list[dict]) -> list[dict]:
    """In a fixed order; a row that was saved again without a change is the same."""
    kept = [{name: value for name, value in row.items() if name != "changed_at"} for row in rows]
    return sorted(kept, key=lambda row: row["id"])
