"""A calendar year of an installation from its registers: a case to calculate, and what Annex IV asks besides.

Emissions of a stream belong to the process its rows name; with one process in all, rows without a name are its own.
What cannot be counted (a fuel without density, a product counted in numbers) is left out by name, never as a zero.
"""

from datetime import date
from decimal import Decimal

from reports.calculations.cbam import goods as cbam_goods
from reports.calculations.cbam.defaults import printed_default
from reports.calculations.cbam.streams import COMBUSTION, MASS_BALANCE, PROCESS, SourceStream, emissions_of
from reports.entered import case, fuels
from reports.entered.fuels import Factors
from reports.entered.rows import address, grouped, months_with, said, sheet, sourced, summed, the_one, within
from reports.factors import ledger
from reports.registers import models as kept

ZERO, ONE, THOUSAND, HUNDRED = Decimal(0), Decimal(1), Decimal(1000), Decimal(100)
GRID = "cbam.grid.in"
SHORT = {"ferro_manganese": "FeMn", "ferro_chromium": "FeCr", "ferro_nickel": "FeNi", "dri": "DRI"}
INDIA = "IN"
APPLIES_FROM = date(2026, 1, 1)  # Implementing Regulations (EU) 2025/2547 and 2025/2621


def entered(factory, period, now) -> dict:
    """{file, case, places, factors, left_out, …} of the year; see `Year`."""
    return Year(factory, period).frozen()


class Year:
    """The registers of a calendar year, and the case made of them."""

    def __init__(self, factory, period):
        self.factory, self.period = factory, period
        # A year before the acts applied is a rehearsal with the values they began with; the report says so.
        self.on = max(period.end, APPLIES_FROM)
        self.factors = Factors(self.on)
        self.left_out, self.places, self.sources = [], {}, {}
        self.processes = [row for row in within(kept.Process, factory, period) if row.category != "none"]
        self.particulars = the_one(kept.Particulars, factory, period)
        self.answers = the_one(kept.CbamYear, factory, period)
        self.production = grouped(within(kept.Production, factory, period), lambda row: row.product)
        self.machines = within(kept.MachineMonth, factory, period)
        self.uses = within(kept.PrecursorUse, factory, period)
        self.own = within(kept.OwnPrecursorUse, factory, period)
        self.months = max((months_with(rows) for rows in self.production.values()), default=0)

    def rows(self, model):
        return within(model, self.factory, self.period)

    def frozen(self) -> dict:
        streams = self.streams()
        whole = {
            "title": f"{self.factory.name}, {self.period.label}",
            "period": {
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                case.BESIDES: {"months_present": self.months},
            },
            "installation": self.installation(),
            "source_streams": [row for row, _process in streams],
            "processes": [self.process(place, row, streams) for place, row in enumerate(self.processes)],
            "goods": self.goods(),
            case.BESIDES: self.besides(),
        }
        return {
            **case.frozen(whole),
            "places": self.places,
            "sources": self.sources,
            "factors": self.factors.frozen(),
            "left_out": self.left_out,
            "particulars": plain(self.particulars),
            "answers": plain(self.answers),
            "processes": [{**plain(row), "url": address(row)} for row in self.processes],
            "parameters": [{"product": row.product.name, **plain(row)} for row in self.rows(kept.SectorParameters)],
            "heat": [self.heat_row(row) for row in self.rows(kept.HeatFlow)],
            "other_products": self.other_products(),
            "benchmarks": self.benchmarks(),
            "defaults": self.defaults_of_goods(),
            "months": self.months,
            "is_rehearsal": self.period.end < APPLIES_FROM,
        }

    # Who and where

    def installation(self):
        about = self.particulars
        self.places["installation"] = address(about) if about else sheet(kept.Particulars)
        return {
            "name": (about and about.installation) or self.factory.name,
            "country": "India",
            case.BESIDES: {
                "address": self.address(),
                "un_locode": about and about.locode,
                "latitude": about and about.emission_latitude,
                "longitude": about and about.emission_longitude,
            },
        }

    def address(self):
        parts = [self.factory.address, self.factory.state, self.factory.pin_code]
        return ", ".join(part for part in parts if part)

    def besides(self):
        generated = summed(self.rows(kept.Generation), "generated_kwh")
        year = self.answers
        plan = {"title": "", "version": "", "dated_on": ""}
        if year:
            plan = {
                "title": year.plan_title,
                "version": year.plan_version,
                "dated_on": year.plan_dated_on and year.plan_dated_on.isoformat(),
            }
        self.places["monitoring_plan"] = self.places["carbon_price"] = address(year) if year else sheet(kept.CbamYear)
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

    # Source streams

    def streams(self):
        """[(row of the case, the process it belongs to or None)]"""
        found = []
        for burnt in fuels.burnt_in(self.factory, self.period):
            if row := self.fuel_stream(burnt):
                found.append((row, self.belongs_to(burnt.process)))
                self.note_stream(len(found) - 1, row, burnt.url())
        for (material, process), rows in grouped(
            self.rows(kept.MaterialUse), lambda row: (row.material, row.process)
        ).items():
            if row := self.material_stream(material, rows):
                found.append((row, self.belongs_to(process)))
                self.note_stream(len(found) - 1, row, address(rows[-1]))
        return found

    def note_stream(self, place, row, url):
        self.places[f"source_streams[{place}]"] = url

    def belongs_to(self, process):
        if process is None and len(self.processes) == 1:
            return self.processes[0].name
        return process.name if process in self.processes else None

    def fuel_stream(self, burnt):
        counted, why = fuels.in_tonnes_or_normal_m3(burnt, self.factors)
        label = burnt.fuel.name if burnt.process is None else f"{burnt.fuel.name}, {burnt.process.name}"
        if counted is None:
            return self.leave_out(label, why, burnt.url())
        quantity, unit = counted
        ncv, ncv_from = fuels.calorific_value(burnt, unit, self.factors)
        factor, factor_from = fuels.emission_factor(burnt, self.factors)
        for value, what in ((ncv, "net calorific value"), (factor, "emission factor")):
            if value is None:
                return self.leave_out(label, f"no {what} is entered and the tables have none for it", burnt.url())
        self.sources[label] = {
            "activity_data": burnt.source,
            "net_calorific_value": ncv_from,
            "emission_factor": factor_from,
        }
        return {
            "name": label,
            "method": COMBUSTION,
            "activity_data": quantity,
            "unit": unit,
            "net_calorific_value": ncv,
            "net_calorific_value_unit": f"GJ/{unit}",
            "emission_factor": factor,
            "emission_factor_unit": "tCO2/TJ",
            "oxidation_factor": fuels.share(burnt, "oxidation_percent", ONE),
            "biomass_fraction": fuels.share(burnt, "biomass_percent", ZERO),
            case.BESIDES: {"calorific_basis": "net", "biomass_evidence": burnt.fuel.biomass_proof},
        }

    def material_stream(self, material, rows):
        """Carbonates by emission factor, carbon in a mass balance by content; other materials emit nothing."""
        if material.carbon_role not in ("carbonate", "balance"):
            return None
        quantity, scale = summed(rows, "used"), {"t": ONE, "kg": ONE / THOUSAND}.get(material.unit)
        if quantity is None or scale is None:
            why = "nothing used is entered" if quantity is None else "it is not counted in tonnes"
            return self.leave_out(material.name, why, address(rows[-1]))
        name, values = ("factor_t_per_t", PROCESS) if material.carbon_role == "carbonate" else ("carbon_t_per_t", "")
        known = [getattr(row, name) for row in rows if row.used]
        if not known or None in known:
            return self.leave_out(
                material.name, "its carbon content or emission factor is not entered", address(rows[-1])
            )
        mean = sum(row.used * getattr(row, name) for row in rows if row.used) / quantity
        self.sources[material.name] = {"activity_data": sourced(rows)}
        row = {"name": material.name, "activity_data": quantity * scale, "unit": "t"}
        if values == PROCESS:
            return {**row, "method": PROCESS, "emission_factor": mean, "emission_factor_unit": "tCO2/t"}
        return {**row, "method": MASS_BALANCE, "carbon_content": mean, "carbon_content_unit": "tC/t"}

    def leave_out(self, what, why, url):
        self.left_out.append({"what": what, "why": why, "url": url})

    # Processes

    def process(self, place, row, streams):
        made = self.made_in(row)
        electricity = summed([m for m in self.machines if m.process_id == row.pk], "energy_kwh")
        self.places[f"processes[{place}]"] = address(row)
        self.places[f"processes[{place}].activity_level_t"] = sheet(kept.Production)
        self.places[f"processes[{place}].production"] = sheet(kept.Production)
        self.places[f"processes[{place}].electricity"] = sheet(kept.MachineMonth)
        self.places[f"processes[{place}].purchased_precursors"] = sheet(kept.PrecursorUse)
        factor = electricity and self.factors.value(GRID)
        return {
            "name": row.name,
            "category": category_of(row.category),
            "activity_level_t": made["saleable_t"],
            "directly_attributable_emissions_t": sum(
                (fossil_t(stream) for stream, belongs in streams if belongs == row.name), ZERO
            ),
            "electricity": factor
            and {
                "consumed_mwh": electricity / THOUSAND,
                "emission_factor": factor,
                case.BESIDES: {"metered_in": "kWh", "factor_source": "2025/2621"},
            },
            "purchased_precursors": self.purchased(place, row),
            "own_precursors": [
                {"process": product.process.name, "mass_t": mass}
                for product, rows in grouped(
                    [use for use in self.own if use.process_id == row.pk], lambda use: use.product
                ).items()
                if product.process_id and (mass := summed(rows, "mass_t")) is not None
            ],
            case.BESIDES: {
                "production": made["balance"],
                "is_joint_process": row.is_joint,
                "outsourced_steps": [] if row.outsourced else None,
            },
        }

    def made_in(self, process):
        """Saleable tonnes and the year's balance of stocks of the products of a process."""
        rows, whole = [], []
        for product, its in self.production.items():
            if product.process_id != process.pk:
                continue
            scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit)
            if scale is None:
                self.leave_out(product.name, "it is not counted in tonnes", address(product))
                continue
            whole.append((scale, its))
            rows += its
        made, scrap, sold = (total(whole, name) for name in ("made", "off_grade", "dispatched"))
        inside = total(whole, "used_inside")
        if made is None:
            return {"saleable_t": None, "balance": None}
        opening = sum_of([scale * its[0].opening for scale, its in whole if its[0].opening is not None])
        closing = sum_of([scale * its[-1].closing for scale, its in whole if its[-1].closing is not None])
        balance = {"made_t": made, "scrap_t": scrap, "opening_stock_t": opening, "closing_stock_t": closing}
        balance["sold_t"] = None if sold is None else sold + (inside or ZERO)
        return {"saleable_t": made - (scrap or ZERO), "balance": balance}

    def purchased(self, place, process):
        uses = [use for use in self.uses if self.belongs_to(use.process) == process.name]
        found = []
        for supply, rows in grouped(uses, lambda use: use.supply).items():
            mass = summed(rows, "mass_t")
            if mass is None:
                self.leave_out(supply.label, "no mass entering a process is entered", address(rows[-1]))
                continue
            if row := self.precursor(supply, mass):
                found.append(row)
                self.places[f"processes[{place}].purchased_precursors[{len(found) - 1}]"] = address(supply)
        return found

    def precursor(self, supply, mass_t):
        besides = {
            "cn_code": supply.cn_code,
            "basis": supply.basis,
            "is_exempt_origin": supply.basis == "exempt" or None,
            "supplier": supply.supplier,
            "installation": supply.installation,
            "registry_id": supply.registry_id,
            "country": supply.origin,
            "route": supply.route,
            "period_from": supply.period_from and supply.period_from.isoformat(),
            "period_until": supply.period_until and supply.period_until.isoformat(),
            "is_time_of_production": supply.is_time_of_production,
            "several_installations": supply.get_several_installations_display(),
            "reported_by": supply.get_source_display(),
        }
        row = {"name": supply.label, "mass_t": mass_t, "category": category_of(supply.category)}
        if supply.basis == "exempt":
            return {**row, "see_direct": ZERO, "source": "measured", case.BESIDES: besides}
        if supply.basis == "default":
            return self.on_default(supply, row, besides)
        besides["verification"] = {
            "report": supply.verification_report,
            "verifier": supply.verifier,
            "accreditation_number": supply.accreditation_number,
        }
        return {
            **row,
            "see_direct": supply.see_direct_t_per_t,
            "electricity_mwh_per_t": supply.electricity_mwh_per_t,
            "electricity_emission_factor": supply.electricity_factor_t_per_mwh,
            "source": "measured",
            case.BESIDES: besides,
        }

    def on_default(self, supply, row, besides):
        """The default value of the year with its mark-up; codes that the act leaves out have none."""
        try:
            values = ledger.defaults_on(self.on)
            base = self.factors.take(values.value(supply.cn_code, country=(supply.origin or "other").lower()))
            added = self.factors.take(values.mark_up(supply.cn_code))
        except ledger.NoFactor:
            why = f"it stands on default values, and the act has none for {supply.cn_code}"
            return self.leave_out(supply.label, why, address(supply))
        besides["default"] = {"country": supply.origin, "base": base.value, "mark_up": added.value}
        return {
            **row,
            "see_direct": printed_default(base.value * (1 + added.value)),
            "source": "default",
            case.BESIDES: besides,
        }

    # Goods

    def goods_rows(self):
        return [
            product
            for product in self.production
            if product.cn_code
            and product.process_id
            and self.belongs_to(product.process)
            and cbam_goods.category_of(product.cn_code)
        ]

    def goods(self):
        found = []
        for place, product in enumerate(self.goods_rows()):
            self.places[f"goods[{place}]"] = address(product)
            found.append(
                {
                    "process": product.process.name,
                    "cn_code": product.cn_code,
                    "name": product.name,
                    case.BESIDES: {
                        "free_allocation": {"not_determined": NOT_DETERMINED},
                        "made_t": self.made_t(product),
                        "clinker_t": summed(self.production[product], "clinker_t"),
                        "nitrogen_kg": summed(self.production[product], "nitrogen_kg"),
                    },
                }
            )
        return found

    def made_t(self, product):
        scale = {"t": ONE, "kg": ONE / THOUSAND}.get(product.unit)
        rows = self.production[product]
        made, scrap = summed(rows, "made"), summed(rows, "off_grade")
        return None if made is None or scale is None else scale * (made - (scrap or ZERO))

    def other_products(self):
        """Goods of CBAM processes that are no CBAM goods, with their quantity (F14)."""
        inside = set(self.goods_rows())
        return [
            {"name": product.name, "quantity": said(summed(rows, "made")), "unit": product.get_unit_display()}
            for product, rows in self.production.items()
            if product not in inside
        ]

    def benchmarks(self):
        """Column A of each good with the factors of the year, as the ledger has them: known second-hand only."""
        try:
            year = {name: ledger.factor(f"cbam.{name}", self.on).frozen() for name in ("factor", "cscf")}
        except ledger.NoFactor:
            return {}
        found = {}
        for product in self.goods_rows():
            try:
                benchmark = ledger.benchmark(product.cn_code, "a", self.on).frozen()
            except ledger.NoFactor:
                continue
            found[product.cn_code] = {"benchmark": benchmark, **year}
        return found

    def defaults_of_goods(self):
        """What an importer would declare of each good without actual values; empty before 2026."""
        try:
            values = ledger.defaults_on(self.on)
        except ledger.NoFactor:
            return {}
        found = {}
        for product in self.goods_rows():
            try:
                base, added = values.value(product.cn_code), values.mark_up(product.cn_code)
            except ledger.NoFactor:
                continue
            found[product.cn_code] = {"base": base.frozen(), "mark_up": added.frozen()}
        return found

    def heat_row(self, row):
        return {
            "what": row.get_what_display(),
            "way": row.get_way_display(),
            "process": row.process.name if row.process_id else "",
            "energy_tj": said(row.energy_tj),
            "partner": row.partner,
        }


NOT_DETERMINED = (
    "the benchmarks of Implementing Regulation (EU) 2025/2620 are known here second-hand only; the declarant "
    "determines it from the act"
)


def category_of(key):
    """The Regulation's name of a category of the register."""
    return SHORT.get(key) or dict(kept.Process._meta.get_field("category").flatchoices).get(key, "")


def fossil_t(row) -> Decimal:
    """t CO2e of a stream as it is entered."""
    known = {name: value for name, value in case.as_file(row).items() if not name.endswith("_unit")}
    return emissions_of(SourceStream(**known)).fossil.value


def total(whole, name):
    """The sum over products in tonnes; None where nobody has entered any."""
    known = [scale * value for scale, rows in whole if (value := summed(rows, name)) is not None]
    return sum_of(known)


def sum_of(values):
    return sum(values, ZERO) if values else None


def plain(row) -> dict:
    """What a row says, field by field, as people read it; blanks are left out."""
    if row is None:
        return {}
    found = {}
    for name in row.about.field_names:
        value = getattr(row, name)
        if value is None or value == "":
            continue
        field = row._meta.get_field(name)
        if field.is_relation:
            continue
        if field.choices:
            value = getattr(row, f"get_{name}_display")()
        found[name] = (
            said(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
        )
    return found
