"""Preview of drafts generated anew: newer factors, changed rows, and the figures that would change.

Final reports are not affected: their figures are frozen with their factors.
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
class FigureChange:
    """A figure of the result table: as frozen, and as it would be now. Values are Decimal texts or None."""

    label: str
    before: dict
    after: dict


@dataclass(frozen=True)
class ReportPreview:
    """Changes of the report's factors (registers.factors.lookup.FactorDifference) and of its result figures."""

    report: Report
    factor_changes: list
    figure_changes: list


def preview_open_reports(reports, now) -> list[ReportPreview]:
    """Previews of the drafts among `reports` that use registers, newest first."""
    rows = reports.current().filter(is_final=False, figures__isnull=False)
    rows = rows.filter(report_type__in=gather.REGISTER_GATHERERS).select_related("factory")
    return [preview_report(report, now) for report in rows.order_by("-period_end", "-pk")]


def preview_report(report, now) -> ReportPreview:
    factor_changes = lookup.factor_differences(frozen_factors(report.inputs), factor_lookup_date(report))
    return ReportPreview(report, factor_changes, changed_figures(report, now))


def factor_lookup_date(report) -> date:
    """The day its factors were looked up for; of a rehearsal a day after the period."""
    factors_on = (report.inputs.get("entered") or {}).get("factors_on")
    return date.fromisoformat(factors_on) if factors_on else report.period_end


def frozen_factors(frozen) -> list[dict]:
    """The distinct factors frozen with a report, including those of the year before."""
    registers = frozen.get("entered") or {}
    register_parts = [registers, *(registers.get(name) or {} for name in ("current", "previous"))]
    return list({row["key"]: row for part in register_parts for row in part.get("factors", [])}.values())


def changed_figures(report, now) -> list[FigureChange]:
    period = periods.around(report.inputs["period"]["kind"], date.fromisoformat(report.inputs["period"]["start_on"]))
    inputs_now = {**report.inputs, "entered": gather.register_data_for(report.report_type, report.factory, period, now)}
    figures_now = documents.figures_of(report.report_type, inputs_now)
    pairs = zip(report.figures["result"], figures_now["result"], strict=True)
    return [FigureChange(old["label"], old["figure"], new["figure"]) for old, new in pairs if differs(old, new)]


def differs(old, new) -> bool:
    values = [None if row["figure"]["value"] is None else Decimal(row["figure"]["value"]) for row in (old, new)]
    return values[0] != values[1]
