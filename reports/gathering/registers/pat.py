"""A financial year's energy from the registers: the case of `manage.py calculate pat`, this year's and the one before.

Own generation counts by its fuel alone. Electricity that devices measured is compared with the bills, never added.
"""

from decimal import Decimal

from calculations import periods
from registers import models as kept
from registers.factors import lookup
from reports.gathering.registers import calculation_input, ccts, fuels
from reports.gathering.registers.fuels import Factors, burnt_in
from reports.gathering.registers.rows import (
    address,
    grouped,
    months_with,
    plain,
    said,
    sheet,
    sourced,
    summed,
    the_one,
    within,
)

ZERO, ONE, THOUSAND = Decimal(0), Decimal(1), Decimal(1000)
MONTHS = 12
STANDARD_PER_NORMAL = ONE / fuels.NORMAL_PER_STANDARD
# Sectors of designated consumers by the industry entered; forging, foundry and chemicals are scheduled since
# 6 June 2023 with numbers that are not known here.
SECTORS = {"cement": "cement", "aluminium": "aluminium"}


def entered(factory, period, now) -> dict:
    before = periods.around(period.kind, period.start.replace(year=period.start.year - 1))
    return {"current": Year(factory, period).frozen(), "previous": Year(factory, before).frozen()}


class Year:
    """The registers of a financial year."""

    def __init__(self, factory, period):
        self.factory, self.period = factory, period
        self.factors, self.left_out, self.places, self.sources = Factors(period.end), [], {}, {}
        self.particulars = the_one(kept.Particulars, factory, period)
        self.statement = the_one(kept.YearStatement, factory, period)
        self.bills = within(kept.ElectricityBill, factory, period)
        self.generation = within(kept.Generation, factory, period)

    def frozen(self) -> dict:
        intensity = ccts.entered(self)  # first: it looks factors up too
        whole = {
            "title": f"{self.factory.name}, {self.period.label}",
            "period": {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "electricity": self.electricity(),
            "fuels": self.fuels(),
            "products": self.products(),
            "pat": self.target(),
            "ccts": None,
            calculation_input.BESIDES: self.besides(),
        }
        return {
            **calculation_input.frozen(whole),
            "label": self.period.label,
            "months": months_with(within(kept.Production, self.factory, self.period)),
            "bill_months": months_with(self.bills),
            "has_rows": bool(self.bills or whole["fuels"] or whole["products"]),
            "places": self.places,
            "sources": self.sources,
            "factors": self.factors.frozen(),
            "left_out": self.left_out,
            "particulars": plain(self.particulars),
            "statement": {**plain(self.statement), "document": document_of(self.statement)},
            "bills": [self.bill(row) for row in self.bills],
            "generation": [self.generator(*pair) for pair in grouped(self.generation, lambda r: r.generator).items()],
            "stocks": self.stocks(),
            "measures": [plain(row) for row in within(kept.Measure, self.factory, self.period)],
            "calibrations": [plain(row) for row in self.calibrations()],
            "threshold": self.threshold(),
            "ccts": intensity,
            "connections": [plain(row) for row in within(kept.Connection, self.factory, self.period)],
        }

    def electricity(self):
        self.places["electricity"] = sheet(kept.ElectricityBill)
        heat_rate = self.statement and self.statement.export_heat_rate_kcal_per_kwh
        return {
            "purchased_kwh": summed(self.bills, "energy_kwh"),
            "excluded_kwh": summed(self.bills, "excluded_kwh"),
            "exported_kwh": summed(self.generation, "exported_kwh"),
            "export_heat_rate_kcal_per_kwh": heat_rate or None,
        }

    def fuels(self):
        found = []
        for burnt in burnt_in(self.factory, self.period, by_process=False):
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
        row[calculation_input.BESIDES] = {
            "for_process": summed(burnt.rows, "used_process"),
            "for_power": summed(burnt.rows, "used_power"),
            "calorific_basis": "gross",
        }
        return row

    def gross(self, burnt, name):
        value = burnt.weighted(name)
        if value is not None:
            return value, burnt.entered_from()
        key = f"gcv.{fuels.SO_394.get(burnt.fuel.fuel_kind, '')}"
        return (None, "") if name == "gcv_kcal_per_sm3" else (self.factors.value(key), self.factors.cited(key))

    def products(self):
        found = []
        for product, rows in grouped(within(kept.Production, self.factory, self.period), lambda r: r.product).items():
            scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit, product.equivalence)
            made = summed(rows, "made")
            if scale is None or made is None:
                why = "nothing made is entered" if made is None else "it is not counted in tonnes, nor by an equivalent"
                self.leave_out(product.name, why, address(product))
                continue
            dispatched, inside = summed(rows, "dispatched"), summed(rows, "used_inside") or ZERO
            self.places[f"products[{len(found)}]"] = sheet(kept.Production)
            self.sources[product.name] = {"quantity": sourced(rows)}
            opening, closing = rows[0].opening, rows[-1].closing
            found.append({
                "name": product.name,
                "quantity_t": made * scale,
                calculation_input.BESIDES: {
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

    def besides(self):
        about = self.particulars
        billed = {row.month for row in self.bills}
        months = [periods.months_later(self.period.start, place) for place in range(MONTHS)]
        self.places["unit"] = address(about) if about else sheet(kept.Particulars)
        self.places["months_without_bill"] = sheet(kept.ElectricityBill)
        self.places["meters"] = sheet(kept.Calibration)
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
            "energy_kwh": said(row.energy_kwh),
            "excluded_kwh": said(row.excluded_kwh),
            "demand_kva": said(row.demand_kva),
            "amount_rs": said(row.amount_rs),
            "source": sourced([row]),
        }

    def generator(self, generator, rows):
        return {
            "name": generator.name,
            "plant": generator.get_plant_display(),
            "generated_kwh": said(summed(rows, "generated_kwh")),
            "auxiliary_kwh": said(summed(rows, "auxiliary_kwh")),
            "exported_kwh": said(summed(rows, "exported_kwh")),
            "operating_h": said(summed(rows, "operating_h")),
            "source": sourced(rows),
        }

    def stocks(self):
        """Purchase, stock and use of each fuel, in its own unit."""
        return [
            {
                "name": burnt.fuel.name,
                "unit": burnt.fuel.get_unit_display(),
                "opening": said(burnt.rows[0].opening),
                "purchased": said(summed(burnt.rows, "purchased")),
                "used_process": said(summed(burnt.rows, "used_process")),
                "used_power": said(summed(burnt.rows, "used_power")),
                "used_elsewhere": said(summed(burnt.rows, "used_elsewhere")),
                "closing": said(burnt.rows[-1].closing),
                "source": burnt.source,
            }
            for burnt in burnt_in(self.factory, self.period, by_process=False)
        ]

    def threshold(self):
        sector = SECTORS.get(self.factory.industry)
        try:
            return lookup.factor(f"pat.threshold.{sector}", self.period.end).frozen() if sector else None
        except lookup.NoFactor:
            return None

    def leave_out(self, what, why, url):
        self.left_out.append({"what": what, "why": why, "url": url})


def document_of(row):
    return f"{row.evidence.name} ({row.evidence.sha256[:12]}…)" if row is not None and row.evidence_id else ""
