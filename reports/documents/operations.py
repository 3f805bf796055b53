"""The weekly and the monthly operations report: operation, energy and alerts of the machines. Pure."""

from reports.documents import identification
from reports.documents.common_tables import common_summary, result_rows
from reports.documents.items import item, section

SUMMARY_METRICS = [
    "energy_kwh",
    "operating_hours",
    "process_alerts",
    "data_capture_pct",
    "device_uptime_pct",
    "max_temperature",
    "avg_temperature",
    "avg_gas_index",
]


def weekly(inputs, tables) -> dict:
    return document(inputs, "Weekly operations report")


def monthly(inputs, tables) -> dict:
    return document(inputs, "Monthly operations report")


def document(inputs, title) -> dict:
    summary = common_summary(inputs)
    return {
        "title": title,
        "scheme": "Operations report of the unit",
        "status_line": "Internal report. It is not a filing under any scheme.",
        "prepared_for": "the management of the unit",
        "summary": summary,
        "result": result_rows(summary, SUMMARY_METRICS),
        "counts_items": False,
        "disclosure_section": "",
        "sections": [
            section("1", "Unit", [item("1", "Identification", identification.identification(inputs["unit"]))]),
            section("2", "Energy by machine", blocks=["energy", "energy_chart"]),
            section("3", "Operating hours", blocks=["operating"]),
            section("4", "Process values", blocks=["process", "temperature_charts"]),
            section("5", "Process alerts", blocks=["alerts"]),
            section("6", "Gas index (indicative)", blocks=["disclosure", "gas", "gas_charts"]),
            section("7", "Data quality", blocks=["quality"]),
            section("8", "Devices and sources", blocks=["devices"]),
            section("9", "Calculation rules", blocks=["rules"]),
            section("10", "Prepared by", blocks=["signature"]),
        ],
        "signatories": [{"role": "Prepared by"}, {"role": "Seen by"}],
    }
