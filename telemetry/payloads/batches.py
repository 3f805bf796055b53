"""The readings of one request → samples and rejects, with what only several of them show: their order in time. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from telemetry.payloads.bad_body import Unreadable
from telemetry.payloads.samples import FUTURE_TOLERANCE, SERVER_CLOCK, ReadingSample, Reject, parse_sample
from telemetry.payloads.unset_clocks import SPACING, place_unset_clocks

INDIA = "Asia/Kolkata"


def parse_batch(
    readings: Sequence[Any],
    *,
    now: datetime,
    oldest: datetime,
    zone: tzinfo | None = None,
    are_just_sent: bool = True,
) -> list[ReadingSample | Reject]:
    """ReadingSample or Reject of each. Several without a time are set a millisecond apart, the last now.

    `zone`: the factory's, to name local time that was sent as UTC. `are_just_sent`: by the device that measured them;
    else those of a clock that is not set are too old.
    """
    results: list[ReadingSample | Reject] = []
    timeless, is_unset, is_ahead = [], False, False
    for place, raw in enumerate(readings):
        if isinstance(raw, Unreadable):
            results.append(Reject(None, "unreadable", {"line": str(raw)}, raw.line, holds_metric=False))
            continue
        result = parse_sample(raw, now=now, oldest=oldest, takes_unset_clock=are_just_sent)
        results.append(result)
        if isinstance(result, Reject):
            is_ahead = is_ahead or result.ahead_by is not None
        elif result.clock == SERVER_CLOCK:
            timeless.append((place, result))
        elif result.clock < 0:
            is_unset = True
    for before_last, (place, sample) in enumerate(reversed(timeless)):
        results[place] = sample._replace(at=now - before_last * SPACING)
    if is_unset:
        place_unset_clocks(results, end=now - len(timeless) * SPACING, oldest=oldest)
    if is_ahead:
        name_local_time(results, now, zone)
    return results


def name_local_time(results: list[ReadingSample | Reject], now: datetime, zone: tzinfo | None) -> None:
    """Say so where the newest reading is ahead by the zone's offset: local time that was sent as UTC."""
    ahead = {place: one for place, one in enumerate(results) if isinstance(one, Reject) and one.ahead_by}
    newest = max(reject.ahead_by for reject in ahead.values() if reject.ahead_by)
    offset = now.astimezone(zone).utcoffset() if zone else None
    is_local = offset is not None and abs(newest - offset) <= FUTURE_TOLERANCE < offset
    hint = f": {'Indian' if str(zone) == INDIA else zone} time sent as UTC?" if is_local else ""
    for place, reject in ahead.items():
        elapsed = span_text(reject.ahead_by or newest)
        moment = reject.errors["timestamp"].partition(" ")[0]
        problem = f"{moment} is {elapsed} ahead{hint or ' of the clock here'}"
        results[place] = reject._replace(errors={"timestamp": problem})


def span_text(elapsed: timedelta) -> str:
    """5 h 30 min, to the nearest minute; whole days beyond two."""
    minutes = round(elapsed / timedelta(minutes=1))
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
