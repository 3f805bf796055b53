"""Device uptime alone, for pages that ask often: the same number as `telemetry.queries.summary` gives."""

from telemetry.queries.summary import summarise_many


def uptime(devices, start, end) -> dict[int, float | None]:
    """{device pk: % of the span's slots in which it reported}, None where nothing was to be expected."""
    return {pk: summary.uptime_percent for pk, summary in summarise_many(devices, start, end, end).items()}
