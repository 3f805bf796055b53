"""Validators of a register row by the plausible ranges of `calculations.plausibility`. Pure.

An impossible value is refused with its range and source; an unusual one needs a reason in the row's remark.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from calculations.plausibility import PlausibleRange, ranges_of
from calculations.plausibility.fuels import standard_gross, standard_net
from registers.columns import field_label
from registers.row_validation import days_in, format_plain

GIVE_A_REASON = "Correct it, or give the reason in the remark."
STANDARD_TOLERANCE = Decimal("0.01")
FUEL_RANGES = {
    "ncv_gj_per_t": "net_gj_per_t",
    "ncv_gj_per_1000nm3": "net_gj_per_1000nm3",
    "gcv_kcal_per_kg": "gross_kcal_per_kg",
    "gcv_kcal_per_sm3": "gross_kcal_per_sm3",
    "density_kg_per_l": "density_kg_per_l",
    "factor_t_per_tj": "factor_t_per_tj",
}
Found = Iterator[tuple[str, str]]
Validator = Callable[..., Found]


def plausible(name: str, value_range: PlausibleRange) -> Validator:
    """The value of a field that does not depend on another one. Zero is a statement, not a slip of units."""

    def rule(row) -> Found:
        yield from doubts(row, name, getattr(row, name), value_range)

    return rule


def doubts(row, name: str, value: Decimal | None, value_range: PlausibleRange) -> Found:
    doubt = value_range.doubt(value) if value else None
    if doubt is None or (not doubt.is_impossible and row.remark.strip()):
        return
    label = field_label(row._meta.get_field(name))
    yield name, f"{label}: {doubt.sentence}{'' if doubt.is_impossible else f' {GIVE_A_REASON}'}"


def plausible_fuel(row) -> Found:
    """Calorific values, density and emission factor, by the kind of the fuel."""
    if row.fuel_id is None:
        return
    ranges = ranges_of(row.fuel.fuel_kind)
    for name, of_kind in FUEL_RANGES.items():
        yield from doubts(row, name, getattr(row, name), getattr(ranges, of_kind))


def standard_is_the_tables(row) -> Found:
    """What is called a standard value is the value that the act or the notification has for this kind of fuel."""
    if row.fuel_id is None or row.value_source != "standard":
        return
    kind = row.fuel.fuel_kind
    for name, standard, table in (
        ("ncv_gj_per_t", standard_net(kind), "(EU) 2025/2547, Annex II G"),
        ("gcv_kcal_per_kg", standard_gross(kind), "S.O. 394(E)"),
    ):
        value, unit = getattr(row, name), row._meta.get_field(name).unit
        if value and standard and abs(value - standard) > STANDARD_TOLERANCE * standard:
            yield (
                name,
                f"{field_label(row._meta.get_field(name))}: the standard value for {row.fuel.get_fuel_kind_display()} "
                f"is {format_plain(standard)} {unit} ({table}), not {format_plain(value)}; say where this one is from.",
            )


def load_factor(row) -> Found:
    """Energy of a bill against its demand: a kVA gives at most a kWh an hour."""
    if row.connection_id is None or row.month is None:
        return
    demand = row.demand_kva or row.connection.contract_demand_kva
    if not demand or not row.energy_kwh:
        return
    is_dated = row.from_on and row.until_on and row.until_on > row.from_on
    days = (row.until_on - row.from_on).days if is_dated else days_in(row.month)
    share = 100 * row.energy_kwh / (demand * days * 24)
    energy = f"Billed: {format_plain(row.energy_kwh)} kWh"
    if share > HIGHEST_LOAD_FACTOR:
        yield (
            "energy_kwh",
            f"{energy} are more than {format_plain(demand)} kVA can take in {days} days ({share:,.0f} % load factor). "
            "Is it in Wh, is the meter's factor in it twice, or is the bill of more days (read from, read until)?",
        )
    elif share < LOWEST_LOAD_FACTOR and not row.remark.strip():
        yield (
            "energy_kwh",
            f"{energy} for {format_plain(demand)} kVA is a load factor of {share:.2f} %. "
            f"Is it in MWh, or another column of the bill? {GIVE_A_REASON}",
        )


HIGHEST_LOAD_FACTOR, LOWEST_LOAD_FACTOR = Decimal(105), Decimal(1)
RUPEES_PER_KWH = (Decimal(1), Decimal(60))


def price_of_energy(row) -> Found:
    """Amount and energy of a bill: rupees per kWh far from any tariff is a slip of one of them."""
    if not row.amount_rs or not row.energy_kwh or row.amount_rs < 0 or row.remark.strip():
        return
    rate = row.amount_rs / row.energy_kwh
    low, high = RUPEES_PER_KWH
    if not low <= rate <= high:
        where = "Is the energy in MWh?" if rate > high else "Is the amount in lakh, or the energy in Wh?"
        yield "amount_rs", f"Amount: ₹ {rate:,.4f} per kWh; tariffs lie between 3 and 20. {where} {GIVE_A_REASON}"


def within_rating(row) -> Found:
    """What a generator made is not above what its rating allows in the month."""
    if row.generator_id is None or row.month is None or not row.generator.rated_kw or not row.generated_kwh:
        return
    most = row.generator.rated_kw * days_in(row.month) * 24 * HIGHEST_LOAD_FACTOR / 100
    if row.generated_kwh > most:
        yield (
            "generated_kwh",
            f"Generated: {format_plain(row.generated_kwh)} kWh are more than {format_plain(row.generator.rated_kw)} kW "
            "can make in this month.",
        )
