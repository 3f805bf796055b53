"""Measured data as tables of the annexure, for the blocks that the PDF renders by name. Pure."""

from datetime import datetime

from reports.documents.blocks import EMPTY, column, figure, number_column, table, text


def tables_of_block(name, tables, zone):
    """The tables of a named block (see `common_tables.tables_of`); none for charts, rules and signatures."""
    make = TABLES_BY_BLOCK.get(name)
    return make(tables[name], zone) if make else []


def energy(data, zone) -> list:
    columns = [
        column("Machine"), number_column("Measured", "kWh"), number_column("Bridged", "kWh"),
        number_column("Total", "kWh"), number_column("Share", "%"), number_column("Not measured", "h"),
        number_column("Coverage", "%"),
    ]  # fmt: skip
    note = "Sub-metered by devices on the machines; not the purchased electricity of the unit."
    note = " ".join([note, *data.get("doubtful", ())])
    rows = [energy_row(row) for row in data["rows"]]
    foot = energy_row(data["total"]) if rows else None
    return [table("Electricity by machine", columns, rows, foot, note, "No device reported power in this period.")]


def energy_row(row) -> list:
    kwh = [num_cell(row[name], 3) for name in ("measured_kwh", "bridged_kwh", "total_kwh")]
    return [text(row["label"]), *kwh, *(num_cell(row[name], 2) for name in ("share_pct", "missing_h", "coverage_pct"))]


def operating(data, zone) -> list:
    names = ("operating_h", "idle_h", "unknown_h", "coverage_pct")
    columns = [
        column("Machine"), number_column("Operating", "h"), number_column("Idle or stopped", "h"),
        number_column("Not known", "h"), number_column("Coverage", "%"), column("Counts as operating from"),
    ]  # fmt: skip
    rows = [
        [text(row["label"]), *(num_cell(row[name], 2) for name in names), text(row["basis"])] for row in data["rows"]
    ]
    return [table("Operating hours by machine", columns, rows, note=data["rule"], empty="No device reported power.")]


STATISTICS = [number_column(label) for label in ("Lowest", "Mean", "Highest", "Valid values", "Suspect, left out")]


def statistics(row, decimals) -> list:
    return [
        *(num_cell(row[name], decimals) for name in ("min", "mean", "max")),
        *(num_cell(row[name], 0) for name in ("count", "suspect")),
    ]


def process(data, zone) -> list:
    columns = [column("Machine"), column("Value"), column("Unit"), *STATISTICS]
    rows = [
        [text(row["label"]), text(row["title"]), text(row["unit"]), *statistics(row, row["decimals"])] for row in data
    ]
    return [table("Process values by machine", columns, rows, empty="No process value was reported in this period.")]


def gas(data, zone) -> list:
    rows = [[text(row["label"]), *statistics(row, 0)] for row in data["rows"]]
    note = "Indicative trends of uncertified sensors; no unit, no compliance statement."
    empty = "No gas index was reported in this period."
    return [table("Gas index by machine", [column("Machine"), *STATISTICS], rows, note=note, empty=empty)]


def alerts(data, zone) -> list:
    columns = [
        column("Start"), column("End"), number_column("Duration", "min"), column("Machine"), column("Alert"),
        column("Severity"), number_column("Farthest value"), number_column("Level set"), column("Value"),
        column("Unit"), column("Acknowledged"), column("By"), number_column("Response", "min"),
        column("Cause"), column("Action"),
    ]  # fmt: skip
    rows = [alert_row(row, zone) for row in data]
    return [table("Process alerts and the response", columns, rows, empty="No process alert in this period.")]


def alert_row(row, zone) -> list:
    return [
        moment(row["started_at"], zone), moment(row["ended_at"], zone, "still open"), num_cell(row["minutes"], 1),
        text(row["machine"]), text(row["title"]), text(row["severity"]), num_cell(row["peak"], 2),
        num_cell(row["level"], 2), optional_text(row.get("value_label")), optional_text(row.get("unit")),
        moment(row["acknowledged_at"], zone, "no"), optional_text(row["acknowledged_by"]),
        num_cell(row.get("response_minutes"), 1), optional_text(row.get("cause")), optional_text(row.get("action")),
    ]  # fmt: skip


def quality(data, zone) -> list:
    return [quality_by_device(data), gaps(data, zone), days_below(data)]


def quality_by_device(data):
    counts, shares = ("expected", "received", "valid", "suspect"), ("capture_pct", "uptime_pct", "planned_stop_h")
    columns = [
        column("Machine"), column("Device"), *(number_column(name.capitalize()) for name in counts),
        number_column("Data capture", "%"), number_column("Device uptime", "%"), number_column("Planned stops", "h"),
    ]  # fmt: skip
    rows = [
        [
            text(row["label"]),
            text(row["device_id"]),
            *(num_cell(row[name], 0) for name in counts),
            *(num_cell(row[name], 2) for name in shares),
        ]
        for row in data["rows"]
    ]
    return table("Data quality by device", columns, rows, empty="No device was registered in this period.")


def gaps(data, zone):
    columns = [column("Machine"), column("From"), column("To"), number_column("Length", "min"), column("Planned stop")]
    rows = [
        [
            text(gap["label"]),
            moment(gap["start"], zone),
            moment(gap["end"], zone),
            num_cell(gap["minutes"], 1),
            text("yes" if gap["is_planned"] else "no"),
        ]
        for gap in data["gaps"]
    ]
    return table("Gaps longer than 30 minutes", columns, rows, empty="No gap longer than 30 minutes.")


def days_below(data):
    columns = [column("Machine"), column("From"), column("To"), number_column("Days"), number_column("Capture", "%")]
    rows = [
        [text(row["label"]), text(day["on"]), text(day["until"]), num_cell(day["days"], 0), num_cell(day["share"], 2)]
        for row in data["days_below"]
        for day in row["entries"]
    ]
    caption = f"Days with data capture below {data['benchmark_pct']} %"
    return table(caption, columns, rows, empty="No day below the benchmark.")


def devices(data, zone) -> list:
    columns = [
        column("Machine"), column("Device"), column("Place"), column("Power is"), number_column("Interval", "s"),
        number_column("Rated", "kW"), column("Holds from"),
    ]  # fmt: skip
    rows = [
        [
            text(machine["label"]), text(machine["device_id"]), text(machine["location"]), text(profile["power_kind"]),
            num_cell(profile["interval_s"], 0), num_cell(profile["rated_kw"], 1), moment(profile["valid_from"], zone),
        ]
        for machine in data
        for profile in machine["profiles"]
    ]  # fmt: skip
    return [table("Devices and what they report", columns, rows, empty="No device was registered in this period.")]


def num_cell(value, decimals):
    """A numeric cell, with a dash for None."""
    return figure(value, decimals, missing="–")


def optional_text(value):
    return text(value) if value else EMPTY


def moment(iso, zone, otherwise="–") -> dict:
    """2025-01-16 16:00:00 in the factory's time zone: sortable in a workbook."""
    if not iso:
        return {"text": otherwise, "is_missing": False}
    return {"text": f"{datetime.fromisoformat(iso).astimezone(zone):%Y-%m-%d %H:%M:%S}", "is_missing": False}


TABLES_BY_BLOCK = {
    "energy": energy,
    "operating": operating,
    "process": process,
    "gas": gas,
    "alerts": alerts,
    "quality": quality,
    "devices": devices,
}
