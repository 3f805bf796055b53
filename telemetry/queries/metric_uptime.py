"""Uptime of each metric of one device: a sensor may fall silent while its device goes on reporting."""

from telemetry.metrics import SUMMED
from telemetry.queries.summary import percent, slot_s
from telemetry.queries.totals import fetch
from telemetry.signal.profile_timeline import Meaning

NAMES = [metric.name for metric in SUMMED]


def metric_uptimes(device, summary) -> dict[str, float | None]:
    """{metric: % of the slots of `summary`'s span (`telemetry.queries.summary`) with a value of it}."""
    if summary.expected_from is None:
        return dict.fromkeys(NAMES)
    slot = slot_s(Meaning(device), summary.end)
    slots = "DISTINCT floor(EXTRACT(EPOCH FROM starts_at - %s) / %s)" if slot > 900 else "*"
    heard = [
        f"count({slots}) FILTER (WHERE COALESCE({name}_count, 0) + COALESCE({name}_suspect, 0) > 0)" for name in NAMES
    ]
    each = [summary.start, slot] * len(NAMES) if slot > 900 else []
    row = fetch(
        f"SELECT {', '.join(heard)} FROM telemetry_quarterhour "
        "WHERE device_id = %s AND starts_at >= %s AND starts_at < %s",
        [*each, device.pk, summary.start, summary.end],
    )[0]
    seconds = (summary.end - summary.expected_from).total_seconds() - summary.planned_hours * 3600
    return {name: percent(count * slot, seconds) for name, count in zip(NAMES, row, strict=True)}
