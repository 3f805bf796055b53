"""The registers of a financial year and the year before as input of the PAT calculation.

Own generation counts by its fuel only. Metered electricity is compared with the bills, never added.
"""

from decimal import Decimal

from calculations import periods
from registers import models
from registers.factors import lookup
from reports.gathering.registers import calculation_input, ccts, fuels
from reports.gathering.registers.fuels import FactorLog, fuel_consumption
from reports.gathering.registers.rows import (
    as_text,
    count_months,
    group_by,
    register_url,
    row_facts,
    row_url,
    rows_in_period,
    single_row,
    sources_text,
    sum_known,
    sum_source,
)

ZERO, ONE, THOUSAND = Decimal(0), Decimal(1), Decimal(1000)
MONTHS = 12
WITHOUT_FUEL = {"solar", "wind", "whr"}  # their power burns no fuel of its own
STANDARD_PER_NORMAL = ONE / fuels.NORMAL_PER_STANDARD
# Sectors of designated consumers by the industry entered; forging, foundry and chemicals are scheduled since
# 6 June 2023 with numbers that are not known here.
SECTORS = {"cement": "cement", "aluminium": "aluminium"}


def register_data(factory, period, now) -> dict:
    before = periods.around(period.kind, period.start.replace(year=period.start.year - 1))
    return {"current": PatRegisterYear(factory, period).frozen(), "previous": PatRegisterYear(factory, before).frozen()}


class PatRegisterYear:
    """The registers of a financial year."""

    def __init__(self, factory, period) -> None:
        self.factory, self.period = factory, period
        self.factors, self.left_out, self.places, self.sources = FactorLog(period.end), [], {}, {}
        self.particulars = single_row(models.Particulars, factory, period)
        self.statement = single_row(models.YearStatement, factory, period)
        self.bills = rows_in_period(models.ElectricityBill, factory, period)
        self.generation = rows_in_period(models.Generation, factory, period)

    def frozen(self) -> dict:
        intensity = ccts.intensity_data(self)  # first, as it records factors too
        case = {
            "title": f"{self.factory.name}, {self.period.label}",
            "period": {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "electricity": self.electricity(),
            "fuels": self.fuels(),
            "products": self.products(),
            "pat": self.target(),
            "ccts": None,
            calculation_input.VALIDATION_ONLY: self.validation_facts(),
        }
        return {
            **calculation_input.frozen(case),
            "label": self.period.label,
            "months": count_months(rows_in_period(models.Production, self.factory, self.period), "made"),
            "bill_months": count_months(self.bills, "energy_kwh"),
            "has_rows": bool(self.bills or case["fuels"] or case["products"]),
            "places": self.places,
            "sources": self.sources,
            "factors": self.factors.frozen(),
            "left_out": self.left_out,
            "particulars": row_facts(self.particulars),
            "statement": {**row_facts(self.statement), "document": document_of(self.statement)},
            "bills": [self.bill(row) for row in self.bills],
            "generation": [self.generator(*pair) for pair in group_by(self.generation, lambda r: r.generator).items()],
            "stocks": self.stocks(),
            **self.operating(),
            "consented": self.consented(),
            "measures": [row_facts(row) for row in rows_in_period(models.Measure, self.factory, self.period)],
            "calibrations": [row_facts(row) for row in self.calibrations()],
            "threshold": self.threshold(),
            "ccts": intensity,
            "connections": [row_facts(row) for row in rows_in_period(models.Connection, self.factory, self.period)],
        }

    def electricity(self) -> dict:
        self.places["electricity"] = register_url(models.ElectricityBill)
        self.sources["electricity"] = {
            "purchased_kwh": sum_source(self.bills, "energy_kwh"),
            "excluded_kwh": sum_source(self.bills, "excluded_kwh"),
            "exported_kwh": sum_source(self.generation, "exported_kwh"),
        }
        heat_rate = self.statement and self.statement.export_heat_rate_kcal_per_kwh
        return {
            "purchased_kwh": sum_known(self.bills, "energy_kwh"),
            "excluded_kwh": sum_known(self.bills, "excluded_kwh"),
            "exported_kwh": sum_known(self.generation, "exported_kwh"),
            "generated_of_fuels_kwh": sum_known(
                [row for row in self.generation if row.generator.plant not in WITHOUT_FUEL], "generated_kwh"
            ),
            "export_heat_rate_kcal_per_kwh": heat_rate or None,
        }

    def fuels(self):
        rows = []
        for consumption in fuel_consumption(self.factory, self.period, by_process=False):
            if row := self.fuel(consumption):
                self.places[f"fuels[{len(rows)}]"] = consumption.url()
                rows.append(row)
        return rows

    def fuel(self, consumption):
        """In t, kL or Sm³, with the gross calorific value entered, else of S.O. 394(E)."""
        quantity, unit = consumption.quantity, consumption.fuel.unit
        if quantity is None:
            return self.leave_out(consumption.fuel.name, "nothing used is entered", consumption.url())
        scales = {"t": ("t", ONE), "kg": ("t", ONE / THOUSAND), "kL": ("kL", ONE), "L": ("kL", ONE / THOUSAND),
                  "Sm3": ("Sm3", ONE), "1000Nm3": ("Sm3", THOUSAND * STANDARD_PER_NORMAL)}  # fmt: skip
        if unit not in scales:
            reason = f"{consumption.fuel.get_unit_display()} cannot be turned into t, kL or Sm³"
            return self.leave_out(consumption.fuel.name, reason, consumption.url())
        unit, scale = scales[unit]
        density_from = ""
        name = "gcv_kcal_per_sm3" if unit == "Sm3" else "gcv_kcal_per_kg"
        value, where = self.gross_calorific_value(consumption, name)
        if value is None:
            return self.leave_out(consumption.fuel.name, "no gross calorific value is entered", consumption.url())
        key = "gross_calorific_value_kcal_per_sm3" if unit == "Sm3" else "gross_calorific_value_kcal_per_kg"
        row = {"name": consumption.fuel.name, "quantity": quantity * scale, "unit": unit, key: value}
        if unit == "kL":
            row["density_kg_per_l"], density_from = fuels.density_of(consumption, self.factors)
            if row["density_kg_per_l"] is None:
                return self.leave_out(consumption.fuel.name, "its density is not entered", consumption.url())
        used = sum_source(consumption.rows, "used_process", "used_power")
        self.sources[consumption.fuel.name] = {"quantity": used, "gcv": where, "density": density_from}
        if for_power := sum_known(consumption.rows, "used_power"):
            row["for_power"] = for_power * scale
        row[calculation_input.VALIDATION_ONLY] = {"calorific_basis": "gross"}
        return row

    def gross_calorific_value(self, consumption, name) -> tuple:
        if name == "gcv_kcal_per_sm3":  # no table has it
            value = consumption.weighted_mean(name)
            return (None, "") if value is None else (value, consumption.value_source_text(name))
        key = f"gcv.{fuels.SO_394.get(consumption.fuel.fuel_kind, '')}"
        return fuels.entered_or_standard(consumption, name, key, self.factors)

    def products(self):
        products = []
        for product, rows in group_by(
            rows_in_period(models.Production, self.factory, self.period), lambda r: r.product
        ).items():
            scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit, product.equivalence)
            made_quantity = sum_known(rows, "made")
            if scale is None or made_quantity is None:
                why = (
                    "nothing made is entered"
                    if made_quantity is None
                    else "it is not counted in tonnes, nor by an equivalent"
                )
                self.leave_out(product.name, why, row_url(product))
                continue
            dispatched, used_inside = sum_known(rows, "dispatched"), sum_known(rows, "used_inside") or ZERO
            self.places[f"products[{len(products)}]"] = register_url(models.Production)
            self.sources[product.name] = {"quantity": sum_source(rows, "made"), "months": count_months(rows, "made")}
            opening, closing = rows[0].opening, rows[-1].closing
            products.append({
                "name": product.name,
                "quantity_t": made_quantity * scale,
                calculation_input.VALIDATION_ONLY: {
                    "dispatched_t": None if dispatched is None else (dispatched + used_inside) * scale,
                    "opening_stock_t": None if opening is None else opening * scale,
                    "closing_stock_t": None if closing is None else closing * scale,
                },
            })  # fmt: skip
        return products

    def target(self) -> dict | None:
        """Only registered designated consumers have a notified target; None for voluntary statements."""
        statement = self.statement
        registered = self.particulars and self.particulars.consumer_registration
        if not registered or statement is None or statement.baseline_production_t is None:
            return None
        return {
            "baseline_production_t": statement.baseline_production_t,
            "target_sec_toe_per_t": statement.target_sec_toe_per_t,
        }

    def validation_facts(self) -> dict:
        particulars = self.particulars
        billed_months = {row.month for row in self.bills}
        months = [periods.months_later(self.period.start, place) for place in range(MONTHS)]
        self.places["unit"] = row_url(particulars) if particulars else register_url(models.Particulars)
        self.places["months_without_bill"] = register_url(models.ElectricityBill)
        self.places["meters"] = register_url(models.Calibration)
        changes = self.statement.boundary_changes if self.statement else ""
        return {
            "unit": {
                "registration_number": particulars and particulars.consumer_registration,
                "ccts_registration_number": particulars and particulars.obligated_registration,
            },
            "months_without_bill": [f"{month:%B %Y}" for month in months if month not in billed_months]
            if billed_months
            else [],
            "meters": [
                {"name": row.meter, "calibrated_until": row.due_on and row.due_on.isoformat()}
                for row in self.calibrations()
            ],
            "boundary_change": {"approval": document_of(self.statement)} if changes else None,
            "texts": {"remark": self.statement.remark} if self.statement else {},
        }

    def calibrations(self) -> list:
        rows = models.Calibration.objects.for_factory(self.factory).filter(calibrated_on__lte=self.period.end)
        return list({row.meter: row for row in rows.order_by("calibrated_on")}.values())

    def bill(self, row) -> dict:
        return {
            "month": f"{row.month:%b %Y}",
            "connection": row.connection.name,
            "number": row.bill_number,
            "energy_kwh": as_text(row.energy_kwh),
            "excluded_kwh": as_text(row.excluded_kwh),
            "demand_kva": as_text(row.demand_kva),
            "amount_rs": as_text(row.amount_rs),
            "source": sources_text([row]),
        }

    def generator(self, generator, rows) -> dict:
        return {
            "name": generator.name,
            "plant": generator.get_plant_display(),
            "generated_kwh": as_text(sum_known(rows, "generated_kwh")),
            "auxiliary_kwh": as_text(sum_known(rows, "auxiliary_kwh")),
            "exported_kwh": as_text(sum_known(rows, "exported_kwh")),
            "operating_h": as_text(sum_known(rows, "operating_h")),
            "months_entered": count_months(rows, "generated_kwh"),
            "source": sources_text(rows),
        }

    def stocks(self) -> list:
        """Purchase, stock and use of each fuel, in its own unit."""
        return [
            {
                "name": consumption.fuel.name,
                "unit": consumption.fuel.get_unit_display(),
                "opening": as_text(consumption.rows[0].opening),
                "purchased": as_text(sum_known(consumption.rows, "purchased")),
                "used_process": as_text(sum_known(consumption.rows, "used_process")),
                "used_power": as_text(sum_known(consumption.rows, "used_power")),
                "used_elsewhere": as_text(sum_known(consumption.rows, "used_elsewhere")),
                "closing": as_text(consumption.rows[-1].closing),
                "months_entered": count_months(consumption.rows, "used_process", "used_power", "used_elsewhere"),
                "source": consumption.source,
            }
            for consumption in fuel_consumption(self.factory, self.period, by_process=False)
        ]

    def operating(self) -> dict:
        rows = rows_in_period(models.OperatingMonth, self.factory, self.period)
        return {
            "operating_days": as_text(sum_known(rows, "operating_days")),
            "operating_hours": as_text(sum_known(rows, "operating_hours")),
            "operating_months": count_months(rows, "operating_hours"),
        }

    def consented(self) -> list:
        """What was made of each product with a consented quantity, and what the consent allows in the year."""
        days = sum_known(rows_in_period(models.OperatingMonth, self.factory, self.period), "operating_days")
        multipliers = {"day": days, "month": Decimal(MONTHS), "year": ONE}
        made = group_by(rows_in_period(models.Production, self.factory, self.period), lambda row: row.product)
        return [
            {
                "name": product.name,
                "unit": product.get_unit_display(),
                "made": as_text(sum_known(rows, "made")),
                "months_entered": count_months(rows, "made"),
                "allowed": as_text(product.consented_quantity * multiplier),
            }
            for product, rows in made.items()
            if product.consented_quantity and (multiplier := multipliers.get(product.consented_per)) is not None
        ]

    def threshold(self):
        sector = SECTORS.get(self.factory.industry)
        try:
            return lookup.factor(f"pat.threshold.{sector}", self.period.end).frozen() if sector else None
        except lookup.FactorNotFound:
            return None

    def leave_out(self, what, why, url) -> None:
        self.left_out.append({"what": what, "why": why, "url": url})


def document_of(row) -> str:
    return f"{row.evidence.name} ({row.evidence.sha256[:12]}…)" if row is not None and row.evidence_id else ""
