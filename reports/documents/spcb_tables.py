"""Tables of production and consumption against the consents, each figure with its source. Pure."""

from calculations.spcb.consumption import AgainstConsent
from reports.documents import blocks, spcb_case
from reports.documents.blocks import column, figure, number_column, table, text
from reports.documents.spcb_case import number

HEAD = {"previous": "Previous financial year", "current": "Current financial year"}
BLANK = text("–")
NOT_COMPARED = "A sum over fewer months than the period is not compared with the quantity consented for the period."


def consents(current):
    rows = [
        [
            text(row.get("what")),
            text(row["number"]),
            text(row.get("issued_on")),
            text(row.get("valid_until") or "until cancelled"),
            text(row.get("authority")),
        ]
        for row in current["consents"]
    ]
    columns = [column(name) for name in ("Consent", "Number", "Issued on", "Valid until", "Issued by")]
    return table("Consents and authorisations", columns, rows)


def against_consent(caption, rows_of, name, what, months):
    """Actual against consented quantities of the whole period; not compared where months of it are missing."""
    rows = []
    for row in rows_of:
        actual, allowed = number(row[name]), number(row["allowed"])
        entered = blocks.months_said(row.get("months_entered"), months)
        against = None if actual is None or entered else AgainstConsent(actual, allowed)
        is_left = entered and actual is not None and allowed is not None
        per = f"{number(row['consented']):f} {row['unit']} {row['consented_per']}" if row["consented"] else None
        rows.append(
            [
                text(row["name"]),
                text(row["unit"]),
                figure(actual, months=entered),
                text(per),
                figure(allowed, 3, "not consented" if not row["consented"] else "operating days not provided"),
                figure(against and against.share_pct, 1, "not compared" if is_left else "–"),
                text(row["reason"] or "–"),
                text(row["source"]),
            ]
        )
    columns = [
        column(what),
        column("In"),
        number_column("Actual"),
        column("Consented"),
        number_column("… in the period"),
        number_column("Of the consent", "%"),
        column("Remark"),
        column("Source"),
    ]
    is_short = any("months" in cell for row in rows for cell in row)
    return table(caption, columns, rows, note=NOT_COMPARED if is_short else "")


def products(current, by_products=False):
    rows = [row for row in current["products"] if row["is_by_product"] == by_products]
    return against_consent("By-products" if by_products else "Products", rows, "made", "Product", current["months"])


def capacities(current):
    rows = [
        [text(row["name"]), figure(number(row["capacity"]), 0), text(row["unit"]), text(row["capacity_per"])]
        for row in current["products"]
    ]
    columns = [column("Product"), number_column("Capacity"), column("In"), column("Per")]
    return table("Production capacity", columns, rows)


def fuels(current):
    return against_consent("Fuels", current["fuels"], "used", "Fuel", current["months"])


def water(current):
    rows = [
        [
            text(f"{row['use']}: {row['name']}"),
            figure(number(row["opening"]), 0),
            figure(number(row["closing"]), 0),
            figure(number(row["quantity_m3"]), 0, months=months_of(row, current)),
            figure(spcb_case.per_day(row["quantity_m3"], current), 2),
            figure(number(row["consented_m3_per_day"]), 2),
            text(row["source"]),
        ]
        for row in current["water"]
    ]
    columns = [
        column("Water"),
        number_column("Meter, opening", "m³"),
        number_column("closing", "m³"),
        number_column("Quantity", "m³"),
        number_column("A day", "m³/day"),
        number_column("Consented", "m³/day"),
        column("Source"),
    ]
    return table("Water and effluent by meter", columns, rows, note=days_note(current))


def months_of(row, current) -> str:
    return blocks.months_said(row.get("months_entered"), current["months"])


def electricity_months(current) -> str:
    return blocks.months_said(current.get("electricity_months"), current["months"])


def days_note(current) -> str:
    if not current["operating_days"]:
        return "Operating days are not provided: no figure per day can be given."
    days = number(current["operating_days"])
    return f"Figures per day are divided by {days:f} operating days ({current['days_source'].lower()})."


def materials(current):
    rows = [
        [
            text(r["name"]),
            figure(number(r["used"]), months=months_of(r, current)),
            text(r["unit"]),
            text(r["source"]),
        ]
        for r in current["materials"]
    ]
    columns = [column("Raw material"), number_column("Used"), column("In"), column("Source")]
    return table("Raw materials", columns, rows)


def electricity(current):
    rows = [
        [
            text("Purchased, by bill"),
            figure(number(current["electricity_kwh"]), 0, months=electricity_months(current)),
            BLANK,
            text(current["electricity_source"]),
        ]
    ]
    rows += [
        [
            text(row["name"]),
            figure(number(row["generated_kwh"]), 0, months=months_of(row, current)),
            figure(number(row["operating_h"]), 0),
            text(row["source"]),
        ]
        for row in current["generation"]
    ]
    columns = [column("Electricity"), number_column("Quantity", "kWh"), number_column("Run", "h"), column("Source")]
    return table("Electricity purchased and generated", columns, rows)


def impact(current):
    rows = [
        [
            text(row["description"]),
            figure(number(row.get("water_m3_per_day")), 2, "–"),
            figure(number(row.get("fuel_kl_per_day")), 3, "–"),
            figure(number(row.get("material_kg")), 0, "–"),
            figure(number(row.get("power_kwh")), 0, "–"),
            figure(number(row.get("investment_lakh_rs")), 2),
            figure(number(row.get("maintenance_lakh_rs")), 2, "–"),
        ]
        for row in current["measures"]
        if row["stage_key"] == "done"
    ]
    columns = [
        column("Measure"),
        number_column("Less water", "m³/day"),
        number_column("Less fuel and solvent", "kL/day"),
        number_column("Less raw material", "kg"),
        number_column("Less power", "kWh"),
        number_column("Capital investment", "lakh ₹"),
        number_column("Less maintenance", "lakh ₹"),
    ]
    return table("Measures and what they saved", columns, rows, empty="No measure is entered.")


def investment(current, stage, caption):
    rows = [
        [text(row["description"]), text(row.get("purpose")), figure(number(row.get("investment_lakh_rs")), 2)]
        for row in current["measures"]
        if row["stage_key"] == stage
    ]
    columns = [column("Measure"), column("Purpose"), number_column("Capital investment", "lakh ₹")]
    return table(caption, columns, rows, empty="No measure is entered.")


def shutdowns(current):
    rows = [
        [
            text(row["what"]),
            text(row["from_on"]),
            text(row["until_on"]),
            figure(number(row.get("hours")), 0),
            text(row.get("reason")),
        ]
        for row in current["shutdowns"]
    ]
    columns = [
        column("What stood still"),
        column("From"),
        column("Until"),
        number_column("Length", "h"),
        column("Reason"),
    ]
    return table("Shutdowns", columns, rows, empty="No shutdown is entered for this period.")


def letters(current):
    names = {
        "received_on": "Date",
        "what": "Kind",
        "subject": "Subject",
        "sender": "From",
        "action": "Corrective action",
        "answered_on": "Answered on",
        "closed_on": "Closed on",
    }
    rows = [[text(row.get(name) or "–") for name in names] for row in current["letters"]]
    return table(
        "Notices, complaints and deviations",
        [column(label) for label in names.values()],
        rows,
        empty="None is entered for this period.",
    )


def points(current):
    names = {
        "name": "Stack or outlet",
        "what": "Kind",
        "attached_to": "Attached to",
        "control": "Control equipment",
        "height_m": "Height, m",
    }
    rows = [[text(row.get(name)) for name in names] for row in current["points"]]
    return table("Stacks, outlets and stations", [column(label) for label in names.values()], rows)
