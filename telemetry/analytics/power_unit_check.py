"""Watts taken for kilowatts, or the other way round: a factor of 1,000 in every report, so it is looked for.

A device is doubted where its typical power is about a thousand times its rating, or its highest about a thousandth;
without a rating, where it has changed about a thousandfold when power got another meaning. One value proves nothing:
the typical value is the median of the quarter hours' means (kW, as the profile understands them) over a week, or, where
values are suspect for being beyond ten times the rating, of the latest of these. Nothing is corrected here: a person
says what the figures mean, and from when (`devices.profile_changes`); the readings are then judged and summed anew.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import prefetch_related_objects

from devices.models import PowerKind
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.signal.energy import mean_kw
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.sql import fetch_all

LOOK_BACK = timedelta(days=7)
MAX_EDIT_AGE = timedelta(days=30)
THOUSANDFOLD = (250, 4000)  # a machine's load lies between a quarter of its rating and four times that
MIN_QUARTERS = 8  # two hours of power
MIN_SUSPECT_SHARE, MIN_SUSPECTS = (
    0.1,
    12,
)  # of a week's power values: a machine also idles below ten times its rating
MAX_SUSPECTS = 200
OTHER_UNIT = {PowerKind.KW: PowerKind.W, PowerKind.W: PowerKind.KW}  # of the kinds a factor of 1,000 tells apart


@dataclass(frozen=True)
class PowerDoubt:
    """What speaks for a wrong unit. `suggested` is the power kind that would explain it, None where none would."""

    device_pk: int
    machine: str
    typical_kw: float  # as the profile understands it now
    expected_kw: float  # the rating, or what was typical before the edit
    against: str  # "rating" or "history"
    since: datetime  # from which moment another meaning would have to hold
    suggested: str | None

    @property
    def factor(self) -> float:
        return self.typical_kw / self.expected_kw

    @property
    def words(self) -> str:
        what = "its rating" if self.against == "rating" else "what it was before its last change of meaning"
        size = "a thousand times" if self.factor > 1 else "a thousandth of"
        said = f"Its power, typically {format_kw(self.typical_kw)}, is about {size} {what} ({format_kw(self.expected_kw)})."
        if self.suggested is None:
            return said
        return f"{said} It probably sends {self.suggested}: until that is said, every figure of its energy is wrong."


def format_kw(value) -> str:
    return f"{value:,.3g} kW" if abs(value) < 1000 else f"{value:,.0f} kW"


def power_doubts(devices, now) -> dict[int, PowerDoubt]:
    """{device pk: PowerDoubt} of the devices whose power seems to be in another unit than their profile says."""
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


def power_kind_since(device, now):
    """Since when power means what it means now: an edit of something else, such as the interval, changes nothing."""
    past_profiles = sorted(
        (one for one in device.profiles.all() if one.valid_from <= now), key=lambda one: one.valid_from
    )
    since, kind = None, device.profile_at(now).power_kind
    for profile in reversed(past_profiles):
        if profile.power_kind != kind:
            break
        since = profile.valid_from
    return since or device.profile_at(now).valid_from


def check_span(device, now):
    """The last week, or since power got its meaning where that is later."""
    return max(now - LOOK_BACK, power_kind_since(device, now) or now), now


def doubt_of(device, span, typical, now):
    if typical is None:
        return None
    profile, since = device.profile_at(now), power_kind_since(device, now)
    typical_kw, highest_kw = typical
    if profile.rated_kw:
        against, expected_kw = "rating", profile.rated_kw
    else:
        against, expected_kw, highest_kw = "history", typical_before(device, since, now), typical_kw
    if not expected_kw or not is_thousandfold(typical_kw, highest_kw, expected_kw):
        return None
    other = suggested_kind(profile, typical_kw / expected_kw)
    return PowerDoubt(device.pk, device.label, typical_kw, expected_kw, against, since, other)


def is_thousandfold(typical_kw, highest_kw, expected_kw) -> bool:
    """Far above is told by what is typical, far below by the highest: an idle machine draws next to nothing."""
    low, high = THOUSANDFOLD
    return low <= typical_kw / expected_kw <= high or (highest_kw > 0 and low <= expected_kw / highest_kw <= high)


def suggested_kind(profile, factor):
    """Far too much is watts taken for kilowatts; far too little the reverse."""
    other = OTHER_UNIT.get(profile.power_kind)
    return other if other and (factor > 1) == (profile.power_kind == PowerKind.KW) else None


def typical_before(device, since, now):
    """What was typical in the week before power got its meaning at `since`, if that is recent."""
    if since < now - MAX_EDIT_AGE or not any(one.valid_from < since for one in device.profiles.all()):
        return None
    before = typical_powers([device], {device.pk: (since - LOOK_BACK, since)}).get(device.pk)
    return before[0] if before else None


def typical_powers(devices, spans) -> dict[int, tuple[float, float]]:
    """{pk: (typical kW, highest kW)} of spans {pk: (start, end)}: of valid quarter hours, or of suspect values."""
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
    by_pk, result = {device.pk: device for device in devices}, {}
    for pk, quarter_count, valid, suspect, highest, typical in rows:
        valid, suspect = valid or 0, suspect or 0
        if suspect >= max(MIN_SUSPECTS, MIN_SUSPECT_SHARE * (valid + suspect)):
            powers = suspect_powers(by_pk[pk], *spans[pk])
            if len(powers) >= MIN_SUSPECTS:
                result[pk] = (median(powers), max(powers))
        elif quarter_count >= MIN_QUARTERS and typical is not None:
            result[pk] = (typical, highest)
    return result


def suspect_powers(device, start, end) -> list[float]:
    """The latest implausible power values in kW, as the profile of their moment understands them."""
    rows = fetch_all(
        "SELECT at, power_consumption FROM telemetry_reading WHERE device_id = %s AND at >= %s AND at < %s "
        f"AND suspect & {IMPLAUSIBLE_BIT['power_consumption']} <> 0 ORDER BY at DESC LIMIT {MAX_SUSPECTS}",
        [device.pk, start, end],
    )
    timeline = ProfileTimeline(device)
    powers = [mean_kw(timeline.at(at).power_kind, value, timeline.at(at).interval_s) for at, value in rows]
    return [power for power in powers if power is not None and power > 0]
