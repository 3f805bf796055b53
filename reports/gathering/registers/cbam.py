"""A calendar year of an installation from its registers: a case to calculate, and what Annex IV asks besides.

Emissions of a stream belong to the process its rows name; with one process in all, rows without a name are its own.
What cannot be counted (a fuel without density, a product counted in numbers) is left out by name, never as a zero.
"""

from datetime import date
from decimal import Decimal

from calculations.cbam import goods as cbam_goods
from registers import models as kept
from registers.factors import lookup
from reports.gathering.registers import calculation_input
from reports.gathering.registers import cbam_precursors as precursors
from reports.gathering.registers import cbam_streams as streams
from reports.gathering.registers.fuels import FactorLog
from reports.gathering.registers.rows import (
    as_text,
    count_months,
    group_by,
    register_url,
    row_facts,
    row_url,
    rows_in_period,
    single_row,
    sum_known,
)

ZERO, ONE, THOUSAND, HUNDRED = Decimal(0), Decimal(1), Decimal(1000), Decimal(100)
GRID = "cbam.grid.in"
INDIA = "IN"
APPLIES_FROM = date(2026, 1, 1)  # Implementing Regulations (EU) 2025/2547 and 2025/2621


def register_data(factory, period, now) -> dict:
    """{file, case, places, factors, left_out, …} of the year; see `Year`."""
    return CbamRegisterYear(factory, period).frozen()


class CbamRegisterYear:
    """The registers of a calendar year, and the case made of them."""

    def __init__(self, factory, period):
        self.factory, self.period = factory, period
        # A year before the acts applied is a rehearsal with the values they began with; the report says so.
        self.on = max(period.end, APPLIES_FROM)
        self.factors = FactorLog(self.on)
        self.left_out, self.places, self.sources = [], {}, {}
        self.processes = [row for row in rows_in_period(kept.Process, factory, period) if row.category != "none"]
        self.particulars = single_row(kept.Particulars, factory, period)
        self.answers = single_row(kept.CbamYear, factory, period)
        self.production = group_by(rows_in_period(kept.Production, factory, period), lambda row: row.product)
        self.machines = rows_in_period(kept.MachineMonth, factory, period)
        self.uses = rows_in_period(kept.PrecursorUse, factory, period)
        self.own = rows_in_period(kept.OwnPrecursorUse, factory, period)
        self.months = max((count_months(rows) for rows in self.production.values()), default=0)

    def rows(self, model):
        return rows_in_period(model, self.factory, self.period)

    def frozen(self) -> dict:
        found = streams.streams(self)
        whole = {
            "title": f"{self.factory.name}, {self.period.label}",
            "period": {
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                calculation_input.VALIDATION_ONLY: {"months_present": self.months},
            },
            "installation": self.installation(),
            "source_streams": [row for row, _process in found],
            "processes": [self.process(place, row, found) for place, row in enumerate(self.processes)],
            "goods": self.goods(),
            calculation_input.VALIDATION_ONLY: self.validation_facts(),
        }
        return {
            **calculation_input.frozen(whole),
            "places": self.places,
            "sources": self.sources,
            "factors": self.factors.frozen(),
            "left_out": self.left_out,
            "particulars": row_facts(self.particulars),
            "answers": row_facts(self.answers),
            "processes": [{**row_facts(row), "url": row_url(row)} for row in self.processes],
            "parameters": [{"product": row.product.name, **row_facts(row)} for row in self.rows(kept.SectorParameters)],
            "heat": [self.heat_row(row) for row in self.rows(kept.HeatFlow)],
            "other_products": self.other_products(),
            "benchmarks": self.benchmarks(),
            "defaults": self.defaults_of_goods(),
            "months": self.months,
            "factors_on": self.on.isoformat(),
            "is_rehearsal": self.period.end < APPLIES_FROM,
        }

    # Who and where

    def installation(self):
        about = self.particulars
        self.places["installation"] = row_url(about) if about else register_url(kept.Particulars)
        return {
            "name": (about and about.installation) or self.factory.name,
            "country": "India",
            calculation_input.VALIDATION_ONLY: {
                "address": self.address(),
                "un_locode": about and about.locode,
                "latitude": about and about.emission_latitude,
                "longitude": about and about.emission_longitude,
            },
        }

    def address(self):
        parts = [self.factory.address, self.factory.state, self.factory.pin_code]
        return ", ".join(part for part in parts if part)

    def validation_facts(self):
        generated = sum_known(self.rows(kept.Generation), "generated_kwh")
        year = self.answers
        plan = {"title": "", "version": "", "dated_on": ""}
        if year:
            plan = {
                "title": year.plan_title,
                "version": year.plan_version,
                "dated_on": year.plan_dated_on and year.plan_dated_on.isoformat(),
            }
        self.places["monitoring_plan"] = self.places["carbon_price"] = (
            row_url(year) if year else register_url(kept.CbamYear)
        )
        return {
            "operator": {
                "name": self.factory.legal_name or self.factory.name,
                "registration_number": self.factory.registration_number,
                "address": self.address(),
            },
            "own_generation_mwh": generated and generated / THOUSAND,
            "monitoring_plan": plan,
            "carbon_price": self.carbon_price(),
            "meters": [
                {"name": row.meter, "calibrated_until": row.due_on and row.due_on.isoformat()}
                for row in self.calibrations()
            ],
        }

    def calibrations(self):
        """The last of each meter up to the end of the year, however long ago it was."""
        rows = kept.Calibration.objects.for_factory(self.factory).filter(calibrated_on__lte=self.period.end)
        return list({row.meter: row for row in rows.order_by("calibrated_on")}.values())

    def carbon_price(self):
        year = self.answers
        if year is None or year.carbon_price in ("", "none"):
            return {}
        proof = year.evidence.name if year.evidence_id else ""
        return {"net_paid": year.carbon_price_paid, "proof": proof, "certifier": ""}

    def process_name_of(self, process):
        if process is None and len(self.processes) == 1:
            return self.processes[0].name
        return process.name if process in self.processes else None

    def leave_out(self, what, why, url):
        self.left_out.append({"what": what, "why": why, "url": url})

    # Processes

    def process(self, place, row, found):
        made = self.production_of(row)
        electricity = sum_known([m for m in self.machines if m.process_id == row.pk], "energy_kwh")
        self.places[f"processes[{place}]"] = row_url(row)
        self.places[f"processes[{place}].activity_level_t"] = register_url(kept.Production)
        self.places[f"processes[{place}].production"] = register_url(kept.Production)
        self.places[f"processes[{place}].electricity"] = register_url(kept.MachineMonth)
        self.places[f"processes[{place}].purchased_precursors"] = register_url(kept.PrecursorUse)
        factor = electricity and self.factors.value(GRID)
        return {
            "name": row.name,
            "category": precursors.category_of(row.category),
            "activity_level_t": made["saleable_t"],
            "directly_attributable_emissions_t": sum(
                (streams.fossil_t(stream) for stream, belongs in found if belongs == row.name), ZERO
            ),
            "electricity": factor
            and {
                "consumed_mwh": electricity / THOUSAND,
                "emission_factor": factor,
                calculation_input.VALIDATION_ONLY: {"metered_in": "kWh", "factor_source": "2025/2621"},
            },
            "purchased_precursors": precursors.purchased_precursors(self, place, row),
            "own_precursors": [
                {"process": product.process.name, "mass_t": mass}
                for product, rows in group_by(
                    [use for use in self.own if use.process_id == row.pk], lambda use: use.product
                ).items()
                if product.process_id and (mass := sum_known(rows, "mass_t")) is not None
            ],
            calculation_input.VALIDATION_ONLY: {
                "production": made["balance"],
                "is_joint_process": row.is_joint,
                "outsourced_steps": [] if row.outsourced else None,
            },
        }

    def production_of(self, process):
        """Saleable tonnes and the year's balance of stocks of the products of a process."""
        rows, whole = [], []
        for product, its in self.production.items():
            if product.process_id != process.pk:
                continue
            scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit)
            if scale is None:
                self.leave_out(product.name, "it is not counted in tonnes", row_url(product))
                continue
            whole.append((scale, its))
            rows += its
        made, scrap, sold = (total_in_tonnes(whole, name) for name in ("made", "off_grade", "dispatched"))
        inside = total_in_tonnes(whole, "used_inside")
        if made is None:
            return {"saleable_t": None, "balance": None}
        opening = sum_or_none([scale * its[0].opening for scale, its in whole if its[0].opening is not None])
        closing = sum_or_none([scale * its[-1].closing for scale, its in whole if its[-1].closing is not None])
        balance = {"made_t": made, "scrap_t": scrap, "opening_stock_t": opening, "closing_stock_t": closing}
        balance["sold_t"] = None if sold is None else sold + (inside or ZERO)
        return {"saleable_t": made - (scrap or ZERO), "balance": balance}

    # Goods

    def goods_rows(self):
        return [
            product
            for product in self.production
            if product.cn_code
            and product.process_id
            and self.process_name_of(product.process)
            and cbam_goods.category_of(product.cn_code)
        ]

    def goods(self):
        found = []
        for place, product in enumerate(self.goods_rows()):
            self.places[f"goods[{place}]"] = row_url(product)
            found.append(
                {
                    "process": product.process.name,
                    "cn_code": product.cn_code,
                    "name": product.name,
                    calculation_input.VALIDATION_ONLY: {
                        "free_allocation": {"not_determined": NOT_DETERMINED},
                        "made_t": self.made_t(product),
                        "clinker_t": sum_known(self.production[product], "clinker_t"),
                        "nitrogen_kg": sum_known(self.production[product], "nitrogen_kg"),
                    },
                }
            )
        return found

    def made_t(self, product):
        scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit)
        rows = self.production[product]
        made, scrap = sum_known(rows, "made"), sum_known(rows, "off_grade")
        return None if made is None or scale is None else scale * (made - (scrap or ZERO))

    def other_products(self):
        """Goods of CBAM processes that are no CBAM goods, with their quantity (F14)."""
        inside = set(self.goods_rows())
        return [
            {"name": product.name, "quantity": as_text(sum_known(rows, "made")), "unit": product.get_unit_display()}
            for product, rows in self.production.items()
            if product not in inside
        ]

    def benchmarks(self):
        """Column A of each good with the factors of the year, as the ledger has them: known second-hand only."""
        try:
            year = {name: lookup.factor(f"cbam.{name}", self.on).frozen() for name in ("factor", "cscf")}
        except lookup.FactorNotFound:
            return {}
        found = {}
        for product in self.goods_rows():
            try:
                benchmark = lookup.benchmark(product.cn_code, "a", self.on).frozen()
            except lookup.FactorNotFound:
                continue
            found[product.cn_code] = {"benchmark": benchmark, **year}
        return found

    def defaults_of_goods(self):
        """What an importer would declare of each good without actual values; empty before 2026."""
        try:
            values = lookup.default_values_on(self.on)
        except lookup.FactorNotFound:
            return {}
        found = {}
        for product in self.goods_rows():
            try:
                base, added = values.value(product.cn_code), values.mark_up(product.cn_code)
            except lookup.FactorNotFound:
                continue
            found[product.cn_code] = {"base": base.frozen(), "mark_up": added.frozen()}
        return found

    def heat_row(self, row):
        return {
            "what": row.get_what_display(),
            "way": row.get_way_display(),
            "process": row.process.name if row.process_id else "",
            "energy_tj": as_text(row.energy_tj),
            "partner": row.partner,
        }


NOT_DETERMINED = (
    "the benchmarks of Implementing Regulation (EU) 2025/2620 are known here second-hand only; the declarant "
    "determines it from the act"
)


def total_in_tonnes(whole, name):
    """The sum over products in tonnes; None where nobody has entered any."""
    known = [scale * value for scale, rows in whole if (value := sum_known(rows, name)) is not None]
    return sum_or_none(known)


def sum_or_none(values):
    return sum(values, ZERO) if values else None
