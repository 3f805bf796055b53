"""What a draft would say if it were made again now: newer factors, changed rows, and the figures that move.

Issued reports are left alone: their figures are frozen with the factors they rest on.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from calculations import periods
from registers.factors import lookup
from reports import documents
from reports.gathering import gather
from reports.models import Report


@dataclass(frozen=True)
class Moved:
    """A figure of the result table, frozen and as it would be. Texts of Decimals, None where there is none."""

    label: str
    before: dict
    after: dict


@dataclass(frozen=True)
class Again:
    """`changes` of factors it rests on (registers.factors.lookup.Change), `moved` figures of its result."""

    report: Report
    changes: list
    moved: list


def of_open_reports(reports, now) -> list[Again]:
    """Of `reports`, those still open that rest on registers, newest first, with what would change in each."""
    rows = reports.current().filter(is_final=False, figures__isnull=False)
    rows = rows.filter(report_type__in=gather.ENTERED).select_related("factory")
    return [made_again(report, now) for report in rows.order_by("-period_end", "-pk")]


def made_again(report, now) -> Again:
    changes = lookup.changes(factors_of(report.inputs), looked_up_on(report))
    return Again(report, changes, moved(report, now))


def looked_up_on(report) -> date:
    """The day its factors were looked up for: of a rehearsal it lies after the period."""
    said = (report.inputs.get("entered") or {}).get("factors_on")
    return date.fromisoformat(said) if said else report.period_end


def factors_of(frozen) -> list[dict]:
    """The factors frozen with a report, each once; of the year before, where it stands beside, as well."""
    entered = frozen.get("entered") or {}
    parts = [entered, *(entered.get(name) or {} for name in ("current", "previous"))]
    return list({row["key"]: row for part in parts for row in part.get("factors", [])}.values())


def moved(report, now) -> list[Moved]:
    period = periods.around(report.inputs["period"]["kind"], date.fromisoformat(report.inputs["period"]["start_on"]))
    again = {**report.inputs, "entered": gather.entered_for(report.report_type, report.factory, period, now)}
    fresh = documents.figures_of(report.report_type, again)
    pairs = zip(report.figures["result"], fresh["result"], strict=True)
    return [Moved(old["label"], old["figure"], new["figure"]) for old, new in pairs if differs(old, new)]


def differs(old, new):
    values = [None if row["figure"]["value"] is None else Decimal(row["figure"]["value"]) for row in (old, new)]
    return values[0] != values[1]
