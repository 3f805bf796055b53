"""A financial year's energy from the registers: the case of `manage.py calculate pat`, this year's and the one before.

Own generation counts by its fuel alone. Electricity that devices measured is compared with the bills, never added.
"""

from decimal import Decimal

from calculations import periods
from registers import models as kept
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
)

ZERO, ONE, THOUSAND = Decimal(0), Decimal(1), Decimal(1000)
MONTHS = 12
STANDARD_PER_NORMAL = ONE / fuels.NORMAL_PER_STANDARD
# Sectors of designated consumers by the industry entered; forging, foundry and chemicals are scheduled since
# 6 June 2023 with numbers that are not known here.
SECTORS = {"cement": "cement", "aluminium": "aluminium"}


def register_data(factory, period, now) -> dict:
    before = periods.around(period.kind, period.start.replace(year=period.start.year - 1))
    return {"current": PatRegisterYear(factory, period).frozen(), "previous": PatRegisterYear(factory, before).frozen()}


class PatRegisterYear:
    """The registers of a financial year."""

    def __init__(self, factory, period):
        self.factory, self.period = factory, period
        self.factors, self.left_out, self.places, self.sources = FactorLog(period.end), [], {}, {}
        self.particulars = single_row(kept.Particulars, factory, period)
        self.statement = single_row(kept.YearStatement, factory, period)
        self.bills = rows_in_period(kept.ElectricityBill, factory, period)
        self.generation = rows_in_period(kept.Generation, factory, period)

    def frozen(self) -> dict:
        intensity = ccts.intensity_data(self)  # first: it looks factors up too
        whole = {
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
            **calculation_input.frozen(whole),
            "label": self.period.label,
            "months": count_months(rows_in_period(kept.Production, self.factory, self.period)),
            "bill_months": count_months(self.bills),
            "has_rows": bool(self.bills or whole["fuels"] or whole["products"]),
            "places": self.places,
            "sources": self.sources,
            "factors": self.factors.frozen(),
            "left_out": self.left_out,
            "particulars": row_facts(self.particulars),
            "statement": {**row_facts(self.statement), "document": document_of(self.statement)},
            "bills": [self.bill(row) for row in self.bills],
            "generation": [self.generator(*pair) for pair in group_by(self.generation, lambda r: r.generator).items()],
            "stocks": self.stocks(),
            "measures": [row_facts(row) for row in rows_in_period(kept.Measure, self.factory, self.period)],
            "calibrations": [row_facts(row) for row in self.calibrations()],
            "threshold": self.threshold(),
            "ccts": intensity,
            "connections": [row_facts(row) for row in rows_in_period(kept.Connection, self.factory, self.period)],
        }

    def electricity(self):
        self.places["electricity"] = register_url(kept.ElectricityBill)
        heat_rate = self.statement and self.statement.export_heat_rate_kcal_per_kwh
        return {
            "purchased_kwh": sum_known(self.bills, "energy_kwh"),
            "excluded_kwh": sum_known(self.bills, "excluded_kwh"),
            "exported_kwh": sum_known(self.generation, "exported_kwh"),
            "export_heat_rate_kcal_per_kwh": heat_rate or None,
        }

    def fuels(self):
        found = []
        for burnt in fuel_consumption(self.factory, self.period, by_process=False):
            if row := self.fuel(burnt):
                self.places[f"fuels[{len(found)}]"] = burnt.url()
                found.append(row)
        return found

    def fuel(self, burnt):
        """t, kL or Sm³ with the gross calorific value of its months, else of S.O. 394(E)."""
        quantity, unit = burnt.quantity, burnt.fuel.unit
        if quantity is None:
            return self.leave_out(burnt.fuel.name, "nothing used is entered", burnt.url())
        scales = {"t": ("t", ONE), "kg": ("t", ONE / THOUSAND), "kL": ("kL", ONE), "L": ("kL", ONE / THOUSAND),
                  "Sm3": ("Sm3", ONE), "1000Nm3": ("Sm3", THOUSAND * STANDARD_PER_NORMAL)}  # fmt: skip
        if unit not in scales:
            words = f"{burnt.fuel.get_unit_display()} cannot be turned into t, kL or Sm³"
            return self.leave_out(burnt.fuel.name, words, burnt.url())
        unit, scale = scales[unit]
        name = "gcv_kcal_per_sm3" if unit == "Sm3" else "gcv_kcal_per_kg"
        value, where = self.gross(burnt, name)
        if value is None:
            return self.leave_out(burnt.fuel.name, "no gross calorific value is entered", burnt.url())
        key = "gross_calorific_value_kcal_per_sm3" if unit == "Sm3" else "gross_calorific_value_kcal_per_kg"
        row = {"name": burnt.fuel.name, "quantity": quantity * scale, "unit": unit, key: value}
        if unit == "kL":
            row["density_kg_per_l"], _ = fuels.density_of(burnt, self.factors)
            if row["density_kg_per_l"] is None:
                return self.leave_out(burnt.fuel.name, "its density is not entered", burnt.url())
        self.sources[burnt.fuel.name] = {"quantity": burnt.source, "gcv": where}
        row[calculation_input.VALIDATION_ONLY] = {
            "for_process": sum_known(burnt.rows, "used_process"),
            "for_power": sum_known(burnt.rows, "used_power"),
            "calorific_basis": "gross",
        }
        return row

    def gross(self, burnt, name):
        value = burnt.weighted(name)
        if value is not None:
            return value, burnt.value_source_text()
        key = f"gcv.{fuels.SO_394.get(burnt.fuel.fuel_kind, '')}"
        return (None, "") if name == "gcv_kcal_per_sm3" else (self.factors.value(key), self.factors.citation_of(key))

    def products(self):
        found = []
        for product, rows in group_by(
            rows_in_period(kept.Production, self.factory, self.period), lambda r: r.product
        ).items():
            scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit, product.equivalence)
            made = sum_known(rows, "made")
            if scale is None or made is None:
                why = "nothing made is entered" if made is None else "it is not counted in tonnes, nor by an equivalent"
                self.leave_out(product.name, why, row_url(product))
                continue
            dispatched, inside = sum_known(rows, "dispatched"), sum_known(rows, "used_inside") or ZERO
            self.places[f"products[{len(found)}]"] = register_url(kept.Production)
            self.sources[product.name] = {"quantity": sources_text(rows)}
            opening, closing = rows[0].opening, rows[-1].closing
            found.append({
                "name": product.name,
                "quantity_t": made * scale,
                calculation_input.VALIDATION_ONLY: {
                    "dispatched_t": None if dispatched is None else (dispatched + inside) * scale,
                    "opening_stock_t": None if opening is None else opening * scale,
                    "closing_stock_t": None if closing is None else closing * scale,
                },
            })  # fmt: skip
        return found

    def target(self):
        """Only a registered designated consumer has a notified target; a voluntary statement only compares."""
        told = self.statement
        registered = self.particulars and self.particulars.consumer_registration
        if not registered or told is None or told.baseline_production_t is None:
            return None
        return {
            "baseline_production_t": told.baseline_production_t,
            "target_sec_toe_per_t": told.target_sec_toe_per_t,
        }

    def validation_facts(self):
        about = self.particulars
        billed = {row.month for row in self.bills}
        months = [periods.months_later(self.period.start, place) for place in range(MONTHS)]
        self.places["unit"] = row_url(about) if about else register_url(kept.Particulars)
        self.places["months_without_bill"] = register_url(kept.ElectricityBill)
        self.places["meters"] = register_url(kept.Calibration)
        changes = self.statement.boundary_changes if self.statement else ""
        return {
            "unit": {
                "registration_number": about and about.consumer_registration,
                "ccts_registration_number": about and about.obligated_registration,
            },
            "months_without_bill": [f"{month:%B %Y}" for month in months if month not in billed] if billed else [],
            "meters": [
                {"name": row.meter, "calibrated_until": row.due_on and row.due_on.isoformat()}
                for row in self.calibrations()
            ],
            "boundary_change": {"approval": document_of(self.statement)} if changes else None,
            "texts": {"remark": self.statement.remark} if self.statement else {},
        }

    def calibrations(self):
        rows = kept.Calibration.objects.for_factory(self.factory).filter(calibrated_on__lte=self.period.end)
        return list({row.meter: row for row in rows.order_by("calibrated_on")}.values())

    def bill(self, row):
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

    def generator(self, generator, rows):
        return {
            "name": generator.name,
            "plant": generator.get_plant_display(),
            "generated_kwh": as_text(sum_known(rows, "generated_kwh")),
            "auxiliary_kwh": as_text(sum_known(rows, "auxiliary_kwh")),
            "exported_kwh": as_text(sum_known(rows, "exported_kwh")),
            "operating_h": as_text(sum_known(rows, "operating_h")),
            "source": sources_text(rows),
        }

    def stocks(self):
        """Purchase, stock and use of each fuel, in its own unit."""
        return [
            {
                "name": burnt.fuel.name,
                "unit": burnt.fuel.get_unit_display(),
                "opening": as_text(burnt.rows[0].opening),
                "purchased": as_text(sum_known(burnt.rows, "purchased")),
                "used_process": as_text(sum_known(burnt.rows, "used_process")),
                "used_power": as_text(sum_known(burnt.rows, "used_power")),
                "used_elsewhere": as_text(sum_known(burnt.rows, "used_elsewhere")),
                "closing": as_text(burnt.rows[-1].closing),
                "source": burnt.source,
            }
            for burnt in fuel_consumption(self.factory, self.period, by_process=False)
        ]

    def threshold(self):
        sector = SECTORS.get(self.factory.industry)
        try:
            return lookup.factor(f"pat.threshold.{sector}", self.period.end).frozen() if sector else None
        except lookup.FactorNotFound:
            return None

    def leave_out(self, what, why, url):
        self.left_out.append({"what": what, "why": why, "url": url})


def document_of(row):
    return f"{row.evidence.name} ({row.evidence.sha256[:12]}…)" if row is not None and row.evidence_id else ""
