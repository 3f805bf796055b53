"""Time ranges of pages, parsed from the query string."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime

RANGES = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "1y": timedelta(days=365)}
RANGE_LABELS = {"24h": "24 h", "7d": "7 days", "30d": "30 days", "1y": "1 year"}
PERIOD_LABELS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}  # of telemetry.analytics.insights.PERIODS
MIN_LENGTH, MAX_LENGTH = timedelta(minutes=5), timedelta(days=3660)


class TimeRange(NamedTuple):
    """From `start` to `end`; `name` of the range that ends now, or "" for a span of one's own."""

    start: datetime
    end: datetime
    name: str

    @property
    def is_live(self) -> bool:
        return bool(self.name)

    def local(self, zone) -> dict:
        """Both ends as `<input type=datetime-local>` wants them."""
        return {end: getattr(self, end).astimezone(zone).strftime("%Y-%m-%dT%H:%M") for end in ("start", "end")}


def parse_time_range(query, zone, now) -> TimeRange:
    """`range=7d`, or `start` and `end` in the factory's time → TimeRange. Raises ValidationError."""
    if query.get("start") or query.get("end"):
        start = parse_moment(query.get("start"), zone, "start")
        end = parse_moment(query.get("end"), zone, "end") if query.get("end") else now
        if not MIN_LENGTH <= end - start <= MAX_LENGTH:
            raise ValidationError("The end must lie between five minutes and ten years after the start.")
        return TimeRange(start, end, "")
    name = query.get("range") if query.get("range") in RANGES else "24h"
    return TimeRange(now - RANGES[name], now, name)


def parse_moment(text, zone, field):
    try:
        parsed = parse_datetime(text or "") or parse_date(text or "")
    except ValueError:
        parsed = None
    if parsed is None:
        raise ValidationError(f"{field}: a date and time such as 2026-11-23T14:30 is expected.")
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed, time())
    parsed = parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed
    try:
        parsed = parsed.astimezone(UTC)
    except OverflowError:
        parsed = None
    if parsed is None or not 1990 < parsed.year < 2200:
        raise ValidationError(f"{field}: this date is out of range.")
    return parsed


def api_query(device, time_range):
    """The query with which the API gives the same device and span."""
    moments = {f"{end}_time": getattr(time_range, end).astimezone(UTC).isoformat() for end in ("start", "end")}
    return urlencode({"device_id": device.pk, **moments})


def shifted_query(query, time_range, by, zone):
    """The query of the span before or after this one, other parameters unchanged."""
    length = time_range.end - time_range.start
    shifted = TimeRange(time_range.start + by * length, time_range.end + by * length, "")
    parameters = query.copy()
    parameters.pop("range", None)
    for name, value in shifted.local(zone).items():
        parameters[name] = value
    return parameters.urlencode()
