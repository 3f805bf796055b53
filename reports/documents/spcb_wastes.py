"""Tables of wastes, and of consumption per unit over two years. Pure."""

from decimal import Decimal

from calculations.spcb.consumption import TwoYears
from reports.documents import spcb_case
from reports.documents.blocks import column, figure, number_column, table, text
from reports.documents.spcb_case import number

HEAD = {"previous": "Previous financial year", "current": "Current financial year"}
BLANK = text("–")


def hazardous_wastes(current):
    rows = [
        [
            text(row["name"]),
            text(row["schedule"]),
            text(row["unit"]),
            figure(number(row["opening"])),
            figure(number(row["generated"])),
            figure(number(row["dispatched"])),
            figure(sum_of(row, "reused", "sold")),
            figure(number(row["closing"])),
            text(row["manifests"] or "–"),
            text(row["source"]),
        ]
        for row in spcb_case.hazardous(current)
    ]
    columns = [
        column("Waste"),
        column("Schedule"),
        column("In"),
        number_column("Opening"),
        number_column("Generated"),
        number_column("Dispatched"),
        number_column("Reused, sold"),
        number_column("Closing"),
        column("Manifests (Form 10)"),
        column("Source"),
    ]
    note = "Closing stock is opening + generated − dispatched − reused − sold."
    return table("Hazardous wastes", columns, rows, note=note, empty="No hazardous waste is entered.")


def sum_of(row, *names):
    known = [number(row[name]) for name in names if row[name] is not None]
    return sum(known, Decimal(0)) if known else None


def solid_wastes(current):
    rows = [
        [
            text(r["name"]),
            text(r["unit"]),
            *(figure(number(r[n])) for n in ("generated", "reused", "sold", "dispatched", "closing")),
            text(r["source"]),
        ]
        for r in current["wastes"]
        if not r["is_hazardous"]
    ]
    columns = [
        column("Waste"),
        column("In"),
        number_column("Generated"),
        number_column("Reused inside"),
        number_column("Sold"),
        number_column("Disposed"),
        number_column("Closing"),
        column("Source"),
    ]
    return table("Solid wastes", columns, rows, empty="No solid waste is entered.")


def characteristics(current, hazardous):
    rows = [
        [
            text(row["name"]),
            text(row["composition"]),
            figure(number(row["generated"])),
            text(row["unit"]),
            text(row["disposal"]),
        ]
        for row in current["wastes"]
        if row["is_hazardous"] == hazardous
    ]
    columns = [
        column("Waste"),
        column("Composition"),
        number_column("Quantum"),
        column("In"),
        column("Disposal practice"),
    ]
    return table("Hazardous wastes" if hazardous else "Solid wastes", columns, rows)


def two_years(caption, label, rows, periods, is_sum=True):
    """`rows`: (name, unit, previous, current, source); sums of fewer months are not compared."""
    periods = periods if is_sum else ()
    cells = [
        [
            text(name),
            figure(then, 4),
            figure(now, 4),
            text(unit),
            figure(change(then, now, periods), 1, "–"),
            text(source),
        ]
        for name, unit, then, now, source in rows
    ]
    columns = [
        column(label),
        number_column(HEAD["previous"]),
        number_column(HEAD["current"]),
        column("In"),
        number_column("Change", "%"),
        column("Source"),
    ]
    return table(caption, columns, cells, note=coverage_note(periods) if cells else "", empty="None is entered.")


def change(then, now, periods):
    """Change in per cent; None where one of the years is incomplete."""
    if any(span["months_entered"] != span["months"] for span in periods):
        return None
    return TwoYears(then, now).change_pct


def coverage_note(periods) -> str:
    incomplete = [span for span in periods if span["months_entered"] != span["months"]]
    if not incomplete:
        return ""
    coverage = "; ".join(f"{span['label']}: {span['months_entered']} of {span['months']} months" for span in incomplete)
    return f"Entered so far: {coverage}. Sums of fewer months are not compared."


def per_unit(current, previous, kind, caption, label):
    rows = [
        (row["label"], row["unit"], row["previous"], row["current"], row["source"])
        for row in spcb_case.per_unit_rows(current, previous)
        if row["kind"] == kind
    ]
    return two_years(caption, label, rows, (previous, current), is_sum=False)


def fuel_two_years(current, previous):
    previous_rows = {row["name"]: row for row in previous["fuels"]}
    rows = [
        (
            row["name"],
            row["unit"],
            number(previous_rows.get(row["name"], {}).get("used")),
            number(row["used"]),
            row["source"],
        )
        for row in current["fuels"]
    ]
    return two_years("Fuel consumption", "Fuel", rows, (previous, current))


def wastes_two_years(current, previous, hazardous, origin, name="generated"):
    previous_rows = {row["name"]: row for row in previous["wastes"]}
    rows = [
        (
            row["name"],
            row["unit"],
            number(previous_rows.get(row["name"], {}).get(name)),
            number(row[name]),
            row["source"],
        )
        for row in current["wastes"]
        if row["is_hazardous"] == hazardous and (origin is None or row["origin"] == origin)
    ]
    captions = {
        "process": "From process",
        "abatement": "From pollution control facilities",
        None: {"reused": "Recycled or re-utilised within the unit", "sold": "Sold", "dispatched": "Disposed"}.get(
            name, ""
        ),
    }
    return two_years(captions[origin], "Waste", rows, (previous, current))
