"""Tables shared by several report types, from frozen inputs. Values are Decimal texts, times ISO 8601. Pure."""

from datetime import date, timedelta
from decimal import Decimal

from calculations import operations, spcb
from calculations.quantities import Figure, share_pct, text_of, total
from core.number_format import indian
from reports.documents.doubtful_steps import doubtful_sentences

METERED = "sub-metered by the devices of this report"


def number(text):
    return None if text is None else Decimal(text)


def machine_energy(machine):
    energy = machine["energy"]
    return operations.MachineEnergy(
        number(energy["measured_kwh"]),
        number(energy["bridged_kwh"]),
        number(energy["covered_h"]),
        number(energy["bridged_h"]),
        number(energy["missing_h"]),
    )


def tables_of(inputs) -> dict:
    return {
        "energy": energy_table(inputs),
        "operating": operating_table(inputs),
        "process": process_table(inputs),
        "gas": gas_table(inputs),
        "alerts": inputs["alerts"],
        "quality": quality_table(inputs),
        "devices": inputs["machines"],
    }


def with_power(inputs) -> list:
    return [machine for machine in inputs["machines"] if machine["energy"]["has_power"]]


def energy_of_all(inputs):
    return operations.energy_total([machine_energy(machine) for machine in with_power(inputs)])


def energy_table(inputs) -> dict:
    whole = energy_of_all(inputs)
    rows = [energy_row(machine["label"], machine_energy(machine), whole) for machine in with_power(inputs)]
    without = [machine["label"] for machine in inputs["machines"] if not machine["energy"]["has_power"]]
    return {
        "rows": rows,
        "total": energy_row("All machines", whole, whole),
        "without_power": without,
        "doubtful": doubtful_sentences(inputs["machines"]),
        "exported": [exported_sentence(machine) for machine in with_power(inputs) if exported_kwh(machine)],
    }


def exported_kwh(machine):
    """kWh that a machine fed back; None where there are none, and in inputs of earlier releases, which were net."""
    return number(machine["energy"].get("exported_kwh"))


def exported_sentence(machine) -> str:
    return f"{machine['label']} fed back {indian(exported_kwh(machine), 1)} kWh, which are not subtracted."


def energy_row(label, energy, whole) -> dict:
    return {
        "label": label,
        "measured_kwh": text_of(energy.measured_kwh),
        "bridged_kwh": text_of(energy.bridged_kwh),
        "total_kwh": text_of(energy.total_kwh),
        "share_pct": text_of(share_pct(energy.total_kwh, whole.total_kwh)),
        "missing_h": text_of(energy.missing_h),
        "coverage_pct": text_of(energy.coverage_pct),
    }


def operating_table(inputs) -> dict:
    rows = [{"label": machine["label"], **machine["operating"]} for machine in with_power(inputs)]
    return {"rows": rows, "rule": operations.OPERATING_RULE}


def process_table(inputs) -> list:
    """Rows per machine and metric, except gas index and power, which have their own tables."""
    excluded = {"gas_index", "power_consumption", "energy_kwh"}
    return [
        {"label": machine["label"], **metric}
        for machine in inputs["machines"]
        for metric in machine["metrics"]
        if metric["name"] not in excluded
    ]


def gas_table(inputs) -> dict:
    rows = [
        {"label": machine["label"], **metric}
        for machine in inputs["machines"]
        for metric in machine["metrics"]
        if metric["name"] == "gas_index"
    ]
    return {"rows": rows}


def quality_table(inputs) -> dict:
    machines = inputs["machines"]
    return {
        "rows": [quality_row(machine) for machine in machines],
        "gaps": [{"label": machine["label"], **gap} for machine in machines for gap in machine["gaps"]],
        "days_below": [
            {"label": machine["label"], "days": sum(entry["days"] for entry in below), "entries": below}
            for machine in machines
            if (below := days_below(machine))
        ],
        "benchmark_pct": text_of(spcb.DAILY_CAPTURE_BENCHMARK_PCT),
    }


def days_below(machine) -> list:
    """Days below the benchmark; consecutive days with equal capture (a long outage) are merged."""
    days = [(day["on"], day["valid"], Decimal(day["expected"])) for day in machine["days"]]
    entries = []
    for on, share in spcb.days_below_benchmark(days):
        last = entries[-1] if entries else None
        if last and last["share"] == share and is_next(last["until"], on):
            last["until"], last["days"] = on, last["days"] + 1
        else:
            entries.append({"on": on, "until": on, "days": 1, "share": share})
    return [{**entry, "share": text_of(entry["share"])} for entry in entries]


def is_next(on, other) -> bool:
    return date.fromisoformat(other) - date.fromisoformat(on) == timedelta(days=1)


def quality_row(machine) -> dict:
    return {
        "label": machine["label"],
        "device_id": machine["device_id"],
        "expected": machine["expected"],
        "received": machine["received"],
        "valid": machine["valid"],
        "suspect": machine["suspect"],
        "capture_pct": machine["capture_pct"],
        "uptime_pct": machine["uptime_pct"],
        "planned_stop_h": machine["planned_stop_h"],
    }


def capture_of_all(inputs):
    expected = total(number(machine["expected"]) for machine in inputs["machines"])
    valid = sum(machine["valid"] for machine in inputs["machines"])
    return spcb.capture_pct(valid, expected)


def mean_uptime(inputs):
    known = [number(machine["uptime_pct"]) for machine in inputs["machines"] if machine["uptime_pct"] is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def energy_figure(inputs):
    energy = energy_of_all(inputs)
    return Figure(energy.total_kwh, "kWh", METERED, inputs["period"]["label"], energy.coverage_pct).frozen()


def operating_figure(inputs):
    """Total operating hours over all machines."""
    hours = total(number(machine["operating"]["operating_h"]) for machine in with_power(inputs))
    unknown = total(number(machine["operating"]["unknown_h"]) for machine in with_power(inputs))
    period = total(number(machine["operating"]["period_h"]) for machine in with_power(inputs))
    coverage = None if hours is None else share_pct(period - unknown, period)
    return Figure(
        hours, "machine hours", "power of the machines, rule printed", inputs["period"]["label"], coverage
    ).frozen()


def across_machines(inputs, metric, part):
    """Highest or lowest of a metric over all machines, or the mean weighted by valid values."""
    entries = [entry for machine in inputs["machines"] for entry in machine["metrics"] if entry["name"] == metric]
    entries = [entry for entry in entries if entry["count"]]
    if not entries:
        return None
    if part == "mean":
        return sum(Decimal(e["mean"]) * e["count"] for e in entries) / sum(e["count"] for e in entries)
    return {"max": max, "min": min}[part](Decimal(entry[part]) for entry in entries)


def common_summary(inputs) -> dict:
    """The summary figures common to all report types."""
    label = inputs["period"]["label"]
    by_devices = f"{len(inputs['machines'])} devices"
    alert_count = Decimal(len(inputs["alerts"]))
    return {
        "energy_kwh": energy_figure(inputs),
        "operating_hours": operating_figure(inputs),
        "data_capture_pct": Figure(capture_of_all(inputs), "%", by_devices, label).frozen(),
        "device_uptime_pct": Figure(mean_uptime(inputs), "%", f"mean of {by_devices}", label).frozen(),
        "process_alerts": Figure(alert_count, "", "alert rules set by the unit", label, decimals=0).frozen(),
        "avg_temperature": Figure(across_machines(inputs, "temperature", "mean"), "°C", by_devices, label).frozen(),
        "max_temperature": Figure(across_machines(inputs, "temperature", "max"), "°C", by_devices, label).frozen(),
        "avg_gas_index": Figure(
            across_machines(inputs, "gas_index", "mean"), "index", "indicative, uncertified sensors", label, decimals=0
        ).frozen(),
    }


LABELS = {
    "energy_kwh": "Electricity of the machines measured",
    "operating_hours": "Operating time",
    "data_capture_pct": "Data capture",
    "device_uptime_pct": "Device uptime",
    "process_alerts": "Process alerts",
    "avg_temperature": "Mean temperature",
    "max_temperature": "Highest temperature",
    "avg_gas_index": "Mean gas index (indicative)",
}


def result_rows(summary, names) -> list:
    """Rows of the result table: label and figure."""
    return [{"label": LABELS[name], "figure": summary[name]} for name in names]
