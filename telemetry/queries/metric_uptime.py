"""Uptime of each metric of one device: a sensor may fail while its device goes on reporting."""

from devices.models import Device
from telemetry.metrics import ROLLED_UP_METRICS
from telemetry.queries.summary import DeviceSummary, percent, slot_s
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.sql import fetch_all

METRIC_NAMES = [metric.name for metric in ROLLED_UP_METRICS]


def metric_uptimes(device: Device, summary: DeviceSummary) -> dict[str, float | None]:
    """{metric: % of the slots of `summary`'s span (`telemetry.queries.summary`) with a value of it}."""
    if summary.expected_from is None:
        return dict.fromkeys(METRIC_NAMES)
    slot = slot_s(ProfileTimeline(device), summary.end)
    slots = "DISTINCT floor(EXTRACT(EPOCH FROM starts_at - %s) / %s)" if slot > 900 else "*"
    expressions = [
        f"count({slots}) FILTER (WHERE COALESCE({name}_count, 0) + COALESCE({name}_suspect, 0) > 0)"
        for name in METRIC_NAMES
    ]
    slot_parameters = [summary.start, slot] * len(METRIC_NAMES) if slot > 900 else []
    row = fetch_all(
        f"SELECT {', '.join(expressions)} FROM telemetry_quarterhour "
        "WHERE device_id = %s AND starts_at >= %s AND starts_at < %s",
        [*slot_parameters, device.pk, summary.start, summary.end],
    )[0]
    seconds = (summary.end - summary.expected_from).total_seconds() - summary.planned_hours * 3600
    return {name: percent(count * slot, seconds) for name, count in zip(METRIC_NAMES, row, strict=True)}
