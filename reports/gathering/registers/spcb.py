"""What a State board asks of a unit, from the registers: of a month, a quarter, or a year beside another.

Laboratory results stay as the laboratory wrote them; limits are those of the consents.
"""

from decimal import Decimal

from calculations import periods
from registers import models as kept
from registers.checks.due_dates import due_between
from registers.models.factors import Factor
from reports.gathering.registers.rows import (
    address,
    grouped,
    months_with,
    plain,
    said,
    sourced,
    summed,
    the_one,
    within,
)

PER_DAY, PER_MONTH, PER_YEAR = "day", "month", "year"
MONTHS_OF_YEAR = Decimal(12)


def entered(factory, period, now) -> dict:
    """Of a month or quarter."""
    return {"current": Span(factory, period, now).frozen()}


def entered_two_years(factory, period, now) -> dict:
    """Of a financial year and the one before, which Form V lays side by side."""
    before = periods.around(period.kind, period.start.replace(year=period.start.year - 1))
    return {"current": Span(factory, period, now).frozen(), "previous": Span(factory, before, now).frozen()}


class Span:
    """The registers of one period."""

    def __init__(self, factory, period, now):
        self.factory, self.period = factory, period
        self.made_on = periods.today(now, factory.zone)
        self.months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
        operating = self.rows(kept.OperatingMonth)
        self.days, self.hours = summed(operating, "operating_days"), summed(operating, "operating_hours")
        self.days_source = sourced(operating)

    def rows(self, model):
        return within(model, self.factory, self.period)

    def frozen(self) -> dict:
        about = the_one(kept.Particulars, self.factory, self.period)
        return {
            "label": self.period.label,
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "made_on": self.made_on.isoformat(),
            "due_on": self.due_on(),
            "particulars": {**plain(about), "url": address(about) if about else ""},
            "months": self.months,
            "months_entered": months_with(self.rows(kept.Production)),
            "operating_days": said(self.days),
            "operating_hours": said(self.hours),
            "days_source": self.days_source,
            "products": self.products(),
            "water": self.water(),
            "materials": self.materials(),
            "fuels": self.fuels(),
            "electricity_kwh": said(summed(self.rows(kept.ElectricityBill), "energy_kwh")),
            "electricity_source": sourced(self.rows(kept.ElectricityBill)),
            "generation": self.generation(),
            "consents": [self.consent(row) for row in self.rows(kept.Consent)],
            "points": [plain(row) for row in self.rows(kept.EmissionPoint)],
            "results": [self.result(row) for row in self.rows(kept.LabResult)],
            "wastes": self.wastes(),
            "measures": [{**plain(row), "stage_key": row.stage} for row in self.rows(kept.Measure)],
            "statement": plain(the_one(kept.YearStatement, self.factory, self.period)),
            "shutdowns": [plain(row) for row in self.rows(kept.Shutdown)],
            "letters": [plain(row) for row in self.rows(kept.Letter)],
            "calibrations": [plain(row) for row in self.calibrations()],
            "factors": self.ambient_limits(),
        }

    def ambient_limits(self):
        """The national standards of what ambient stations were sampled for, outside ecologically sensitive areas."""
        sampled = {row.parameter for row in self.rows(kept.LabResult) if row.point.what == "ambient"}
        rows = Factor.objects.filter(key__startswith="naaqs.", key__endswith=".general").in_force(self.period.end)
        found = {row.key: row for row in rows.select_related("factor_set").newest_first()}
        return [row.frozen() for key, row in sorted(found.items()) if key.split(".")[1] in sampled]

    def due_on(self):
        """When Form V of a financial year is due; a month or quarter has no date in national law."""
        if self.period.kind != periods.FINANCIAL_YEAR:
            return None
        after = self.period.end.replace(year=self.period.end.year + 1)
        due = [one for one in due_between(self.period.end, after) if one.report == "form_v" and "Form V" in one.title]
        return next((one.on.isoformat() for one in due if one.period == self.period), None)

    def allowed(self, quantity, per):
        """What a consent allows in the whole period; per day by operating days."""
        if quantity is None or not per:
            return None
        times = {PER_DAY: self.days, PER_MONTH: Decimal(self.months), PER_YEAR: self.months / MONTHS_OF_YEAR}[per]
        return None if times is None else quantity * times

    def products(self):
        rows = grouped(self.rows(kept.Production), lambda row: row.product)
        return [
            {
                "name": product.name,
                "unit": product.get_unit_display(),
                "is_by_product": bool(product.is_by_product),
                "made": said(summed(rows.get(product, []), "made")),
                "consented": said(product.consented_quantity),
                "consented_per": product.get_consented_per_display(),
                "allowed": said(self.allowed(product.consented_quantity, product.consented_per)),
                "capacity": said(product.capacity),
                "capacity_per": product.get_capacity_per_display(),
                "reason": reasons(rows.get(product, [])),
                "source": sourced(rows.get(product, [])),
                "url": address(product),
            }
            for product in self.rows(kept.Product)
        ]

    def water(self):
        rows = grouped(self.rows(kept.WaterUse), lambda row: row.point)
        return [
            {
                "name": point.name,
                "use": point.get_use_display(),
                "use_key": point.use,
                "origin": point.origin,
                "opening": said(rows[point][0].opening_reading_m3) if point in rows else None,
                "closing": said(rows[point][-1].closing_reading_m3) if point in rows else None,
                "quantity_m3": said(summed(rows.get(point, []), "quantity_m3")),
                "consented_m3_per_day": said(point.consented_m3_per_day),
                "reason": reasons(rows.get(point, [])),
                "source": sourced(rows.get(point, [])),
                "url": address(point),
            }
            for point in self.rows(kept.WaterPoint)
        ]

    def materials(self):
        used = [
            {
                "name": material.code or material.name,
                "unit": material.get_unit_display(),
                "used": said(summed(rows, "used")),
                "source": sourced(rows),
            }
            for material, rows in grouped(self.rows(kept.MaterialUse), lambda row: row.material).items()
        ]
        bought = [
            {"name": supply.name, "unit": "t", "used": said(summed(rows, "mass_t")), "source": sourced(rows)}
            for supply, rows in grouped(self.rows(kept.PrecursorUse), lambda row: row.supply).items()
        ]
        return [*used, *bought]

    def fuels(self):
        rows = grouped(self.rows(kept.FuelUse), lambda row: row.fuel)
        return [
            {
                "name": fuel.name,
                "unit": fuel.get_unit_display(),
                "used": said(summed(rows.get(fuel, []), "used_process", "used_power", "used_elsewhere")),
                "consented": said(fuel.consented_quantity),
                "consented_per": fuel.get_consented_per_display(),
                "allowed": said(self.allowed(fuel.consented_quantity, fuel.consented_per)),
                "reason": reasons(rows.get(fuel, [])),
                "source": sourced(rows.get(fuel, [])),
                "url": address(fuel),
            }
            for fuel in self.rows(kept.Fuel)
        ]

    def generation(self):
        return [
            {
                "name": generator.name,
                "generated_kwh": said(summed(rows, "generated_kwh")),
                "operating_h": said(summed(rows, "operating_h")),
                "source": sourced(rows),
            }
            for generator, rows in grouped(self.rows(kept.Generation), lambda row: row.generator).items()
        ]

    def consent(self, row):
        return {**plain(row), "what_key": row.what, "url": address(row)}

    def result(self, row):
        """A laboratory's result with the limit of the consents for it: the strictest where several hold."""
        limits = kept.ConsentLimit.objects.for_factory(self.factory).filter(point=row.point, parameter=row.parameter)
        fitting = [limit for limit in limits.select_related("consent") if limit.unit == row.unit]
        strictest = min((limit for limit in fitting if limit.high is not None), key=lambda one: one.high, default=None)
        low = max((limit.low for limit in fitting if limit.low is not None), default=None)
        return {
            "point": row.point.name,
            "point_what": row.point.what,
            "control": row.point.control,
            "reference_oxygen_percent": said(row.point.reference_oxygen_percent),
            "parameter": row.get_parameter_display(),
            "parameter_key": row.parameter,
            "text": row.result,
            "unit": row.get_unit_display(),
            "unit_key": row.unit,
            "detection_limit": said(row.detection_limit),
            "oxygen_percent": said(row.oxygen_percent),
            "flow_nm3_per_h": said(row.flow_nm3_per_h),
            "flow_m3_per_day": said(row.flow_m3_per_day),
            "averaging_h": said(row.averaging_h),
            "reference_c": said(row.reference_c),
            "gas_c": said(row.gas_c),
            "velocity_m_per_s": said(row.velocity_m_per_s),
            "limit": said(strictest.high) if strictest else None,
            "low_limit": said(low),
            "limit_source": limit_source(strictest),
            "sampled_on": row.sampled_on.isoformat(),
            "laboratory": row.laboratory,
            "nabl_number": row.nabl_number,
            "report_number": row.report_number,
            "reason": row.reason,
            "source": sourced([row]),
            "url": address(row),
        }

    def wastes(self):
        rows = grouped(self.rows(kept.WasteMonth), lambda row: row.waste)
        return [
            {
                "name": waste.name,
                "is_hazardous": waste.is_hazardous,
                "schedule": waste.schedule,
                "origin": waste.origin,
                "unit": waste.get_unit_display(),
                "unit_key": waste.unit,
                "composition": waste.composition,
                "disposal": waste.disposal,
                "storage": waste.storage,
                "authorised_per_year": said(waste.authorised_per_year),
                "opening": said(rows[waste][0].opening) if waste in rows else None,
                "closing": said(rows[waste][-1].closing) if waste in rows else None,
                **{
                    name: said(summed(rows.get(waste, []), name))
                    for name in ("generated", "dispatched", "reused", "sold")
                },
                "manifests": ", ".join(row.manifests for row in rows.get(waste, []) if row.manifests),
                "destination": ", ".join(dict.fromkeys(r.destination for r in rows.get(waste, []) if r.destination)),
                "source": sourced(rows.get(waste, [])),
                "url": address(waste),
            }
            for waste in self.rows(kept.Waste)
        ]

    def calibrations(self):
        rows = kept.Calibration.objects.for_factory(self.factory).filter(calibrated_on__lte=self.period.end)
        return list({row.meter: row for row in rows.order_by("calibrated_on")}.values())


def reasons(rows):
    """What people wrote beside the figures."""
    return "; ".join(dict.fromkeys(row.remark for row in rows if row.remark))


def limit_source(limit):
    return "" if limit is None else limit.legal_source or f"consent {limit.consent.number}"
