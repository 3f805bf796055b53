"""The checklist of each report over its period: missing fields and findings."""

from dataclasses import dataclass, field

from calculations import periods
from calculations.periods import CALENDAR_YEAR, FINANCIAL_YEAR, MONTH, QUARTER, Period
from registers.checks import findings
from registers.checks.completeness import RegisterSnapshot
from registers.description import CBAM, FORM_V, PAT, REPORTS, SPCB
from registers.models import REGISTERS

REPORT_PERIODS = [
    (SPCB, MONTH),
    (SPCB, QUARTER),
    (FORM_V, FINANCIAL_YEAR),
    (PAT, FINANCIAL_YEAR),
    (CBAM, CALENDAR_YEAR),
]


@dataclass
class ChecklistItem:
    """One line of a register and its missing fields, grouped over the months in which the same ones are missing."""

    label: str
    sentence: str
    is_absent: bool
    places: list = field(default_factory=list)  # (month or None, URL of the cell)


@dataclass
class ChecklistSection:
    register: object
    items: list

    @property
    def count(self):
        return sum(len(item.places) for item in self.items)


@dataclass
class Checklist:
    """Missing data and findings of one report in one period."""

    report: str
    period: Period
    label: str
    sections: list
    findings: list
    exemption: object = None  # RegisterExemption, where the report is not applicable
    locked_months: int = 0
    months: int = 0

    @property
    def title(self):
        return REPORTS[self.report]

    @property
    def count(self):
        return sum(section.count for section in self.sections)

    @property
    def anchor(self):
        return f"{self.report}-quarter" if self.period.kind == QUARTER else self.report


def checklists(factory, month, today, now) -> list[Checklist]:
    """Every report's checklist for the month, quarter, financial and calendar year in which `month` lies."""
    snapshot = snapshot_around(factory, month, today)
    all_findings = findings.find_all(snapshot, now)
    return [checklist(snapshot.within(period), report, all_findings) for report, period in report_periods_around(month)]


def report_periods_around(month) -> list:
    return [(report, periods.around(kind, month)) for report, kind in REPORT_PERIODS]


def snapshot_around(factory, month, today) -> RegisterSnapshot:
    """The registers over all periods that the reports around `month` cover."""
    covered_periods = [period for _report, period in report_periods_around(month)]
    return RegisterSnapshot(
        factory, Period("span", min(p.start for p in covered_periods), max(p.end for p in covered_periods)), today
    )


def checklists_without_findings(snapshot, month) -> list[Checklist]:
    """The checklists from a snapshot already read, without findings."""
    return [checklist(snapshot.within(period), report, []) for report, period in report_periods_around(month)]


def checklist(snapshot, report, all_findings) -> Checklist:
    period, months = snapshot.period, snapshot.months()
    exemption = snapshot.report_exemptions.get(report)
    sections = [] if exemption else [ChecklistSection(r, group_gaps(snapshot.gaps(r, report))) for r in REGISTERS]
    return Checklist(
        report,
        period,
        period.label,
        [section for section in sections if section.items],
        [] if exemption else [finding for finding in all_findings if finding.concerns(report, period)],
        exemption,
        sum(1 for month in months if month in snapshot.locked),
        len(months),
    )


def group_gaps(gaps) -> list[ChecklistItem]:
    """Group gaps that differ only in their month."""
    items = {}
    for gap in sorted(gaps, key=lambda gap: (gap.label, not gap.is_absent, gap.sentence)):
        item = items.setdefault((gap.label, gap.sentence), ChecklistItem(gap.label, gap.sentence, gap.is_absent))
        item.places.append((gap.month, gap.url))
    for item in items.values():
        item.places.sort(key=lambda place: (place[0] is not None, place[0]))
    return list(items.values())


def late_sentence(lock) -> str:
    """“12 readings of Main furnace”: the late readings of a locked month; "" for none."""
    return findings.late_readings_text(lock)
