"""Cases from other products' bug trackers, and the rule of each."""

from itertools import pairwise

import pytest

from telemetry.signal.energy import EnergySample, energy_of, is_gap, mean_kw, segments
from telemetry.signal.segments import EnergySegment, by_quarter

HOUR = 3600


def power(values, every_s=300, start=0, **fields):
    return [EnergySample(start + every_s * i, value, **fields) for i, value in enumerate(values) if value is not None]


def register(values, every_s=300, start=0, **fields):
    return [EnergySample(start + every_s * i, None, value, has_power=False, **fields) for i, value in enumerate(values) if value is not None]  # fmt: skip  # noqa: E501


def totals(samples):
    """(measured kWh, bridged kWh, measured hours), of a device without a rating and without history"""
    found = by_quarter(energy_of(samples, {}, {}).segments).values()
    return (
        pytest.approx(sum(q.measured_kwh or 0 for q in found)),
        pytest.approx(sum(q.bridged_kwh or 0 for q in found)),
        pytest.approx(sum(q.covered_s for q in found) / HOUR),
    )


OUTAGE = [None] * 11  # an hour between two samples five minutes apart

CASES = {
    "mean power for an hour": (power([12] * 12), (12, 0, 1)),
    "watts are a thousandth": (power([12_000] * 12, kind="W"), (12, 0, 1)),
    "2.6 kWh invented across an outage: each side speaks for one interval": (
        power([2.6, *OUTAGE, 2.6]),
        (2.6 * 2 / 12, 0, 2 / 12),
    ),
    "a short silence is bridged by the sample before it": (power([12, None, None, None, None, 12]), (6, 0, 0.5)),
    "exactly half an hour at five minutes is a gap": (power([12, *[None] * 5, 12]), (2, 0, 2 / 12)),
    "half an hour at fifteen minutes is two lost posts": (power([12, None, 12], every_s=900, interval_s=900), (9, 0, 0.75)),  # noqa: E501
    "the first sample after hours books nothing before itself": (power([*[None] * 100, 12]), (1, 0, 1 / 12)),
    "kWh per reading": (power([1] * 12, kind="kWh"), (12, 0, 1)),
    "the first kWh after hours can only mean its interval": (power([*[None] * 100, 2.6], kind="kWh"), (2.6, 0, 1 / 12)),
    "kWh per reading across an outage is known in total only": (power([1, *OUTAGE, 9], kind="kWh"), (1, 9, 1 / 12)),
    "negative power is nonsense": (power([12, -12, 12]), (3, 0, 0.25)),
    "what a feeder exports is not subtracted": (power([12, -12, 12], exports=True), (2, 0, 0.25)),
    "a suspect value is passed over": (
        [EnergySample(0, 12), EnergySample(300, None), EnergySample(600, 12)],
        (3, 0, 0.25),
    ),
    "a suspect kWh leaves its time uncovered": (
        [EnergySample(0, 1, kind="kWh"), EnergySample(300, None, kind="kWh"), EnergySample(600, 1, kind="kWh")],
        (2, 0, 2 / 12),
    ),
    "one register reading says nothing": (register([1000]), (0, 0, 0)),
    "a register counts differences": (register([1000, 1001, 1003]), (3, 0, 2 / 12)),
    "a register that stands still measures zero": (register([1000, 1000, 1000]), (0, 0, 2 / 12)),
    "a counter back at 0 after a reboot": (register([1000, 1001, 0, 1, 2]), (3, 0, 3 / 12)),
    "a roll-over": (register([99_999, 99_999.5, 0.3, 0.8]), (1, 0, 2 / 12)),
    "a retrograde counter": (register([10, 9.9, 10.1, 10.0, 10.2]), (0.2, 0, 4 / 12)),
    "a misread zero": (register([1000, 0, 1001, 1002]), (2, 0, 3 / 12)),
    "two misread zeros": (register([1000, 0, 0, 1001, 1002]), (2, 0, 4 / 12)),
    "an hour of misread zeros": (register([1000, *[0] * 12, 1001, 1002]), (1, 1, 1 / 12)),
    "a register that fell to zero and has not come back yet": (register([1000, 1001, 0, 0, 0]), (1, 0, 1 / 12)),
    "a small register that dips": (register([5, 0, 0, 6]), (1, 0, 3 / 12)),
    "a register misread at another level": (register([1000, 7, 7, 7, 1001]), (1, 0, 4 / 12)),
    "a register set back by less than a tenth": (register([13_424, 12_500, 12_501]), (1, 0, 1 / 12)),
    "a misread spike": (register([1000, 999_999, 1001, 1002]), (2, 0, 2 * 1 / 12 + 1 / 12)),
    "three misread spikes": (register([1000, 9000, 9001, 9002, 1001]), (1, 0, 4 / 12)),
    "a register that jumps and stays there": (register([1000, 5000, 5001]), (1, 0, 1 / 12)),
    "a register across an outage": (register([1000, 1001, *OUTAGE, 1013, 1014]), (2, 12, 2 / 12)),
    "a register that was reset in an outage": (register([1000, 1001, *OUTAGE, 3, 4]), (2, 0, 2 / 12)),
    "a register after six weeks": ([EnergySample(0, None, 1000), EnergySample(42 * 86_400, None, 5000)], (0, 4000, 0)),
    "a register after fourteen months": ([EnergySample(0, None, 1000), EnergySample(425 * 86_400, None, 5000)], (0, 0, 0)),  # noqa: E501
    "another unit's register": (register([1000, 1001]) + register([5000, 5001], start=600, unit=1), (2, 0, 2 / 12)),
    "a power register": (power([1000, 1001, 1003], kind="register"), (3, 0, 2 / 12)),
    "a register goes before power, never added": (
        [EnergySample(300 * i, 12, 1000 + i) for i in range(13)],
        (12 + 1, 0, 13 / 12),  # the last sample's power speaks where the register does not yet
    ),
    "power fills in where the register was reset": (
        [EnergySample(0, 12, 1000), EnergySample(300, 12, 0), EnergySample(600, 12, 1)],
        (1 + 1 + 1, 0, 0.25),
    ),
    "a bridge is worth what power inside it leaves": (
        [EnergySample(0, None, 1000, has_power=False), *power([12] * 12, start=HOUR), EnergySample(3 * HOUR, None, 1030, has_power=False)],  # noqa: E501
        (12, 18, 1),
    ),
    "a bridge is never negative": (
        [EnergySample(0, None, 1000, has_power=False), *power([12] * 12, start=HOUR), EnergySample(3 * HOUR, None, 1002, has_power=False)],  # noqa: E501
        (12, 0, 1),
    ),
    "from kW to kWh per reading nothing counts twice": (
        [EnergySample(0, 12), EnergySample(300, 12), *(EnergySample(at, 1, kind="kWh") for at in (600, 900))],
        (3, 0, 0.25),
    ),
    "nothing": ([], (0, 0, 0)),
    "infinite power": (power([float("inf"), 12]), (1, 0, 1 / 12)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_energy(name):
    samples, expected = CASES[name]
    assert totals(samples) == expected


def test_energy_is_shared_out_by_time_across_quarters():
    found = by_quarter(segments(power([12], start=800)))
    assert {quarter: (q.measured_kwh, q.covered_s) for quarter, q in found.items()} == {
        0: (pytest.approx(12 * 100 / 3600), 100),
        900: (pytest.approx(12 * 200 / 3600), 200),
    }


def test_a_segment_without_length_is_in_no_quarter():
    assert by_quarter([EnergySegment(900, 900, 1.0)]) == {}


def test_only_the_quarters_asked_for():
    assert list(by_quarter(segments(power([12] * 12)), 900, 2700)) == [900, 1800]


def test_segments_never_overlap():
    samples = [
        EnergySample(300 * i, 10 + i % 3, 1000 + i if i % 5 else None) for i in range(50) if i not in range(20, 33)
    ]
    found = segments(samples)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("interval_s", "seconds", "expected"),
    [
        (300, 900, False),
        (300, 1799, False),
        (300, 1800, True),
        (10, 1799, False),
        (900, 2700, False),
        (900, 2701, True),
    ],
)
def test_a_gap_is_more_than_three_intervals_and_at_least_half_an_hour(interval_s, seconds, expected):
    assert is_gap(interval_s, seconds) is expected


@pytest.mark.parametrize(
    ("kind", "value", "kw"),
    [("kW", 5, 5), ("W", 5000, 5), ("kWh", 1, 12), ("register", 1000, None), ("kW", None, None)],
)
def test_mean_power(kind, value, kw):
    assert mean_kw(kind, value, 300) == kw


def test_mean_power_of_watt_hours_since_the_last_reading():
    assert mean_kw("kWh", 1000, 300, units_per_kwh=1000) == 12
