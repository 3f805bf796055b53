"""The span of time a page's address asks for."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime

RANGES = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "1y": timedelta(days=365)}
RANGE_LABELS = {"24h": "24 h", "7d": "7 days", "30d": "30 days", "1y": "1 year"}
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=3660)


class Span(NamedTuple):
    """From `start` to `end`; `name` of the range that ends now, or "" for a span of one's own."""

    start: datetime
    end: datetime
    name: str

    @property
    def is_live(self):
        return bool(self.name)

    def local(self, zone):
        """Both ends as `<input type=datetime-local>` wants them."""
        return {end: getattr(self, end).astimezone(zone).strftime("%Y-%m-%dT%H:%M") for end in ("start", "end")}


def span_asked(query, zone, now):
    """The span a URL asks for: `range=7d`, or `start` and `end` in the factory's time. 400-worthy values raise."""
    if query.get("start") or query.get("end"):
        start = moment(query.get("start"), zone, "start")
        end = moment(query.get("end"), zone, "end") if query.get("end") else now
        if not SHORTEST <= end - start <= LONGEST:
            raise ValidationError("The end must lie between five minutes and ten years after the start.")
        return Span(start, end, "")
    name = query.get("range") if query.get("range") in RANGES else "24h"
    return Span(now - RANGES[name], now, name)


def moment(text, zone, field):
    try:
        found = parse_datetime(text or "") or parse_date(text or "")
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(f"{field}: a date and time such as 2026-11-23T14:30 is expected.")
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    found = found.replace(tzinfo=zone) if found.tzinfo is None else found
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        found = None
    if found is None or not 1990 < found.year < 2200:
        raise ValidationError(f"{field}: this date is out of range.")
    return found


def asked_of_api(device, span):
    """The query with which the API gives the same device and span."""
    moments = {f"{end}_time": getattr(span, end).astimezone(UTC).isoformat() for end in ("start", "end")}
    return urlencode({"device_id": device.pk, **moments})


def paged(query, span, by, zone):
    """The query of the span before or after this one, other choices kept."""
    length = span.end - span.start
    moved = Span(span.start + by * length, span.end + by * length, "")
    kept = query.copy()
    kept.pop("range", None)
    for name, value in moved.local(zone).items():
        kept[name] = value
    return kept.urlencode()
