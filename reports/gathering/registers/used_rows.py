"""Every row of the registers that a report's period touches, as it stood, and what the checklist misses of them."""

import hashlib
from datetime import date, datetime
from decimal import Decimal

from calculations import periods
from calculations.periods import FINANCIAL_YEAR, Period
from calculations.quantities import text_of
from registers.checks.checklist import checklist
from registers.checks.completeness import RegisterSnapshot
from registers.description import CBAM, FORM_V, PAT, SPCB
from registers.models import REGISTERS
from reports.gathering.registers.rows import rows_in_period

CHECKLISTS = {"spcb": SPCB, "form_v": FORM_V, "pat": PAT, "cbam_summary": CBAM, "cbam_full": CBAM}
COMPARED_WITH_THE_YEAR_BEFORE = {"form_v", "pat"}


def used_rows(report_type: str, factory, period: Period) -> dict[str, list[dict]]:
    """{slug of the register: its rows}: figures as texts with all digits, source, document's digest, last change."""
    covered = [period]
    if report_type in COMPARED_WITH_THE_YEAR_BEFORE:
        covered.append(periods.around(FINANCIAL_YEAR, periods.months_later(period.start, -1)))
    rows: dict[str, dict[int, dict]] = {}
    for register in REGISTERS:
        for span in covered:
            for row in rows_in_period(register.model, factory, span):
                rows.setdefault(register.slug, {})[row.pk] = frozen_row(row)
    return {slug: list(by_pk.values()) for slug, by_pk in rows.items()}


def frozen_row(row) -> dict:
    names = [field.name for field in row._meta.concrete_fields if field.name not in ("factory", "evidence")]
    facts = {name: frozen_value(row, name) for name in names}
    return {
        **{name: value for name, value in facts.items() if value not in (None, "", {})},
        "label": row.label,
        "evidence_sha256": row.evidence.sha256 if row.evidence_id else "",
    }


def frozen_value(row, name: str):
    field = row._meta.get_field(name)
    value = getattr(row, field.attname)
    if isinstance(value, Decimal):
        return text_of(value.normalize())
    return value.isoformat() if isinstance(value, date | datetime) else value


def gaps(report_type: str, factory, period: Period, today: date) -> list[dict]:
    """The checklist's missing rows and fields, grouped as its page groups them."""
    report = CHECKLISTS.get(report_type)
    if report is None:
        return []
    found = checklist(RegisterSnapshot(factory, period, today), report, [])
    return [
        {
            "key": gap_key(section.register, item),
            "title": f"{section.register.title}{f', {item.label}' if item.label else ''}",
            "sentence": f"{item.sentence}{in_months(item.places)}",
            "url": item.places[0][1],
        }
        for section in found.sections
        for item in section.items
    ]


def gap_key(register, item) -> str:
    """The same for the same gap of the same months: a waiver never covers what is missing beyond them."""
    months = [month.isoformat() if month else "" for month, _url in item.places]
    return f"{register.slug}:{digest_of(item.label, item.sentence, *months)}"


def digest_of(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def in_months(places) -> str:
    months = [month for month, _url in places if month is not None]
    if not months:
        return ""
    named = ", ".join(f"{month:%b %Y}" for month in months[:3])
    return f" ({named}{f' and {len(months) - 3} more months' if len(months) > 3 else ''})"
