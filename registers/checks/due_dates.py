"""Statutory due dates of returns and declarations. Pure."""

from datetime import date
from typing import NamedTuple

from calculations.periods import CALENDAR_YEAR, FINANCIAL_YEAR, QUARTER, Period, around, months_later
from registers.description import CBAM, FORM_V, PAT, SPCB

FIRST_DECLARATION = 2027


class Due(NamedTuple):
    on: date
    title: str
    rule: str
    report: str = ""  # the report whose checklist applies
    period: Period | None = None
    condition: str = ""  # to whom it applies


def due_between(first: date, last: date) -> list[Due]:
    """All due dates from `first` to `last`, sorted."""
    dues = [due for year in range(first.year, last.year + 1) for due in due_in_year(year)]
    return sorted((due for due in dues if first <= due.on <= last), key=lambda due: (due.on, due.title))


def due_in_year(year: int) -> list[Due]:
    ended = around(FINANCIAL_YEAR, date(year, 3, 31))
    return [
        Due(date(year, 6, 30), "Energy return (Form I)", "EC Rules 2007, r. 3", PAT, ended, "designated consumers"),
        Due(date(year, 6, 30), "Hazardous waste return (Form 4)", "HOWM Rules 2016", FORM_V, ended, "waste generators"),
        Due(date(year, 7, 31), "Emission intensity (CCTS Form A)", "about this day", PAT, ended, "obligated entities"),
        Due(date(year, 9, 30), "Environmental Statement (Form V)", "EP Rules 1986, r. 14", FORM_V, ended),
        *declarations(year),
        *(quarterly_return(date(year, month, 1)) for month in (1, 4, 7, 10)),
    ]


def declarations(year: int) -> list[Due]:
    """The importers' declarations; the first one, of 2026, is due in 2027."""
    if year < FIRST_DECLARATION:
        return []
    title_rule_report = ("CBAM declaration of the importers", "Regulation (EU) 2023/956, Art. 6", CBAM)
    calendar = around(CALENDAR_YEAR, date(year - 1, 1, 1))
    return [Due(date(year, 9, 30), *title_rule_report, calendar, "they need the operator's report well before")]


def quarterly_return(on: date) -> Due:
    quarter = around(QUARTER, months_later(on, -1))
    return Due(on, "Quarterly OCEMS return", "CPCB protocol, 13 March 2018", SPCB, quarter, "where OCEMS is prescribed")
