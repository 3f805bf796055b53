"""The registers of an installation's calendar year as CBAM input, with the further data required by Annex IV.

Emissions of a stream belong to the process its rows name; with one process in all, rows without a name are its own.
Rows that cannot be converted (a fuel without density, a product counted in numbers) are listed in `left_out`.
"""

from datetime import date
from decimal import Decimal

from calculations.cbam import goods as cbam_goods
from registers import models
from reports.gathering.registers import calculation_input, cbam_references
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
    """{file, case, places, factors, left_out, …} of the year; see `CbamRegisterYear.frozen`."""
    return CbamRegisterYear(factory, period).frozen()


class CbamRegisterYear:
    """The registers of a calendar year, and the case built from them."""

    def __init__(self, factory, period) -> None:
        self.factory, self.period = factory, period
        # Years before the acts apply are rehearsals with the first values in force; the report says so.
        self.on = max(period.end, APPLIES_FROM)
        self.factors = FactorLog(self.on)
        self.left_out, self.places, self.sources = [], {}, {}
        self.processes = [row for row in rows_in_period(models.Process, factory, period) if row.category != "none"]
        self.particulars = single_row(models.Particulars, factory, period)
        self.answers = single_row(models.CbamYear, factory, period)
        self.production = group_by(rows_in_period(models.Production, factory, period), lambda row: row.product)
        self.machines = rows_in_period(models.MachineMonth, factory, period)
        self.uses = rows_in_period(models.PrecursorUse, factory, period)
        self.own = rows_in_period(models.OwnPrecursorUse, factory, period)
        self.months = max((count_months(rows) for rows in self.production.values()), default=0)

    def rows(self, model):
        return rows_in_period(model, self.factory, self.period)

    def frozen(self) -> dict:
        process_streams = streams.streams(self)
        case = {
            "title": f"{self.factory.name}, {self.period.label}",
            "period": {
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                calculation_input.VALIDATION_ONLY: {"months_present": self.months},
            },
            "installation": self.installation(),
            "source_streams": [row for row, _process in process_streams],
            "processes": [self.process(place, row, process_streams) for place, row in enumerate(self.processes)],
            "goods": self.goods(),
            calculation_input.VALIDATION_ONLY: self.validation_facts(),
        }
        return {
            **calculation_input.frozen(case),
            "places": self.places,
            "sources": self.sources,
            "factors": self.factors.frozen(),
            "left_out": self.left_out,
            "particulars": row_facts(self.particulars),
            "answers": row_facts(self.answers),
            "processes": [{**row_facts(row), "url": row_url(row)} for row in self.processes],
            "parameters": [
                {"product": row.product.name, **row_facts(row)} for row in self.rows(models.SectorParameters)
            ],
            "heat": [self.heat_row(row) for row in self.rows(models.HeatFlow)],
            "other_products": self.other_products(),
            "benchmarks": cbam_references.benchmarks(self.goods_codes(), self.on),
            "defaults": cbam_references.default_values(self.goods_codes(), self.on),
            "months": self.months,
            "factors_on": self.on.isoformat(),
            "is_rehearsal": self.period.end < APPLIES_FROM,
        }

    # Identification

    def installation(self) -> dict:
        particulars = self.particulars
        self.places["installation"] = row_url(particulars) if particulars else register_url(models.Particulars)
        return {
            "name": (particulars and particulars.installation) or self.factory.name,
            "country": "India",
            calculation_input.VALIDATION_ONLY: {
                "address": self.address(),
                "un_locode": particulars and particulars.locode,
                "latitude": particulars and particulars.emission_latitude,
                "longitude": particulars and particulars.emission_longitude,
            },
        }

    def address(self) -> str:
        parts = [self.factory.address, self.factory.state, self.factory.pin_code]
        return ", ".join(part for part in parts if part)

    def validation_facts(self) -> dict:
        generated = sum_known(self.rows(models.Generation), "generated_kwh")
        year = self.answers
        plan = {"title": "", "version": "", "dated_on": ""}
        if year:
            plan = {
                "title": year.plan_title,
                "version": year.plan_version,
                "dated_on": year.plan_dated_on and year.plan_dated_on.isoformat(),
            }
        self.places["monitoring_plan"] = self.places["carbon_price"] = (
            row_url(year) if year else register_url(models.CbamYear)
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

    def calibrations(self) -> list:
        """The latest calibration of each meter up to the end of the year."""
        rows = models.Calibration.objects.for_factory(self.factory).filter(calibrated_on__lte=self.period.end)
        return list({row.meter: row for row in rows.order_by("calibrated_on")}.values())

    def carbon_price(self) -> dict:
        year = self.answers
        if year is None or year.carbon_price in ("", "none"):
            return {}
        proof = year.evidence.name if year.evidence_id else ""
        return {"net_paid": year.carbon_price_paid, "proof": proof, "certifier": ""}

    def process_name_of(self, process):
        if process is None and len(self.processes) == 1:
            return self.processes[0].name
        return process.name if process in self.processes else None

    def leave_out(self, what, why, url) -> None:
        self.left_out.append({"what": what, "why": why, "url": url})

    # Processes

    def process(self, place, row, process_streams) -> dict:
        production = self.production_of(row)
        electricity = sum_known([m for m in self.machines if m.process_id == row.pk], "energy_kwh")
        self.places[f"processes[{place}]"] = row_url(row)
        self.places[f"processes[{place}].activity_level_t"] = register_url(models.Production)
        self.places[f"processes[{place}].production"] = register_url(models.Production)
        self.places[f"processes[{place}].electricity"] = register_url(models.MachineMonth)
        self.places[f"processes[{place}].purchased_precursors"] = register_url(models.PrecursorUse)
        factor = electricity and self.factors.value(GRID)
        return {
            "name": row.name,
            "category": precursors.category_of(row.category),
            "activity_level_t": production["saleable_t"],
            "directly_attributable_emissions_t": sum(
                (streams.fossil_t(stream) for stream, process_name in process_streams if process_name == row.name), ZERO
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
                "production": production["balance"],
                "is_joint_process": row.is_joint,
                "outsourced_steps": [] if row.outsourced else None,
            },
        }

    def production_of(self, process) -> dict:
        """Saleable tonnes and the stock balance of the year for the products of a process."""
        scaled_rows = []
        for product, product_rows in self.production.items():
            if product.process_id != process.pk:
                continue
            scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit)
            if scale is None:
                self.leave_out(product.name, "it is not counted in tonnes", row_url(product))
                continue
            scaled_rows.append((scale, product_rows))
        made, scrap, sold = (total_in_tonnes(scaled_rows, name) for name in ("made", "off_grade", "dispatched"))
        used_inside = total_in_tonnes(scaled_rows, "used_inside")
        if made is None:
            return {"saleable_t": None, "balance": None}
        opening = sum_or_none([scale * rows[0].opening for scale, rows in scaled_rows if rows[0].opening is not None])
        closing = sum_or_none([scale * rows[-1].closing for scale, rows in scaled_rows if rows[-1].closing is not None])
        balance = {"made_t": made, "scrap_t": scrap, "opening_stock_t": opening, "closing_stock_t": closing}
        balance["sold_t"] = None if sold is None else sold + (used_inside or ZERO)
        return {"saleable_t": made - (scrap or ZERO), "balance": balance}

    # Goods

    def goods_rows(self) -> list:
        return [
            product
            for product in self.production
            if product.cn_code
            and product.process_id
            and self.process_name_of(product.process)
            and cbam_goods.category_of(product.cn_code)
        ]

    def goods_codes(self) -> list:
        return list(dict.fromkeys(product.cn_code for product in self.goods_rows()))

    def goods(self):
        goods = []
        for place, product in enumerate(self.goods_rows()):
            self.places[f"goods[{place}]"] = row_url(product)
            goods.append(
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
        return goods

    def made_t(self, product):
        scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit)
        rows = self.production[product]
        made, scrap = sum_known(rows, "made"), sum_known(rows, "off_grade")
        return None if made is None or scale is None else scale * (made - (scrap or ZERO))

    def other_products(self) -> list:
        """Products that are not CBAM goods, with their quantities (F14)."""
        goods = set(self.goods_rows())
        return [
            {"name": product.name, "quantity": as_text(sum_known(rows, "made")), "unit": product.get_unit_display()}
            for product, rows in self.production.items()
            if product not in goods
        ]

    def heat_row(self, row) -> dict:
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


def total_in_tonnes(scaled_rows, name):
    """The sum over products in tonnes; None where nothing is entered."""
    known = [scale * value for scale, rows in scaled_rows if (value := sum_known(rows, name)) is not None]
    return sum_or_none(known)


def sum_or_none(values):
    return sum(values, ZERO) if values else None
