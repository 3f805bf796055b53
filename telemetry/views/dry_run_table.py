"""The values of a dry run as its page shows them."""

from datetime import datetime

from core.number_format import indian
from telemetry.metrics import BY_NAME

REGISTERS = ("energy_kwh",)
MAX_DECIMALS = 6


def dry_run_table(values: dict) -> dict | None:
    """{columns, rows, metrics, first_at, last_at, months}; None before a check."""
    if not values or not values["rows"]:
        return None
    return {
        "columns": [heading(metric) for metric in values["metrics"]],
        "rows": [shown_row(row, values["metrics"]) for row in values["rows"]],
        "metrics": [shown_metric(metric) for metric in values["metrics"]],
        "first_at": datetime.fromisoformat(values["first_at"]),
        "last_at": datetime.fromisoformat(values["last_at"]),
        "months": [(datetime.strptime(month, "%Y-%m").date(), count) for month, count in values["months"].items()],  # noqa: DTZ007 a month, not a moment
    }


def heading(metric: dict) -> str:
    return f"{metric['label']} ({metric['unit']})" if metric["unit"] else metric["label"]


def shown_row(row: dict, metrics: list[dict]) -> dict:
    cells = [(heading(metric), figure(row["values"].get(metric["metric"]))) for metric in metrics]
    return {"line": row["line"], "at": datetime.fromisoformat(row["at"]), "cells": cells}


def shown_metric(metric: dict) -> dict:
    is_register = metric["metric"] in REGISTERS
    return {
        "heading": heading(metric),
        "readings": metric["readings"],
        "least": figure(metric["least"]["value"]),
        "least_line": metric["least"]["line"],
        "greatest": figure(metric["greatest"]["value"]),
        "greatest_line": metric["greatest"]["line"],
        "mean": "" if is_register else indian(metric["mean"], BY_NAME[metric["metric"]].decimals),
        "gain": figure(metric["last"] - metric["first"]) if is_register else "",
        "sum": figure(metric["sum"]) if metric["unit"].startswith("kWh since") else "",
    }


def figure(value: float | None) -> str:
    """All digits of a stored value, as far as six decimals: a dry run is no place for rounding."""
    if value is None:
        return "–"
    digits = f"{value:.{MAX_DECIMALS}f}".rstrip("0")
    return indian(value, len(digits.partition(".")[2]))
