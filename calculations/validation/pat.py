"""PAT and CCTS rules: the ten causes for which statements come back."""

import re
from decimal import Decimal

from calculations.plausibility import HEAT_RATE, SPECIFIC_ENERGY, STEAM_ENTHALPY, PlausibleRange, kind_named, ranges_of
from calculations.validation.finding import BLOCKS, WARNS, Case, Found, Rule, day, name_of, number, numbers, rule

RULES: list[Rule] = []
STALE_GRID_FACTOR = Decimal("0.82")  # 2008-09; still found in many programs
OIL_GENERATOR = re.compile(r"diesel|hsd|\bdg\b|genset|generator", re.IGNORECASE)
HIGHEST_NET_SHARE = Decimal("0.05")
CLAIMS = re.compile(r"\b(escerts?|cccs?|carbon credits?)\b.*\b(earned|issued|awarded)\b", re.IGNORECASE)
TOLERANCE = Decimal("1e-6")
# Gross values of S.O. 394(E) by fuel, kcal/kg: a value this far below is likely the net one.
GROSS = {"diesel": Decimal(11840), "hsd": Decimal(11840), "furnace oil": Decimal(10050), "lpg": Decimal(12500)}


@rule(RULES, "PAT-01", "Energy is in toe: tonnes of oil equivalent, not million tonnes")
def toe_not_mtoe(case: Case) -> Found:
    for key, value in (case.data.get("texts") or {}).items():
        if "mtoe" in str(value).lower():
            yield f"texts.{key}", "Write toe: “MTOE” is read as metric tonnes by some and as million tonnes by others."
    sec = getattr(getattr(case.found, "specific", None), "total_toe_per_t", None)
    if sec and (doubt := SPECIFIC_ENERGY.doubt(sec)):
        yield "products", f"{doubt.sentence} Is a quantity a thousand times too high or low?", WARNS


@rule(RULES, "PAT-02", "Own generation counts once, by its fuel; exports and the colony are taken off")
def counted_once(case: Case) -> Found:
    fuels = [name_of(fuel) for _, fuel in case.rows("fuels")]
    electricity = case.data.get("electricity") or {}
    for row, entry in enumerate(electricity.get("own_generation") or []):
        burnt = [fuel for fuel in fuels if OIL_GENERATOR.search(fuel)]
        if burnt and OIL_GENERATOR.search(name_of(entry)):
            yield (
                f"electricity.own_generation[{row}]",
                f"{name_of(entry)} is counted in kWh and {burnt[0]} as its fuel: only the fuel counts.",
            )
    if case.is_report and number(electricity, "excluded_kwh") is None:
        words = "Say how much electricity the colony, construction and outside transport took, or that it was none."
        yield "electricity.excluded_kwh", words, WARNS


@rule(RULES, "PAT-03", "Exports are deducted at the exporter's heat rate", WARNS)
def export_heat_rate(case: Case) -> Found:
    electricity = case.data.get("electricity") or {}
    if number(electricity, "exported_kwh") and number(electricity, "export_heat_rate_kcal_per_kwh") is None:
        words = (
            "Exported electricity is deducted at 860 kcal/kWh; a captive plant's heat rate is three to four times it."
        )
        yield "electricity.export_heat_rate_kcal_per_kwh", words
    for row, entry in enumerate(electricity.get("own_generation") or []):
        rate = number(entry, "heat_rate_kcal_per_kwh")
        if rate is not None and rate <= 860:
            place = f"electricity.own_generation[{row}].heat_rate_kcal_per_kwh"
            yield place, f"{rate} kcal/kWh for {name_of(entry)}: no generator turns all its fuel into electricity."


@rule(RULES, "PAT-04", "Calorific values are gross, of the state in which the fuel was weighed, by certificate")
def calorific_values(case: Case) -> Found:
    for place, fuel in case.rows("fuels"):
        if str(fuel.get("calorific_basis") or "gross").lower() == "net":
            yield f"{place}.calorific_basis", f"{name_of(fuel)} has a net calorific value; PAT converts gross ones."
        weighed, analysed = fuel.get("moisture_basis"), fuel.get("certificate_basis")
        if weighed and analysed and weighed != analysed:
            yield f"{place}.moisture_basis", f"{name_of(fuel)} is weighed {weighed} and analysed {analysed}."
        if fuel.get("source") == "standard" and fuel.get("has_certificate"):
            yield f"{place}.source", f"{name_of(fuel)} has a certificate; the standard value stands behind it."
        yield from looks_net(place, fuel)


def looks_net(place: str, fuel: dict) -> Found:
    value = number(fuel, "gross_calorific_value_kcal_per_kg")
    gross = next((gross for word, gross in GROSS.items() if word in name_of(fuel).lower()), None)
    if value is not None and gross and value < gross * (1 - HIGHEST_NET_SHARE):
        words = (
            f"{value} kcal/kg for {name_of(fuel)} lies far below the gross value of S.O. 394(E), {gross}: is it net?"
        )
        yield f"{place}.gross_calorific_value_kcal_per_kg", words, WARNS


@rule(RULES, "PAT-11", "Calorific values, densities and heat rates are in the units of their fields", WARNS)
def slipped_units(case: Case) -> Found:
    for place, fuel in case.rows("fuels"):
        ranges = ranges_of(kind_named(name_of(fuel)))
        for key, plausible in (
            ("gross_calorific_value_kcal_per_kg", ranges.gross_kcal_per_kg),
            ("gross_calorific_value_kcal_per_sm3", ranges.gross_kcal_per_sm3),
            ("density_kg_per_l", ranges.density_kg_per_l),
        ):
            yield from doubts(f"{place}.{key}", fuel, key, plausible)
    for place, entry in case.rows("heat"):
        yield from doubts(f"{place}.enthalpy_kcal_per_kg", entry, "enthalpy_kcal_per_kg", STEAM_ENTHALPY)
    electricity = case.data.get("electricity") or {}
    for row, entry in enumerate(electricity.get("own_generation") or []):
        place = f"electricity.own_generation[{row}].heat_rate_kcal_per_kwh"
        yield from doubts(place, entry, "heat_rate_kcal_per_kwh", HEAT_RATE)


def doubts(place: str, row: dict, key: str, plausible: PlausibleRange) -> Found:
    """An unusual value warns, an impossible one blocks."""
    value = number(row, key)
    if value and (doubt := plausible.doubt(value)):
        yield place, f"{name_of(row)}: {doubt.sentence}", BLOCKS if doubt.is_impossible else WARNS


@rule(RULES, "PAT-05", "The denominator is finished product, from stocks and dispatches")
def denominator(case: Case) -> Found:
    for place, product in case.rows("products"):
        if product.get("is_intermediate"):
            yield place, f"{name_of(product)} is an intermediate; stages are not added up, finished tonnes count."
        if parts := numbers(product, "quantity_t", "dispatched_t", "opening_stock_t", "closing_stock_t"):
            made, dispatched, opening, closing = parts
            expected = dispatched - opening + closing
            if abs(made - expected) > TOLERANCE * max(made, Decimal(1)):
                words = f"{name_of(product)}: dispatched − opening + closing is {expected} t, entered are {made} t."
                yield f"{place}.quantity_t", words


@rule(RULES, "PAT-06", "PAT counts on baseline production, CCTS on the year's output")
def bases(case: Case) -> Found:
    made = sum((number(product, "quantity_t") or Decimal(0) for _, product in case.rows("products")), Decimal(0))
    baseline, output = (
        number(case.data, "pat", "baseline_production_t"),
        number(case.data, "ccts", "equivalent_output_t"),
    )
    if baseline and made and baseline == made:
        words = "The baseline production equals this year's: is it the notified one?"
        yield "pat.baseline_production_t", words, WARNS
    if baseline and output and made and output == baseline != made:
        yield "ccts.equivalent_output_t", "Carbon credits count on the year's output; this is the baseline production."


@rule(RULES, "PAT-07", "The grid factor has its version and is not a stale one")
def grid_factor(case: Case) -> Found:
    for place, entry in case.rows("bought_energy"):
        if entry.get("unit") != "MWh":
            continue
        if not entry.get("version"):
            yield f"{place}.version", f"The emission factor of {name_of(entry)} names no version of its source."
        if number(entry, "emission_factor") == STALE_GRID_FACTOR:
            yield f"{place}.emission_factor", "0.82 t CO2/MWh is the grid of 2008-09, not of this year."


@rule(RULES, "PAT-08", "Meters are calibrated and no bill is missing")
def evidence(case: Case) -> Found:
    end = day((case.data.get("period") or {}).get("end"))
    for place, meter in case.rows("meters"):
        until = day(meter.get("calibrated_until"))
        if until is None or (end and until < end):
            words = f"lapsed on {until}" if until else "is not entered"
            yield f"{place}.calibrated_until", f"The calibration of {name_of(meter)} {words}.", WARNS
    if missing := case.data.get("months_without_bill"):
        yield "months_without_bill", f"Bills are missing for {', '.join(map(str, missing))}."


@rule(RULES, "PAT-09", "The boundary is that of the baseline, or its change was approved", reports_only=True)
def boundary(case: Case) -> Found:
    change = case.data.get("boundary_change") or {}
    if change and not change.get("approval"):
        yield "boundary_change.approval", "The boundary changed since the baseline without an approval by BEE."
    if case.data.get("ccts") and not (case.data.get("monitoring_plan") or {}).get("dated_on"):
        yield "monitoring_plan.dated_on", "There is no monitoring plan from before the data were collected.", WARNS


@rule(RULES, "PAT-10", "Status and certificates are claimed only by a notified unit")
def claims(case: Case) -> Found:
    unit = case.data.get("unit") or {}
    if case.is_report and case.data.get("pat") and not unit.get("registration_number"):
        words = "ESCerts need the registration number of a designated consumer; without one this stays voluntary."
        yield "unit.registration_number", words
    if case.is_report and case.data.get("ccts") and not unit.get("ccts_registration_number"):
        words = "A CCTS block needs the unit's own entry in the Schedule, with its registration number."
        yield "unit.ccts_registration_number", words
    for key, value in (case.data.get("texts") or {}).items():
        if found := CLAIMS.search(str(value)):
            yield f"texts.{key}", f"“{found[0]}”: these figures are modelled, not issued.", BLOCKS
