"""Plausibility of the power unit: detects watts configured as kilowatts and the reverse, an error by a factor of 1,000.

A device is reported where its typical power is about a thousand times its rating, or its highest about a thousandth;
without a rating, where it changed about a thousandfold when its power kind was changed. The typical power is the median
of the quarter hours' means (kW, by the profile) over a week, or, where values are suspect for being beyond ten times
the rating, the median of the latest of these. Nothing is corrected here: a person sets the unit, and from when it holds
(`devices.profile_changes`); the readings are then checked and summed again. What a device's first values raise, and
registers in Wh, is asked sooner, reading by reading (`telemetry.analytics.unit_doubts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects

from core.number_format import indian
from devices.models import Device, DeviceProfile, PowerKind
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.signal.energy import mean_kw
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.sql import fetch_all

Span = tuple[datetime, datetime]
LOOK_BACK = timedelta(days=7)
MAX_EDIT_AGE = timedelta(days=30)
THOUSANDFOLD = (250, 4000)  # a machine's load lies between a quarter of its rating and four times that
MIN_QUARTERS = 4  # an hour of power
MIN_IDLE_QUARTERS = 8  # before too little power counts: a machine may idle for an hour
MIN_SUSPECT_SHARE, MIN_SUSPECTS = 0.1, 12  # of a week's power values: an idle machine sends plausible ones too
MAX_SUSPECTS = 200
OTHER_UNIT: dict[Any, Any] = {
    PowerKind.KW: PowerKind.W,
    PowerKind.W: PowerKind.KW,
}  # kinds that differ by a factor of 1,000


class TypicalPower(NamedTuple):
    typical_kw: float
    highest_kw: float
    quarter_count: int  # with valid values


@dataclass(frozen=True)
class PowerDoubt:
    """Evidence of a wrong unit. `suggested` is the power kind that would explain it, None where none would."""

    device_pk: int
    machine: str
    typical_kw: float  # by the current profile
    expected_kw: float  # the rating, or what was typical before the change
    against: str  # "rating" or "history"
    since: datetime  # from which moment another unit would have to hold
    suggested: str | None

    @property
    def factor(self) -> float:
        return self.typical_kw / self.expected_kw

    @property
    def words(self) -> str:
        reference = "its rating" if self.against == "rating" else "what it was before its last change of meaning"
        size = "a thousand times" if self.factor > 1 else "a thousandth of"
        typical, expected = format_kw(self.typical_kw), format_kw(self.expected_kw)
        sentence = f"Its power, typically {typical}, is about {size} {reference} ({expected})."
        if self.suggested is None:
            return sentence
        return (
            f"{sentence} It probably sends {self.suggested}: until that is said, every figure of its energy is wrong."
        )


def format_kw(value: float) -> str:
    return f"{value:.3g} kW" if abs(value) < 1000 else f"{indian(value)} kW"


def power_doubts(devices: Iterable[Device], now: datetime) -> dict[int, PowerDoubt]:
    """{device pk: PowerDoubt} of the devices whose power seems to be in another unit than in their profile."""
    devices = list(devices)
    prefetch_related_objects(devices, "profiles")
    spans = {device.pk: check_span(device, now) for device in devices}
    typical = typical_powers(devices, spans)
    result = {}
    for device in devices:
        doubt = doubt_of(device, spans[device.pk], typical.get(device.pk), now)
        if doubt:
            result[device.pk] = doubt
    return result


def power_kind_since(device: Device, now: datetime) -> datetime:
    """Since when the current power kind holds, over changes of anything else, such as the interval."""
    past_profiles = sorted(
        (one for one in device.profiles.all() if one.valid_from <= now), key=lambda one: one.valid_from
    )
    since, kind = None, device.profile_at(now).power_kind
    for profile in reversed(past_profiles):
        if profile.power_kind != kind:
            break
        since = profile.valid_from
    return since or device.profile_at(now).valid_from


def check_span(device: Device, now: datetime) -> Span:
    """The last week, or since the power kind was set where that is later."""
    return max(now - LOOK_BACK, power_kind_since(device, now) or now), now


def doubt_of(device: Device, span: Span, typical: TypicalPower | None, now: datetime) -> PowerDoubt | None:
    if typical is None:
        return None
    profile, since = device.profile_at(now), power_kind_since(device, now)
    typical_kw, highest_kw, quarter_count = typical
    expected_kw: float | None
    if profile.rated_kw:
        against, expected_kw = "rating", profile.rated_kw
    else:
        against, expected_kw, highest_kw = "history", typical_before(device, since, now), typical_kw
    if not expected_kw or not is_thousandfold(typical_kw, highest_kw, expected_kw):
        return None
    if typical_kw < expected_kw and quarter_count < MIN_IDLE_QUARTERS:
        return None
    other = suggested_kind(profile, typical_kw / expected_kw)
    return PowerDoubt(device.pk, device.label, typical_kw, expected_kw, against, since, other)


def is_thousandfold(typical_kw: float, highest_kw: float, expected_kw: float) -> bool:
    """Typical power far above, or even the highest far below: an idle machine draws next to nothing."""
    low, high = THOUSANDFOLD
    return low <= typical_kw / expected_kw <= high or (highest_kw > 0 and low <= expected_kw / highest_kw <= high)


def suggested_kind(profile: DeviceProfile, factor: float) -> str | None:
    """Far too high: watts configured as kilowatts; far too low: the reverse."""
    other = OTHER_UNIT.get(profile.power_kind)
    return other if other and (factor > 1) == (profile.power_kind == PowerKind.KW) else None


def typical_before(device: Device, since: datetime, now: datetime) -> float | None:
    """Typical kW in the week before the power kind was set at `since`, if that is recent."""
    if since < now - MAX_EDIT_AGE or not any(one.valid_from < since for one in device.profiles.all()):
        return None
    before = typical_powers([device], {device.pk: (since - LOOK_BACK, since)}).get(device.pk)
    return before.typical_kw if before else None


def typical_powers(devices: Sequence[Device], spans: Mapping[int, Span]) -> dict[int, TypicalPower]:
    """{pk: TypicalPower} of spans {pk: (start, end)}: of valid quarter hours, or of suspect values."""
    rows = fetch_all(
        """
        SELECT s.pk, its.* FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s(pk, start, until)
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE q.power_consumption_count > 0), sum(q.power_consumption_count),
                   sum(q.power_consumption_suspect), max(q.power_consumption_max),
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY q.power_consumption_sum / q.power_consumption_count)
                   FILTER (WHERE q.power_consumption_count > 0 AND q.power_consumption_sum > 0)
            FROM telemetry_quarterhour q
            WHERE q.device_id = s.pk AND q.starts_at >= s.start AND q.starts_at < s.until
        ) its
        """,
        [list(spans), [start for start, _ in spans.values()], [end for _, end in spans.values()]],
    )
    by_pk = {device.pk: device for device in devices}
    result: dict[int, TypicalPower] = {}
    for pk, quarter_count, valid, suspect, highest, typical in rows:
        valid, suspect = valid or 0, suspect or 0
        if suspect >= max(MIN_SUSPECTS, MIN_SUSPECT_SHARE * (valid + suspect)):
            powers = suspect_powers(by_pk[pk], *spans[pk])
            if len(powers) >= MIN_SUSPECTS:
                result[pk] = TypicalPower(median(powers), max(powers), quarter_count)
        elif quarter_count >= MIN_QUARTERS and typical is not None:
            result[pk] = TypicalPower(typical, highest, quarter_count)
    return result


def suspect_powers(device: Device, start: datetime, end: datetime) -> list[float]:
    """The latest implausible power values in kW, by the profile of their moment."""
    rows = fetch_all(
        "SELECT at, power_consumption FROM telemetry_reading WHERE device_id = %s AND at >= %s AND at < %s "
        f"AND suspect & {IMPLAUSIBLE_BIT['power_consumption']} <> 0 ORDER BY at DESC LIMIT {MAX_SUSPECTS}",
        [device.pk, start, end],
    )
    timeline = ProfileTimeline(device)
    powers = [mean_kw(timeline.at(at).power_kind, value, timeline.at(at).interval_s) for at, value in rows]
    return [power for power in powers if power is not None and power > 0]
