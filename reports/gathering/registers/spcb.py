"""The registers of a month, quarter or financial year as input of the SPCB report and Form V.

Laboratory results are unchanged; limits are those of the consents.
"""

from decimal import Decimal

from calculations import periods
from registers import models
from registers.checks.due_dates import due_between
from registers.models.factors import Factor
from reports.gathering.registers.rows import (
    as_text,
    count_months,
    group_by,
    row_facts,
    row_url,
    rows_in_period,
    single_row,
    sources_text,
    sum_known,
)

FUEL_USES = ("used_process", "used_power", "used_elsewhere")
PER_DAY, PER_MONTH, PER_YEAR = "day", "month", "year"
MONTHS_OF_YEAR = Decimal(12)


def register_data(factory, period, now) -> dict:
    """Of a month or quarter."""
    return {"current": SpcbRegisterPeriod(factory, period, now).frozen()}


def register_data_two_years(factory, period, now) -> dict:
    """Of a financial year and the year before, for Form V."""
    before = periods.around(period.kind, period.start.replace(year=period.start.year - 1))
    return {
        "current": SpcbRegisterPeriod(factory, period, now).frozen(),
        "previous": SpcbRegisterPeriod(factory, before, now).frozen(),
    }


class SpcbRegisterPeriod:
    """The registers of one period."""

    def __init__(self, factory, period, now) -> None:
        self.factory, self.period = factory, period
        self.made_on = periods.today(now, factory.zone)
        self.months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
        operating = self.rows(models.OperatingMonth)
        self.days, self.hours = sum_known(operating, "operating_days"), sum_known(operating, "operating_hours")
        self.days_source = sources_text(operating)
        self.operating_months = count_months(operating, "operating_hours")

    def rows(self, model):
        return rows_in_period(model, self.factory, self.period)

    def frozen(self) -> dict:
        particulars = single_row(models.Particulars, self.factory, self.period)
        return {
            "label": self.period.label,
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "made_on": self.made_on.isoformat(),
            "due_on": self.due_on(),
            "particulars": {**row_facts(particulars), "url": row_url(particulars) if particulars else ""},
            "months": self.months,
            "months_entered": count_months(self.rows(models.Production), "made"),
            "operating_days": as_text(self.days),
            "operating_hours": as_text(self.hours),
            "operating_months": self.operating_months,
            "days_source": self.days_source,
            "products": self.products(),
            "water": self.water(),
            "materials": self.materials(),
            "fuels": self.fuels(),
            "electricity_kwh": as_text(sum_known(self.rows(models.ElectricityBill), "energy_kwh")),
            "electricity_months": count_months(self.rows(models.ElectricityBill), "energy_kwh"),
            "electricity_source": sources_text(self.rows(models.ElectricityBill)),
            "generation": self.generation(),
            "consents": [self.consent(row) for row in self.rows(models.Consent)],
            "points": [row_facts(row) for row in self.rows(models.EmissionPoint)],
            "results": [self.result(row) for row in self.rows(models.LabResult)],
            "wastes": self.wastes(),
            "measures": [{**row_facts(row), "stage_key": row.stage} for row in self.rows(models.Measure)],
            "statement": row_facts(single_row(models.YearStatement, self.factory, self.period)),
            "shutdowns": [row_facts(row) for row in self.rows(models.Shutdown)],
            "letters": [row_facts(row) for row in self.rows(models.Letter)],
            "calibrations": [row_facts(row) for row in self.calibrations()],
            "factors": self.ambient_limits(),
        }

    def ambient_limits(self) -> list:
        """National ambient standards of the sampled parameters, outside ecologically sensitive areas."""
        sampled = {row.parameter for row in self.rows(models.LabResult) if row.point.what == "ambient"}
        rows = Factor.objects.filter(key__startswith="naaqs.", key__endswith=".general").in_force(self.period.end)
        by_key = {row.key: row for row in rows.select_related("factor_set").newest_first()}
        return [row.frozen() for key, row in sorted(by_key.items()) if key.split(".")[1] in sampled]

    def due_on(self):
        """The due date of Form V; months and quarters have none in national law."""
        if self.period.kind != periods.FINANCIAL_YEAR:
            return None
        after = self.period.end.replace(year=self.period.end.year + 1)
        dues = due_between(self.period.end, after)
        form_v = [item for item in dues if item.report == "form_v" and "Form V" in item.title]
        return next((item.on.isoformat() for item in form_v if item.period == self.period), None)

    def allowed(self, quantity, per):
        """The quantity a consent allows over the period; "per day" is multiplied by operating days."""
        if quantity is None or not per:
            return None
        multiplier = {PER_DAY: self.days, PER_MONTH: Decimal(self.months), PER_YEAR: self.months / MONTHS_OF_YEAR}[per]
        return None if multiplier is None else quantity * multiplier

    def products(self) -> list:
        rows = group_by(self.rows(models.Production), lambda row: row.product)
        return [
            {
                "name": product.name,
                "unit": product.get_unit_display(),
                "is_by_product": bool(product.is_by_product),
                "made": as_text(sum_known(rows.get(product, []), "made")),
                "months_entered": count_months(rows.get(product, []), "made"),
                "consented": as_text(product.consented_quantity),
                "consented_per": product.get_consented_per_display(),
                "allowed": as_text(self.allowed(product.consented_quantity, product.consented_per)),
                "capacity": as_text(product.capacity),
                "capacity_per": product.get_capacity_per_display(),
                "reason": reasons(rows.get(product, [])),
                "source": sources_text(rows.get(product, [])),
                "url": row_url(product),
            }
            for product in self.rows(models.Product)
        ]

    def water(self) -> list:
        rows = group_by(self.rows(models.WaterUse), lambda row: row.point)
        return [
            {
                "name": point.name,
                "use": point.get_use_display(),
                "use_key": point.use,
                "origin": point.origin,
                "opening": as_text(rows[point][0].opening_reading_m3) if point in rows else None,
                "closing": as_text(rows[point][-1].closing_reading_m3) if point in rows else None,
                "quantity_m3": as_text(sum_known(rows.get(point, []), "quantity_m3")),
                "months_entered": count_months(rows.get(point, []), "quantity_m3"),
                "consented_m3_per_day": as_text(point.consented_m3_per_day),
                "reason": reasons(rows.get(point, [])),
                "source": sources_text(rows.get(point, [])),
                "url": row_url(point),
            }
            for point in self.rows(models.WaterPoint)
        ]

    def materials(self) -> list:
        used = [
            {
                "name": material.code or material.name,
                "unit": material.get_unit_display(),
                "used": as_text(sum_known(rows, "used")),
                "months_entered": count_months(rows, "used"),
                "source": sources_text(rows),
            }
            for material, rows in group_by(self.rows(models.MaterialUse), lambda row: row.material).items()
        ]
        bought = [
            {
                "name": supply.name,
                "unit": "t",
                "used": as_text(sum_known(rows, "mass_t")),
                "months_entered": count_months(rows, "mass_t"),
                "source": sources_text(rows),
            }
            for supply, rows in group_by(self.rows(models.PrecursorUse), lambda row: row.supply).items()
        ]
        return [*used, *bought]

    def fuels(self) -> list:
        rows = group_by(self.rows(models.FuelUse), lambda row: row.fuel)
        return [
            {
                "name": fuel.name,
                "unit": fuel.get_unit_display(),
                "used": as_text(sum_known(rows.get(fuel, []), *FUEL_USES)),
                "months_entered": count_months(rows.get(fuel, []), *FUEL_USES),
                "consented": as_text(fuel.consented_quantity),
                "consented_per": fuel.get_consented_per_display(),
                "allowed": as_text(self.allowed(fuel.consented_quantity, fuel.consented_per)),
                "reason": reasons(rows.get(fuel, [])),
                "source": sources_text(rows.get(fuel, [])),
                "url": row_url(fuel),
            }
            for fuel in self.rows(models.Fuel)
        ]

    def generation(self) -> list:
        return [
            {
                "name": generator.name,
                "generated_kwh": as_text(sum_known(rows, "generated_kwh")),
                "months_entered": count_months(rows, "generated_kwh"),
                "operating_h": as_text(sum_known(rows, "operating_h")),
                "source": sources_text(rows),
            }
            for generator, rows in group_by(self.rows(models.Generation), lambda row: row.generator).items()
        ]

    def consent(self, row) -> dict:
        return {**row_facts(row), "what_key": row.what, "url": row_url(row)}

    def result(self, row) -> dict:
        """A laboratory's result with the limit of the consents for it: the strictest where several hold."""
        limits = models.ConsentLimit.objects.for_factory(self.factory).filter(point=row.point, parameter=row.parameter)
        fitting = [limit for limit in limits.select_related("consent") if limit.unit == row.unit]
        strictest = min((limit for limit in fitting if limit.high is not None), key=lambda one: one.high, default=None)
        low = max((limit.low for limit in fitting if limit.low is not None), default=None)
        return {
            "point": row.point.name,
            "point_what": row.point.what,
            "control": row.point.control,
            "reference_oxygen_percent": as_text(row.point.reference_oxygen_percent),
            "parameter": row.get_parameter_display(),
            "parameter_key": row.parameter,
            "text": row.result,
            "unit": row.get_unit_display(),
            "unit_key": row.unit,
            "detection_limit": as_text(row.detection_limit),
            "oxygen_percent": as_text(row.oxygen_percent),
            "flow_nm3_per_h": as_text(row.flow_nm3_per_h),
            "flow_m3_per_day": as_text(row.flow_m3_per_day),
            "averaging_h": as_text(row.averaging_h),
            "reference_c": as_text(row.reference_c),
            "gas_c": as_text(row.gas_c),
            "velocity_m_per_s": as_text(row.velocity_m_per_s),
            "limit": as_text(strictest.high) if strictest else None,
            "low_limit": as_text(low),
            "limit_source": limit_source(strictest),
            "sampled_on": row.sampled_on.isoformat(),
            "laboratory": row.laboratory,
            "nabl_number": row.nabl_number,
            "report_number": row.report_number,
            "reason": row.reason,
            "source": sources_text([row]),
            "url": row_url(row),
        }

    def wastes(self) -> list:
        rows = group_by(self.rows(models.WasteMonth), lambda row: row.waste)
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
                "authorised_per_year": as_text(waste.authorised_per_year),
                "opening": as_text(rows[waste][0].opening) if waste in rows else None,
                "closing": as_text(rows[waste][-1].closing) if waste in rows else None,
                **{
                    name: as_text(sum_known(rows.get(waste, []), name))
                    for name in ("generated", "dispatched", "reused", "sold")
                },
                "months_entered": count_months(rows.get(waste, []), "generated"),
                "manifests": ", ".join(row.manifests for row in rows.get(waste, []) if row.manifests),
                "destination": ", ".join(dict.fromkeys(r.destination for r in rows.get(waste, []) if r.destination)),
                "source": sources_text(rows.get(waste, [])),
                "url": row_url(waste),
            }
            for waste in self.rows(models.Waste)
        ]

    def calibrations(self) -> list:
        rows = models.Calibration.objects.for_factory(self.factory).filter(calibrated_on__lte=self.period.end)
        return list({row.meter: row for row in rows.order_by("calibrated_on")}.values())


def reasons(rows) -> str:
    """The distinct remarks of rows."""
    return "; ".join(dict.fromkeys(row.remark for row in rows if row.remark))


def limit_source(limit):
    return "" if limit is None else limit.legal_source or f"consent {limit.consent.number}"
