"""Profiles over time: whatever they are, each moment has one, and what Python and SQL derive from them agrees."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.models import DeviceProfile, PowerKind
from telemetry.metrics import FLAT_BIT, IMPLAUSIBLE_BIT
from telemetry.signal.energy import is_usable, mean_kw
from telemetry.signal.profile_timeline import DIVISORS, ProfileTimeline

suite = settings(max_examples=80)
TEN = datetime(2025, 1, 15, 10, tzinfo=UTC)
changes = st.lists(
    st.tuples(st.integers(0, 5000), st.sampled_from([10, 60, 300, 900]), st.sampled_from(PowerKind.values)),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[0],
)


class Rows(list):
    def all(self):
        return self


def timeline_of(rows, fitted=()):
    profiles = Rows(
        DeviceProfile(valid_from=TEN + timedelta(minutes=minutes), interval_s=interval_s, power_kind=power_kind)
        for minutes, interval_s, power_kind in rows
    )
    hardware = Rows(SimpleNamespace(fitted_at=moment) for moment in fitted)
    return ProfileTimeline(SimpleNamespace(pk=1, profiles=profiles, hardware=hardware))


moments = st.integers(-1000, 6000).map(lambda minutes: TEN + timedelta(minutes=minutes))


@suite
@given(changes, moments, moments, moments)
def test_expected_readings_add_up_over_any_cut(rows, one, two, three):
    timeline, (start, cut, end) = timeline_of(rows), sorted([one, two, three])
    parts = timeline.expected(start, cut) + timeline.expected(cut, end)
    assert parts == pytest.approx(timeline.expected(start, end), rel=1e-9)


@suite
@given(changes, moments, moments)
def test_the_spans_of_a_profile_cover_a_time_once(rows, one, other):
    start, end = sorted([one, other])
    timeline = timeline_of(rows)
    found = timeline.spans(start, end)
    assert sum(((until - since) for since, until, _ in found), timedelta()) == end - start
    for since, until, profile in found:
        assert timeline.at(since) is profile
        assert timeline.at(until - timedelta(microseconds=1)) is profile


@suite
@given(changes, st.lists(moments, min_size=1, max_size=6, unique=True), moments)
def test_expected_readings_of_buckets_are_those_of_the_whole(rows, starts, until):
    starts = sorted(starts)
    end = starts[-1] + timedelta(hours=1)
    timeline = timeline_of(rows)
    each = timeline.expected_per_bucket(starts, end, until)
    whole = timeline.expected(starts[0], min(end, until)) if until > starts[0] else 0
    assert sum(each) == pytest.approx(whole, rel=1e-9)


@suite
@given(changes, moments)
def test_the_newest_profile_from_before_a_moment_holds_or_else_the_first(rows, moment):
    timeline = timeline_of(rows)
    before = [profile for profile in timeline.profiles if profile.valid_from <= moment]
    assert timeline.at(moment) is (before[-1] if before else timeline.profiles[0])


@suite
@given(changes, st.randoms(use_true_random=False), moments)
def test_the_order_in_which_profiles_come_makes_no_difference(rows, random, moment):
    shuffled = random.sample(rows, len(rows))
    one, other = timeline_of(rows).at(moment), timeline_of(shuffled).at(moment)
    assert (one.valid_from, one.interval_s) == (other.valid_from, other.interval_s)


@suite
@given(changes, moments, moments)
def test_segments_for_sql_cover_a_time_once_with_the_divisor_of_their_profile(rows, one, other):
    start, end = sorted([one, other])
    timeline = timeline_of(rows)
    segments = timeline.profile_segments(start, end, span=7, side=-1)
    assert all(before.until == after.since for before, after in pairwise(segments))
    assert sum((segment.until - segment.since for segment in segments), timedelta()) == end - start
    for segment in segments:
        profile = timeline.at(segment.since)
        assert (segment.span, segment.side, segment.interval_s) == (7, -1, profile.interval_s)
        assert segment.divisor == DIVISORS.get(profile.power_kind)
        assert segment.is_delta == (profile.power_kind == PowerKind.KWH_PER_READING)


@suite
@given(changes, moments)
def test_the_case_expression_chooses_the_profile_of_the_moment(rows, moment):
    timeline = timeline_of(rows)
    sql, limits = timeline.case_sql("at", lambda profile: f"p{timeline.profiles.index(profile)}")
    branches = re.findall(r"p\d+", sql)
    assert len(branches) == len(limits) + 1
    chosen = next((branch for branch, limit in zip(branches, limits, strict=False) if moment < limit), branches[-1])
    assert chosen == f"p{timeline.profiles.index(timeline.at(moment))}"


values = st.none() | st.floats(-1e6, 1e6, allow_nan=False)
bits = st.sets(st.sampled_from([*IMPLAUSIBLE_BIT.values(), *FLAT_BIT.values()])).map(sum)


@suite
@given(changes, moments, values, values, bits)
def test_a_suspect_value_counts_for_no_energy_but_was_sent(rows, moment, power, register, suspect):
    sample = timeline_of(rows).sample(moment, power, register, suspect)
    power_bits = IMPLAUSIBLE_BIT["power_consumption"] | FLAT_BIT["power_consumption"]
    register_bits = IMPLAUSIBLE_BIT["energy_kwh"] | FLAT_BIT["energy_kwh"]
    assert sample.power == (None if suspect & power_bits else power)
    assert sample.register == (None if suspect & register_bits else register)
    assert sample.has_power == (power is not None)
    assert not is_usable(sample) or sample.power >= 0


@suite
@given(changes, st.lists(moments, max_size=4, unique=True), moments)
def test_a_reading_belongs_to_the_unit_fitted_last_before_it(rows, fitted, moment):
    sample = timeline_of(rows, fitted).sample(moment, 1.0, None, 0)
    assert sample.unit == max(0, sum(fitted_at <= moment for fitted_at in fitted) - 1)


@suite
@given(changes, moments, st.floats(0, 1e6))
def test_a_divisor_gives_the_mean_power_that_python_gives(rows, moment, value):
    profile = timeline_of(rows).at(moment)
    divisor = DIVISORS.get(profile.power_kind)
    if divisor is not None:
        assert value / divisor == pytest.approx(mean_kw(profile.power_kind, value, profile.interval_s))
