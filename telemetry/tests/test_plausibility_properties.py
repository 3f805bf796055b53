"""Range checks under any profile: the quick way and the slow way agree, and a wider profile marks no more."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.metrics import AXES, BY_NAME, IMPLAUSIBLE_BIT, METRIC_NAMES
from telemetry.signal.plausibility import IMPLAUSIBLE_BITS, PlausibilityChecker, plausible_ranges, suspect_bits

suite = settings(max_examples=80)
TEN = datetime(2025, 1, 15, 10, tzinfo=UTC)
POWER = METRIC_NAMES.index("power_consumption")


BOUNDS = [bound for name in METRIC_NAMES for bound in (BY_NAME[name].low, BY_NAME[name].high)]  # a bound is plausible
values = st.lists(
    st.tuples(*[st.none() | st.sampled_from(BOUNDS) | st.floats(-1e6, 1e6, allow_nan=False) for _ in METRIC_NAMES]),
    min_size=1,
    max_size=5,
)
profile = st.builds(
    SimpleNamespace,
    valid_from=st.integers(0, 5000).map(lambda minutes: TEN + timedelta(minutes=minutes)),
    temperature_max=st.none() | st.floats(50, 1500),
    vibration_kind=st.sampled_from(["rms", "raw"]),
    power_kind=st.sampled_from(["kW", "W", "kWh", "register"]),
    rated_kw=st.none() | st.floats(1, 1000),
    exports_power=st.booleans(),
)


@suite
@given(profile, values)
def test_extremes_judge_a_batch_as_each_reading_would(one, rows):
    plausible = PlausibilityChecker([one])
    columns = list(zip(*rows, strict=True))
    known = [[value for value in column if value is not None] for column in columns]
    batch = SimpleNamespace(
        moments=[TEN + timedelta(minutes=place) for place in range(len(rows))],
        extremes=[(min(column), max(column)) if column else None for column in known],
    )
    suspects = [plausible.suspect_bits(SimpleNamespace(at=TEN, values=row)) for row in rows]
    assert plausible.are_all_plausible(batch) == (not any(suspects))


def test_the_ends_of_a_range_lie_within_it():
    checker = PlausibilityChecker([])
    for row in zip(*checker.ranges_at(TEN), strict=True):
        batch = SimpleNamespace(moments=[TEN], extremes=[(value, value) for value in row])
        assert checker.are_all_plausible(batch)
        assert checker.suspect_bits(SimpleNamespace(at=TEN, values=row)) == 0


@suite
@given(values)
def test_a_bit_stands_for_each_value_outside_its_range(rows):
    ranges = [(0.0, 1.0)] * len(METRIC_NAMES)
    for row in rows:
        outside_range = sum(
            bit for bit, value in zip(IMPLAUSIBLE_BITS, row, strict=True) if value is not None and not 0 <= value <= 1
        )
        assert suspect_bits(row, ranges) == outside_range


def changed(one, **fields):
    return SimpleNamespace(**{**vars(one), **fields})


def suspects_under(one, row):
    return suspect_bits(row, plausible_ranges(one))


@suite
@given(st.lists(profile, max_size=4, unique_by=lambda one: one.valid_from), st.integers(-100, 6000), values)
def test_a_reading_is_checked_against_the_profile_of_its_moment(profiles, minutes, rows):
    at = TEN + timedelta(minutes=minutes)
    before = [one for one in profiles if one.valid_from <= at]
    first = min(profiles, key=lambda one: one.valid_from, default=None)
    holds = max(before, key=lambda one: one.valid_from, default=first)
    for row in rows:
        found = PlausibilityChecker(profiles).suspect_bits(SimpleNamespace(at=at, values=row))
        if holds is not None:
            assert found == suspects_under(holds, row)


@suite
@given(st.lists(profile, min_size=2, max_size=4, unique_by=lambda one: one.valid_from), values)
def test_a_batch_over_a_change_of_profile_is_never_passed_by_its_extremes_alone(profiles, rows):
    first, second = sorted(profiles, key=lambda one: one.valid_from)[:2]
    columns = list(zip(*rows, strict=True))
    known = [[value for value in column if value is not None] for column in columns]
    batch = SimpleNamespace(
        moments=[first.valid_from, second.valid_from],
        extremes=[(min(column), max(column)) if column else None for column in known],
    )
    assert not PlausibilityChecker(profiles).are_all_plausible(batch)


@suite
@given(profile, values, st.floats(1, 10))
def test_a_wider_profile_marks_no_value_that_a_narrower_one_passed(one, rows, factor):
    wider = changed(
        one,
        rated_kw=one.rated_kw and one.rated_kw * factor,
        temperature_max=one.temperature_max and one.temperature_max * factor,
        exports_power=True,
        vibration_kind="raw",
    )
    for row in rows:
        assert suspects_under(wider, row) & ~suspects_under(one, row) == 0


@suite
@given(profile, st.floats(-1e6, 1e6, allow_nan=False))
def test_watts_are_suspect_where_the_same_kilowatts_are(one, kw):
    def bits_of(kind, value):
        row = [None] * len(METRIC_NAMES)
        row[POWER] = value
        return suspects_under(changed(one, power_kind=kind), row)

    _, high = plausible_ranges(changed(one, power_kind="kW"))[POWER]
    if abs(abs(kw) - high) > 1e-6 * high:  # at the very limit, rounding decides
        assert bits_of("kW", kw) == bits_of("W", kw * 1000)


@suite
@given(profile, values)
def test_raw_acceleration_is_checked_by_its_size_alone(one, rows):
    raw = changed(one, vibration_kind="raw")
    mask = sum(IMPLAUSIBLE_BIT[name] for name in AXES)
    for row in rows:
        mirrored = [None if value is None else -value for value in row]
        assert suspects_under(raw, row) & mask == suspects_under(raw, mirrored) & mask


@suite
@given(profile)
def test_every_range_has_its_ends_in_order(one):
    assert all(low <= high for low, high in plausible_ranges(one))
