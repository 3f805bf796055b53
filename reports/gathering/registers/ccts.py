"""Input of the emission intensity of a unit in the CCTS Schedule: source streams and bought electricity."""

from registers import models
from reports.gathering.registers import calculation_input
from reports.gathering.registers.cbam_streams import streams
from reports.gathering.registers.rows import as_text, register_url, rows_in_period

FACTOR = "grid_factor_t_per_mwh"


def intensity_data(year) -> dict | None:
    """Of a financial year (`PatRegisterYear`); None for units not in the Schedule."""
    if not (year.particulars and year.particulars.obligated_registration):
        return None
    context = CctsRegisterYear(year)
    rows = [calculation_input.as_file(row) for row, _process in streams(context)]
    statement = year.statement
    return {
        "streams": [{name: as_text(value) for name, value in row.items()} for row in rows],
        "sources": context.sources,
        "grid_factor_t_per_mwh": as_text(getattr(statement, FACTOR)) if statement else None,
        "grid_factor_source": statement.get_source_display() if statement else "",
        "target_t_co2e_per_t": as_text(statement.target_t_co2e_per_t) if statement else None,
        "left_out": context.left_out,
        "url": register_url(models.YearStatement),
    }


class CctsRegisterYear:
    """Adapter of a financial year for `cbam_streams.streams`; streams belong to the unit, not to a process."""

    def __init__(self, year) -> None:
        self.factory, self.period, self.factors = year.factory, year.period, year.factors
        self.places, self.sources, self.left_out = {}, {}, []

    def rows(self, model):
        return rows_in_period(model, self.factory, self.period)

    def process_name_of(self, process) -> None:
        return None

    def leave_out(self, what, why, url) -> None:
        self.left_out.append({"what": what, "why": why, "url": url})
