"""Tables of the energy statement: production, bills, generation, fuels, the balance, SEC and the meters. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from calculations.pat import performance
from calculations.pat.performance import Threshold
from calculations.quantities import share_pct, total
from core.number_format import indian
from reports.documents import comparisons
from reports.documents.blocks import (
    EMPTY,
    column,
    figure,
    months_said,
    number_column,
    share_measured,
    steps,
    table,
    text,
    yes_or_no,
)
from reports.documents.pat_year import MONTHS_OF_YEAR

COUNTED_ONCE = (
    "Electrical: purchased less excluded and exported, and what generators made of listed fuels; the fuel they burnt "
    "is then no thermal consumption. Total: that fuel, not its kWh as well (Energy Conservation Rules 2012, r.4(1))."
)
YEAR_BEFORE = "Year before"
LAKH, MILLION, KCAL_PER_TOE = Decimal(100_000), Decimal(1_000_000), Decimal(10) ** 7


def number(text):
    return None if text is None else Decimal(text)


def production(year, before):
    previous = {row["name"]: row["quantity_t"] for row in before.case.get("products", [])}
    rows = [
        [
            text(row["name"]), figure(row.get("opening_stock_t")),
            figure(row["quantity_t"], months=months_made(year, row["name"])), figure(row.get("dispatched_t")),
            figure(row.get("closing_stock_t")),
            figure(previous.get(row["name"]), months=months_made(before, row["name"])),
            text(year.registers["sources"].get(row["name"], {}).get("quantity")),
        ]
        for row in year.case.get("products", [])
    ]  # fmt: skip
    total_made = total(row["quantity_t"] for row in year.case.get("products", []))
    foot = [text("All products"), EMPTY, figure(total_made, months=year.months), EMPTY, EMPTY,
            figure(total(previous.values()), months=before.months), EMPTY]  # fmt: skip
    columns = [
        column("Product"), number_column("Opening", "t"), number_column("Made", "t"),
        number_column("Dispatched and used", "t"), number_column("Closing", "t"),
        number_column("Made the year before", "t"), column("Source"),
    ]  # fmt: skip
    note = months_note(year, before)
    return table("Production and stocks at midnight of 31 March", columns, rows, foot if rows else None, note)


def months_made(year, product) -> str:
    return months_said((year.registers.get("sources") or {}).get(product, {}).get("months"), MONTHS_OF_YEAR)


def months_note(year, before) -> str:
    """Note on the months entered of each year: sums of fewer months are not comparable."""
    months = [it.registers.get("months", 0) for it in (year, before)]
    return f"Months with production entered: {months[0]} of this year, {months[1]} of the year before."


def bills(year):
    rows = [
        [
            text(row["month"]), text(row["connection"]), text(row["number"]),
            figure(divided(row["energy_kwh"], LAKH), 5), figure(number(row["demand_kva"]), 0), text(row["source"]),
        ]
        for row in year.registers.get("bills", [])
    ]  # fmt: skip
    whole = total(number(row["energy_kwh"]) for row in year.registers.get("bills", []))
    months = months_said(year.registers.get("bill_months"), MONTHS_OF_YEAR)
    foot = [text("Year"), EMPTY, EMPTY, figure(whole and whole / LAKH, 5, months=months), EMPTY, EMPTY]
    columns = [
        column("Month"), column("Connection"), column("Bill"), number_column("Purchased", "lakh kWh"),
        number_column("Billed demand", "kVA"), column("Source"),
    ]  # fmt: skip
    return table("Purchased electricity, bill by bill", columns, rows, foot if rows else None)


def months_of(row) -> str:
    return months_said(row.get("months_entered"), MONTHS_OF_YEAR)


def divided(text_value, by):
    value = number(text_value)
    return None if value is None else value / by


def generation(year):
    rows = [
        [
            text(row["name"]), text(row["plant"]),
            figure(divided(row["generated_kwh"], LAKH), 5, months=months_of(row)),
            figure(divided(row["auxiliary_kwh"], LAKH), 5), figure(divided(row["exported_kwh"], LAKH), 5),
            figure(number(row["operating_h"]), 0), text(row["source"]),
        ]
        for row in year.registers.get("generation", [])
    ]  # fmt: skip
    columns = [
        column("Generator"), column("Kind"), number_column("Generated", "lakh kWh"),
        number_column("Own use", "lakh kWh"), number_column("Exported", "lakh kWh"), number_column("Run", "h"),
        column("Source"),
    ]  # fmt: skip
    note = "Own generation enters the balance by its fuel, never by its kWh as well."
    return table("Own generation", columns, rows, note=note, empty="No own generation is entered.")


def fuels(year):
    rows = [
        [
            text(row["name"]), text(row["unit"]), figure(number(row["opening"])),
            figure(number(row["purchased"]), months=months_of(row)),
            figure(number(row["used_process"]), months=months_of(row)),
            figure(number(row["used_power"]), months=months_of(row)), figure(number(row["closing"])),
            text(row["source"]),
        ]
        for row in year.registers.get("stocks", [])
    ]  # fmt: skip
    columns = [
        column("Fuel"), column("In"), number_column("Opening"), number_column("Purchased"),
        number_column("For process"), number_column("For power"), number_column("Closing"), column("Source"),
    ]  # fmt: skip
    return table("Fuels: purchase, stock and use", columns, rows, empty="No fuel is entered.")


def balance(year):
    """The energy balance in million kcal and toe."""
    energy, sources = year.result.energy, year.registers["sources"]
    rows = [[
        text("Electricity, purchased less excluded and exported"), text("860 kcal/kWh, S.O. 394(E)"),
        figure(energy.electricity.value / MILLION, 3), figure(energy.electricity_toe, 3),
        figure(share_pct(energy.electricity.value, energy.total.value), 1),
    ]]  # fmt: skip
    for entry, step in zip(year.result.unit.fuels, energy.fuels, strict=True):
        per = "kcal/Sm³" if entry.unit == "Sm3" else "kcal/kg"
        gcv_source = sources.get(entry.name, {}).get("gcv", "entered")
        rows.append([
            text(entry.name), text(f"{indian(entry.gross_calorific_value, 0)} {per}, {gcv_source}"),
            figure(step.value / MILLION, 3),
            figure(step.value / KCAL_PER_TOE, 3), figure(share_pct(step.value, energy.total.value), 1),
        ])  # fmt: skip
    foot = [
        text("Gate to gate"),
        EMPTY,
        figure(energy.total.value / MILLION, 3),
        figure(energy.total_toe, 3, months=year.months),
        EMPTY,
    ]
    columns = [
        column("Energy"), column("Converted by"), number_column("Heat", "million kcal"), number_column("Energy", "toe"),
        number_column("Share", "%"),
    ]  # fmt: skip
    return table("Energy of the year, gate to gate", columns, rows, foot)


def specific(year, before):
    """SEC of the year compared with the year before, baseline and target. Not normalised."""
    energy, statement = year.result.specific, year.statement
    others = [
        (YEAR_BEFORE, before.sec),
        ("Baseline", number(statement.get("baseline_sec_toe_per_t"))),
        ("Target", number(statement.get("target_sec_toe_per_t"))),
        ("Normalised by the auditor", number(statement.get("normalised_sec_toe_per_t"))),
    ]
    rows = [[text("This year"), figure(energy.total_toe_per_t, 5, months=year.months), EMPTY, EMPTY]]
    reasons = []
    for name, value in others:
        comparison = performance.compare(energy.total_toe_per_t, name, value)
        reason = comparison and why_not_compared(year, before if name == YEAR_BEFORE else None)
        missing = "not compared" if reason else "–"
        comparison = None if reason else comparison
        months = before.months if name == YEAR_BEFORE else ""
        rows.append([
            text(name), figure(value, 5, months=months), figure(comparison and comparison.saving_toe_per_t, 5, missing),
            figure(comparison and comparison.saving_pct, 2, missing),
        ])  # fmt: skip
        reasons += [f"{name}: {reason}."] if reason else []
    columns = [
        column("Of"), number_column("SEC", "toe/t"), number_column("Saving of this year", "toe/t"),
        number_column("Saving", "%"),
    ]  # fmt: skip
    note = " ".join(["Not normalised, except where it says so.", *reasons])
    return table("Specific energy consumption compared", columns, rows, note=note)


def why_not_compared(year, other=None) -> str:
    """The year's SEC is compared only if both years are whole; `other` is None for a notified or given figure."""
    for one in (year, other):
        if one is not None and not one.is_whole:
            return f"not compared, {one.months} of {one.registers.get('label', 'the year')} are entered"
    return ""


def by_kind(year, before):
    rows = [
        [text(name), figure(now, places, months=year.months), figure(then, places, months=before.months)]
        for name, now, then, places in (
            ("Electrical, kWh/t", kinds(year)[0], kinds(before)[0], 2),
            ("Thermal, kcal/kg", kinds(year)[1], kinds(before)[1], 2),
            ("Total, toe/t", year.sec, before.sec, 5),
        )
    ]
    columns = [column("Specific consumption"), number_column("This year"), number_column("Year before")]
    return table("Two years side by side", columns, rows, note=f"{months_note(year, before)} {COUNTED_ONCE}")


def kinds(year) -> tuple:
    if not year.is_calculated:
        return None, None
    return year.result.specific.electrical_kwh_per_t, year.result.specific.thermal_kcal_per_kg


def against_meters(year, comparison, coverage_pct):
    """What was bought and generated against what the feeders measured, an auditor's first plausibility check."""
    supply, roads = comparisons.supply_of(year.registers), comparison.roads
    is_compared, months = comparison.is_compared, months_said(year.registers.get("bill_months"), MONTHS_OF_YEAR)
    missing = "–" if is_compared else "not compared"
    rows = [[
        figure(supply.billed_kwh, 0, months=months), figure(supply.generated_kwh, 0, "none entered"),
        figure(supply.exported_kwh, 0, "none entered"), figure(supply.supplied_kwh, 0, months=months),
        figure(roads.second, 0), share_measured(coverage_pct),
        figure(roads.difference if is_compared else None, 0, missing),
        figure(roads.difference_pct if is_compared else None, 1, missing), figure(roads.allowed_pct, 1),
    ]]  # fmt: skip
    columns = [
        number_column("Billed", "kWh"), number_column("Own generation", "kWh"), number_column("Exported", "kWh"),
        number_column("Supplied", "kWh"), number_column("Sub-metered by devices", "kWh"),
        number_column("Coverage of the devices", "%"), number_column("Difference", "kWh"),
        number_column("Difference", "% of supply"), number_column("Allowed", "%"),
    ]  # fmt: skip
    note = (
        "Supplied: billed + own generation − exported. Devices measure the machines they stand at; what has no device "
        f"is in the supply alone. Allowed: {comparison.why_not or comparison.reason}."
    )
    return table("Bills and own generation against meters", columns, rows, note=note)


def threshold(year):
    factor = year.registers.get("threshold")
    result = Threshold(year.result.energy.total_toe, number(factor["value"]) if factor else None)
    is_open = not year.is_whole and result.is_reached is False  # of fewer months only "reached" is certain
    rows = [[
        figure(result.total_toe, 3, months=year.months),
        figure(result.threshold_toe, 0, "no number is known for this sector"),
        *([figure(None, 1, "not compared"), text(f"not known: {year.months} are entered")] if is_open else
          [figure(result.share_pct, 1, "–"), yes_or_no(result.is_reached)]),
        text(factor["citation"] if factor else "scheduled on 6 June 2023 or not at all"),
    ]]  # fmt: skip
    columns = [
        number_column("Total energy", "toe"), number_column("Sector's threshold", "toe"), number_column("Share", "%"),
        column("Reached"), column("Source"),
    ]  # fmt: skip
    return table("Against the threshold of designated consumers", columns, rows)


def measures(year):
    rows = [
        [
            text(row["description"]), text(row.get("stage")), text(row.get("done_on")),
            figure(number(row.get("investment_lakh_rs")), 2), figure(number(row.get("saving_toe")), 3, "–"),
            figure(number(row.get("power_kwh")), 0, "–"), text("yes" if row.get("is_verified") else "no"),
        ]
        for row in year.registers.get("measures", [])
    ]  # fmt: skip
    columns = [
        column("Measure"), column("Stage"), column("Done on"), number_column("Investment", "lakh ₹"),
        number_column("Saving", "toe a year"), number_column("Saving", "kWh a year"), column("Saving checked"),
    ]  # fmt: skip
    return table("Energy conservation measures", columns, rows, empty="No measure is entered.")


def meters(year):
    rows = [
        [
            text(row["meter"]),
            text(row.get("quantity")),
            text(row["calibrated_on"]),
            text(row.get("due_on")),
            text(row.get("certificate")),
        ]
        for row in year.registers.get("calibrations", [])
    ]
    columns = [column(name) for name in ("Meter", "Quantity", "Calibrated on", "Due on", "Certificate")]
    return table("Calibration of meters", columns, rows)


def traces(year) -> Iterator:
    if year.result.specific.total:
        yield steps("Specific energy consumption", year.result.specific.total)
    else:
        yield steps("Energy, gate to gate", year.result.energy.total)
    if year.result.escerts and year.is_whole:
        yield steps("ESCerts", year.result.escerts)
