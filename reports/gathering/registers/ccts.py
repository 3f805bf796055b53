"""What the emission intensity of a unit in the CCTS Schedule rests on: its source streams and bought electricity."""

from registers import models as kept
from reports.gathering.registers import calculation_input
from reports.gathering.registers.cbam_streams import streams
from reports.gathering.registers.rows import said, sheet, within

FACTOR = "grid_factor_t_per_mwh"


def entered(year) -> dict | None:
    """Of a financial year (`entered.pat.Year`); None for a unit that is not in the Schedule."""
    if not (year.particulars and year.particulars.obligated_registration):
        return None
    found = Streams(year)
    rows = [calculation_input.as_file(row) for row, _process in streams(found)]
    told = year.statement
    return {
        "streams": [{name: said(value) for name, value in row.items()} for row in rows],
        "sources": found.sources,
        "grid_factor_t_per_mwh": said(getattr(told, FACTOR)) if told else None,
        "grid_factor_source": told.get_source_display() if told else "",
        "target_t_co2e_per_t": said(told.target_t_co2e_per_t) if told else None,
        "left_out": found.left_out,
        "url": sheet(kept.YearStatement),
    }


class Streams:
    """A financial year as `cbam_streams.streams` asks for one; streams belong to the unit, not to a process."""

    def __init__(self, year):
        self.factory, self.period, self.factors = year.factory, year.period, year.factors
        self.places, self.sources, self.left_out = {}, {}, []

    def rows(self, model):
        return within(model, self.factory, self.period)

    def belongs_to(self, process):
        return None

    def leave_out(self, what, why, url):
        self.left_out.append({"what": what, "why": why, "url": url})
