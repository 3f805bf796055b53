"""Energy of any series, cut anywhere: the kWh stay the same, and nothing is counted twice."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.signal.energy import EnergySample, energy_of, segments
from telemetry.signal.flow_limits import CLOCK_JITTER_S, RATING_MULTIPLE
from telemetry.signal.meter_registers import GLITCH_MEMORY_S, MAX_BRIDGE_S, RegisterReading, register_gains
from telemetry.signal.segments import QUARTER_S, EnergySegment, by_quarter, parts_outside

suite = settings(max_examples=80)
STEPS_S = st.sampled_from([1, 10, 299, 300, 301, 900, 1799, 1800, 1801, 7200, 100_000, MAX_BRIDGE_S + 1])
KINDS = st.sampled_from(["kW", "W", "kWh", "register"])


@st.composite
def series(draw):
    """Samples of one device in time order: power of any kind, a register that mostly rises, gaps, a second unit."""
    kind, interval_s = draw(KINDS), draw(st.sampled_from([10, 300, 900]))
    exports, at, level, unit, rows = draw(st.booleans()), 0.0, draw(st.floats(0, 1e5)), 0, []
    for _ in range(draw(st.integers(0, 12))):
        at += draw(STEPS_S)
        level += draw(st.sampled_from([0.0, 0.5, 1.0, 20.0, -0.1, -1e4]))
        unit += draw(st.sampled_from([0, 0, 0, 0, 1]))
        power = draw(st.none() | st.floats(-1e4, 1e4, allow_subnormal=False))
        register = draw(st.none() | st.just(max(level, 0.0)))
        said = power is not None or draw(st.booleans())
        rows.append(EnergySample(at, power, register, kind, interval_s, exports, unit, said))
    return rows


def sums(found):
    """(measured kWh, bridged kWh, seconds measured)"""
    quarters = found.values()
    return (
        sum(quarter.measured_kwh or 0 for quarter in quarters),
        sum(quarter.bridged_kwh or 0 for quarter in quarters),
        sum(quarter.covered_s for quarter in quarters),
    )


def near(values):
    size = max(1.0, *(abs(value) for value in values))
    return pytest.approx(values, rel=1e-9, abs=1e-9 * size)


@suite
@given(series(), st.integers(-2, 400))
def test_a_cut_at_any_quarter_leaves_the_same_energy(samples, place):
    found = segments(samples)
    cut = place * QUARTER_S
    whole, before, after = by_quarter(found), by_quarter(found, until=cut), by_quarter(found, since=cut)
    assert set(before) | set(after) == set(whole) and not set(before) & set(after)
    assert sums(before | after) == near(sums(whole))


@suite
@given(series())
def test_quarters_hold_what_the_segments_hold(samples):
    found = segments(samples)
    measured = sum(segment.kwh for segment in found if not segment.bridged)
    bridged = sum(segment.kwh for segment in found if segment.bridged)
    covered = sum(segment.end - segment.start for segment in found if not segment.bridged)
    assert sums(by_quarter(found)) == near((measured, bridged, covered))


@suite
@given(series())
def test_no_second_is_counted_twice_and_no_quarter_is_longer_than_it_is(samples):
    found = sorted(segments(samples))
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(found))
    assert all(quarter.covered_s <= QUARTER_S + 1e-6 for quarter in by_quarter(found).values())
    assert all(segment.end > segment.start for segment in found)


@suite
@given(series(), st.integers(1, 10**6))
def test_a_series_moved_by_whole_quarters_has_the_same_energy(samples, quarters):
    shift = quarters * QUARTER_S
    moved = by_quarter(segments([sample._replace(at=sample.at + shift) for sample in samples]))
    still = by_quarter(segments(samples))
    assert {place + shift for place in still} == set(moved)
    assert sums(moved) == near(sums(still))


@suite
@given(series())
def test_watts_and_kilowatts_say_the_same(samples):
    kilowatts = [sample._replace(kind="kW") for sample in samples]
    watts = [sample._replace(kind="W", power=sample.power and sample.power * 1000) for sample in kilowatts]
    assert sums(by_quarter(segments(watts))) == near(sums(by_quarter(segments(kilowatts))))


spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 50), st.floats(0, 1000)).map(
        lambda row: EnergySegment(float(row[0]), float(row[0] + row[1]), row[2])
    ),
    max_size=6,
)


def apart(found):
    """Segments in time order, each after the one before."""
    kept = []
    for segment in sorted(found):
        if not kept or segment.start >= kept[-1].end:
            kept.append(segment)
    return kept


@suite
@given(spans, spans)
def test_what_lies_outside_keeps_its_rate_or_its_total(found, taken):
    found, taken = apart(found), apart(taken)
    for keep_total in (False, True):
        rest = parts_outside(found, taken, keep_total=keep_total)
        assert all(one.end <= other.start or other.end <= one.start for one in rest for other in taken)
        for segment in found:
            parts = [part for part in rest if segment.start <= part.start and part.end <= segment.end]
            length = sum(part.end - part.start for part in parts)
            kwh = segment.kwh if keep_total and parts else segment.kwh * length / (segment.end - segment.start)
            assert sum(part.kwh for part in parts) == pytest.approx(kwh, abs=1e-6)


RATED_KW = 5.0
LEVELS = st.one_of(
    st.sampled_from([0.0, 0.4, 1204.0, 88_315.0, 13_424.2]), st.floats(0, 1e6, allow_subnormal=False)
)  # what a register may show out of nothing


@st.composite
def lying_counters(draw):
    """Readings of a register of a 5 kW machine that counts, stands, falls, jumps and comes back."""
    at, level, rows = 0.0, draw(LEVELS), []
    for _ in range(draw(st.integers(1, 25))):
        step_s = draw(st.sampled_from([30, 300, 900, 900, 900, 7200, 86_400]))
        at += step_s
        level = draw(LEVELS) if draw(st.integers(0, 4)) == 0 else level + draw(st.floats(0, RATED_KW)) * step_s / 3600
        rows.append((at, round(level, draw(st.sampled_from([0, 1, 3])))))
    return rows


def most_kwh(seconds, readings):
    """What can flow through 5 kW: each reading may be stamped late, and tick by a kWh at most."""
    return RATING_MULTIPLE * RATED_KW * (seconds + CLOCK_JITTER_S * readings) / 3600 + RATED_KW * readings


@suite
@given(lying_counters(), st.sampled_from([30, 900]))
def test_no_counter_adds_up_to_more_than_can_have_flowed(rows, interval_s):
    samples = [
        EnergySample(at, None, kwh, interval_s=interval_s, rated_kw=RATED_KW, has_power=False) for at, kwh in rows
    ]
    found = energy_of(samples)
    for segment in found.segments:
        assert segment.kwh <= most_kwh(segment.end - segment.start, 1) + 1e-6
    assert sum(segment.kwh for segment in found.segments) <= most_kwh(rows[-1][0] - rows[0][0], len(rows))
    measured = [(segment.start, segment.end) for segment in found.segments]
    for doubt in found.register_doubts:
        assert doubt.gained_kwh > doubt.possible_kwh
        assert not any(start < doubt.after_at and doubt.before_at < end for start, end in measured)


@suite
@given(lying_counters(), st.floats(0, 1e6, allow_subnormal=False), st.integers(1, 100))
def test_readings_between_two_that_agree_add_nothing(rows, wrong, count):
    """However many: a register that is misread at one level and comes back counts what lies between."""
    start, end = 1000.0, 1000.0 + RATED_KW * 900 * (count + 1) / 3600 / 2
    if abs(wrong - start) < 0.2 * start + RATED_KW * count or wrong < start * 0.1:
        wrong = 0.0
    readings = [RegisterReading(0.0, start, 900, rated_kw=RATED_KW)]
    readings += [RegisterReading(900.0 * place, wrong, 900, rated_kw=RATED_KW) for place in range(1, count + 1)]
    readings.append(RegisterReading(900.0 * (count + 1), end, 900, rated_kw=RATED_KW))
    found = register_gains(readings, None)
    assert [step.kwh for step in found.steps] == [pytest.approx(end - start)] and not found.doubts


def test_what_comes_back_after_two_months_is_asked_about():
    late = GLITCH_MEMORY_S + 1
    readings = [
        RegisterReading(at, kwh, 900, rated_kw=5) for at, kwh in ((0, 1e5), (900, 0), (late, 0), (late + 900, 1e5))
    ]
    found = register_gains(readings, None)
    assert not sum(step.kwh for step in found.steps) and [
        (doubt.before_at, doubt.after_at) for doubt in found.doubts
    ] == [(late, late + 900)]
