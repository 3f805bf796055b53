"""Laboratory results of stacks, outlets and ambient air; sensor data is excluded. Pure."""

from decimal import Decimal

from calculations.quantities import decimal_places
from calculations.spcb import ambient
from calculations.spcb.pollutants import Result
from core.number_format import indian
from reports.documents import spcb_case
from reports.documents.blocks import column, figure, number_column, table, text, yes_or_no
from reports.documents.spcb_case import number

HEAD = {"previous": "Previous financial year", "current": "Current financial year"}
PPM_NOTE = "Of ppm: × molar mass ÷ 22.414 L/mol where the laboratory's Nm³ is at 0 °C, ÷ 24.45 L/mol at 25 °C."
NO_RESULT = "No laboratory result is entered for this period."


def results(current, kinds, caption):
    """Laboratory results as reported, with the consent's limits; sensor data is excluded."""
    rows = []
    for row in current["results"]:
        if row["point_what"] not in kinds:
            continue
        result = Result(row["text"])
        variation = spcb_case.variation(row)
        rows.append(
            [
                text(f"{row['point']}, {row['parameter']}"),
                text(row["sampled_on"]),
                text(f"{result.printed(number(row['detection_limit']))} {row['unit']}"),
                figure(number(row["oxygen_percent"]), 1, "–"),
                figure(spcb_case.at_reference_oxygen_of(row), 1, "not normalised"),
                text(limit_of(row)),
                figure(variation.pct, 1, "–"),
                text(row["reason"] or "–"),
                text(laboratory_of(row)),
            ]
        )
    columns = [
        column("Where, parameter"),
        column("Sampled on"),
        column("Result"),
        number_column("O₂", "%"),
        number_column("At reference O₂"),
        column("Limit"),
        number_column("Variation", "%"),
        column("Reason"),
        column("Laboratory, NABL no., report"),
    ]
    note = "Negative variation is below the limit. BDL: below the laboratory's detection limit (DL); it is no zero."
    return table(caption, columns, rows, note=note if rows else "", empty=NO_RESULT)


def limit_of(row) -> str:
    if row["limit"] is None and row["low_limit"] is None:
        return "no limit entered"
    limits = row["limit"] if row["low_limit"] is None else f"{row['low_limit']} to {row['limit'] or '–'}"
    return f"{limits} {row['unit']}" + (f" ({row['limit_source']})" if row["limit_source"] else "")


def laboratory_of(row):
    parts = [row["laboratory"], row["nabl_number"], row["report_number"]]
    return ", ".join(part for part in parts if part) or None


def pollutants(current, kinds, caption):
    """Part C of Form V: quantity a day, concentration, variation with its reason."""
    rows = []
    for row in current["results"]:
        if row["point_what"] not in kinds:
            continue
        rows.append(
            [
                text(f"{row['parameter']}, {row['point']}"),
                figure(spcb_case.mass_kg_per_day(row, current), 3),
                text(concentration_of(row)),
                text(flow_of(row)),
                text(limit_of(row)),
                figure(spcb_case.variation(row).pct, 1, "–"),
                text(row["reason"] or "–"),
                text(f"{laboratory_of(row) or 'laboratory not provided'}, {row['sampled_on']}"),
            ]
        )
    columns = [
        column("Pollutant"),
        number_column("Quantity", "kg/day"),
        column("Concentration"),
        column("Flow"),
        column("Prescribed standard"),
        number_column("Variation from prescribed standard", "%"),
        column("Reason"),
        column("Laboratory, sampled on"),
    ]
    note = quantity_note(current, kinds) if rows else ""
    return table(caption, columns, rows, note=note, empty=NO_RESULT)


def concentration_of(row) -> str:
    """As the laboratory wrote it and, where the variation is worked out of it, at the reference oxygen."""
    printed = f"{Result(row['text']).printed(number(row['detection_limit']))} {row['unit']}"
    normalised = spcb_case.at_reference_oxygen_of(row)
    if normalised is None:
        return printed
    reference, oxygen = row["reference_oxygen_percent"], row["oxygen_percent"]
    return f"{printed} at {oxygen} % O₂: {indian(normalised, 2)} at {reference} % O₂"


def flow_of(row) -> str | None:
    """The laboratory's flow, which the quantity a day is worked out of."""
    if row["flow_nm3_per_h"] is not None:
        return f"{indian(row['flow_nm3_per_h'], places(row['flow_nm3_per_h']))} Nm³/h"
    if row["flow_m3_per_day"] is not None:
        return f"{indian(row['flow_m3_per_day'], places(row['flow_m3_per_day']))} m³/day"
    return None


def places(digits: str) -> int:
    return decimal_places(Decimal(digits))


def quantity_note(current, kinds):
    if "stack" not in kinds:
        return "Quantity a day: concentration × the laboratory's flow ÷ 1000."
    hours = spcb_case.hours_per_day(current)
    if hours is None:
        return "Operating hours are not provided: quantities a day of stacks cannot be given."
    note = f"Quantity a day: concentration × the laboratory's flow × {indian(hours, 2)} operating hours a day ÷ 10⁶."
    in_ppm = any(row["unit_key"] == "ppm" and row["point_what"] in kinds for row in current["results"])
    return f"{note} {PPM_NOTE}" if in_ppm else note


def ambient_air(current):
    """Each ambient parameter against the national standard, if there is one and enough measurements."""
    by_parameter = {}
    for row in current["results"]:
        if row["point_what"] == "ambient" and (value := Result(row["text"]).value) is not None:
            by_parameter.setdefault((row["parameter_key"], row["parameter"], row["unit"]), []).append(value)
    rows = []
    for (key, name, unit), values in by_parameter.items():
        annual, daily = limit_in(current, key, "annual"), limit_in(current, key, "24h")
        mean = ambient.annual_mean(values, annual)
        short = ambient.short_term(values, daily) if daily is not None else None
        rows.append(
            [
                text(name),
                text(unit),
                figure(Decimal(len(values)), 0),
                figure(mean.mean, 2),
                figure(annual, 2, "none"),
                yes_or_no(mean.is_above),
                figure(daily, 2, "none"),
                figure(short.within_pct if short else None, 1, "–"),
                yes_or_no(short.meets_share if short else None),
                yes_or_no(short.has_consecutive if short else None),
                text("yes" if mean.is_representative else f"no, fewer than {ambient.LEAST_MEASUREMENTS}"),
            ]
        )
    columns = [
        column("Parameter"),
        column("In"),
        number_column("Measurements"),
        number_column("Mean"),
        number_column("Annual standard"),
        column("Mean above it"),
        number_column("24-hour standard"),
        number_column("Within it", "%"),
        column(f"At least {ambient.LEAST_WITHIN_PCT} %"),
        column("Two in a row above"),
        column("Enough for an annual mean"),
    ]
    return table(
        "Ambient air, laboratory measurements",
        columns,
        rows,
        note=ambient.RULE if rows else "",
        empty="No ambient measurement is entered for this period.",
    )


def limit_in(current, parameter, span):
    key = f"naaqs.{parameter}.{span}.general"
    return next((Decimal(row["value"]) for row in current["factors"] if row["key"] == key), None)
