"""Tables of wastes, and of consumption per unit over two years. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from calculations.spcb.consumption import TwoYears
from reports.documents import blocks, spcb_case
from reports.documents.blocks import column, figure, number_column, table, text
from reports.documents.spcb_case import number
from reports.documents.spcb_tables import months_of

HEAD = {"previous": "Previous financial year", "current": "Current financial year"}
ONE, IN_KG = Decimal(1), {"t": Decimal(1000), "kg": Decimal(1)}
YEARS_NOT_COMPARED = "A year of which months are missing is compared with no other."


def hazardous_wastes(current):
    rows = [
        [
            text(row["name"]),
            text(row["schedule"]),
            text(row["unit"]),
            figure(number(row["opening"])),
            figure(number(row["generated"]), months=months_of(row, current)),
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
            figure(number(r["generated"]), months=months_of(r, current)),
            *(figure(number(r[n])) for n in ("reused", "sold", "dispatched", "closing")),
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
            figure(number(row["generated"]), months=months_of(row, current)),
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


def two_years(caption, label, rows, products=None):
    """`rows`: (name, unit, previous, current, source); years with missing months are not compared.

    `products` are the names of those that a consumption per unit is divided by.
    """
    cells = [
        [
            text(name),
            then.cell,
            now.cell,
            text(unit),
            figure(change(then, now), 1, why_none(then, now)),
            *([] if products is None else [text(products)]),
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
        *([] if products is None else [column("Per unit of")]),
        column("Source"),
    ]
    is_short = any(side.months and side.value is not None for row in rows for side in row[2:4])
    return table(caption, columns, cells, note=YEARS_NOT_COMPARED if is_short else "", empty="None is entered.")


@dataclass(frozen=True)
class YearFigure:
    """A figure of one financial year and, where months of it are missing, "3 of 12 months"."""

    value: Decimal | None
    months: str = ""

    @property
    def cell(self) -> dict:
        return figure(self.value, 4, months=self.months)


def of_year(rows_by_name, span, row, name, scale=ONE) -> YearFigure:
    its = rows_by_name.get(row["name"])
    if its is None or its[name] is None:
        return YearFigure(None)
    return YearFigure(number(its[name]) * scale, months_of(its, span))


def form_unit(row) -> tuple[str, Decimal]:
    """(unit, scale): part D of Form V asks for hazardous wastes in kg; a waste counted by volume stays in its unit."""
    scale = IN_KG.get(row["unit_key"]) if row["is_hazardous"] else None
    return (row["unit"], ONE) if scale is None else ("kg", scale)


def change(then, now) -> Decimal | None:
    """Change in per cent; None where one of the years lacks months."""
    return None if then.months or now.months else TwoYears(then.value, now.value).change_pct


def why_none(then, now) -> str:
    is_short = then.months or now.months
    return "not compared" if is_short and None not in (then.value, now.value) else "–"


def per_unit(current, previous, kind, caption, label):
    rows = [
        (
            row["label"],
            row["unit"],
            YearFigure(row["previous"], blocks.months_said(row["previous_months"], previous["months"])),
            YearFigure(row["current"], blocks.months_said(row["current_months"], current["months"])),
            row["source"],
        )
        for row in spcb_case.per_unit_rows(current, previous)
        if row["kind"] == kind
    ]
    return two_years(caption, label, rows, spcb_case.product_names(current))


def by_name(rows) -> dict:
    return {row["name"]: row for row in rows}


def fuel_two_years(current, previous):
    then, now = by_name(previous["fuels"]), by_name(current["fuels"])
    rows = [
        (
            row["name"],
            row["unit"],
            of_year(then, previous, row, "used"),
            of_year(now, current, row, "used"),
            row["source"],
        )
        for row in current["fuels"]
    ]
    return two_years("Fuel consumption", "Fuel", rows)


def wastes_two_years(current, previous, hazardous, origin, name="generated"):
    then, now = by_name(previous["wastes"]), by_name(current["wastes"])
    rows = [
        (
            row["name"],
            unit,
            of_year(then, previous, row, name, scale),
            of_year(now, current, row, name, scale),
            row["source"],
        )
        for row in current["wastes"]
        if row["is_hazardous"] == hazardous and (origin is None or row["origin"] == origin)
        for unit, scale in [form_unit(row)]
    ]
    captions = {
        "process": "From process",
        "abatement": "From pollution control facilities",
        None: {"reused": "Recycled or re-utilised within the unit", "sold": "Sold", "dispatched": "Disposed"}.get(
            name, ""
        ),
    }
    return two_years(captions[origin], "Waste", rows)
