from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.models import DeviceProfile
from devices.provisioning import swap_unit
from devices.tests.cast import make_device
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.models import DirtySpan, KeyUse, LastSeen, ProcessedSpan, QuarterHour, Reading
from telemetry.rollups import digest as digest_module
from telemetry.rollups.digest import digest, rebuild_quarters
from telemetry.rollups.lanes import SPAN_COST
from telemetry.tests.stored_readings import add_dirty_span, store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
TEN = datetime(2025, 1, 15, 10, tzinfo=UTC)


def quarters(device):
    return {q.starts_at.strftime("%H:%M"): q for q in QuarterHour.objects.filter(device=device).order_by("starts_at")}


def rows(device):
    return list(QuarterHour.objects.filter(device=device).order_by("starts_at").values())


def test_readings_become_quarter_hours(device, now):
    store_readings(device, TEN, [30, 36, 33, 30], temperature=850.5, vibration_x=2.1, vibration_y=5.0, vibration_z=1.0)
    assert digest(now) == 1
    ten = quarters(device)["10:00"]
    assert (ten.received, ten.expected, ten.suspect) == (3, 3.0, 0)
    assert (ten.power_consumption_min, ten.power_consumption_max, ten.power_consumption_sum) == (30, 36, 99)
    assert (ten.vibration_max, ten.vibration_count, ten.temperature_sum) == (5.0, 3, 2551.5)
    assert ten.energy_kwh == pytest.approx(99 / 12)
    assert ten.covered_s == 900
    assert quarters(device)["10:15"].energy_kwh == pytest.approx(30 / 12)  # one interval, until the next one comes


def test_the_digest_tells_who_was_heard_and_leaves_spans_for_the_judge(device, now):
    key = device.keys.get()
    store_readings(device, TEN, [30], log=False)
    add_dirty_span(device, TEN, TEN, received_at=now, key_prefix=key.prefix)
    digest(now)
    assert (LastSeen.objects.get().heard_at, LastSeen.objects.get().reading_at) == (now, TEN)
    assert KeyUse.objects.get(key=key).used_at == now
    assert (ProcessedSpan.objects.get().first_at, ProcessedSpan.objects.get().last_at) == (TEN, TEN)
    assert not DirtySpan.objects.exists()


def test_a_late_arrival_never_makes_the_last_word_older(device, now):
    store_readings(device, TEN, [30])
    digest(now)
    add_dirty_span(device, TEN - timedelta(days=2), TEN - timedelta(days=2), received_at=now - timedelta(days=1))
    digest(now)
    assert LastSeen.objects.get().reading_at == TEN


def test_digesting_again_changes_nothing(device, now):
    store_readings(device, TEN, [30, 36, None, None, 33, 30, 1, 2, 3])
    digest(now)
    once = rows(device)
    add_dirty_span(device, TEN, TEN + timedelta(hours=1))
    digest(now)
    assert rows(device) == once
    rebuild_quarters(device, TEN, TEN + timedelta(hours=1), now)
    assert rows(device) == once


def test_any_order_of_arrival_gives_the_same_quarters(device, now):
    values = [30, 36, 33, None, 40, 41, None, None, None, None, None, None, None, None, 50, 20]
    for place in (4, 0, 15, 2, 5, 14, 1):
        store_readings(device, TEN + timedelta(minutes=5 * place), [values[place]])
        digest(now)
    piecemeal = rows(device)
    QuarterHour.objects.all().delete()
    rebuild_quarters(device, TEN, TEN + timedelta(hours=2), now)
    assert rows(device) == piecemeal


def test_suspect_values_are_counted_and_left_out(device, now):
    store_readings(device, TEN, [30, 1e308, 1e308], suspect=0b10000000, temperature=20)
    digest(now)
    ten = quarters(device)["10:00"]
    assert (ten.suspect, ten.power_consumption_suspect, ten.power_consumption_count) == (3, 3, None)
    assert (ten.power_consumption_sum, ten.energy_kwh, ten.temperature_count) == (None, None, 3)


def test_huge_values_do_not_stop_the_digest(device, now):
    store_readings(device, TEN, [1e308, 1e308, 40], temperature=1.7e308, energy_kwh=1e308)
    assert digest(now) == 1
    ten = quarters(device)["10:00"]
    assert (ten.power_consumption_sum, ten.temperature_sum, ten.received) == (40, None, 3)


def test_power_is_kilowatts_by_the_profile_of_that_moment(device, now):
    DeviceProfile.objects.create(device=device, valid_from=TEN + timedelta(minutes=15), power_kind="W")
    store_readings(device, TEN, [30, 30, 30, 30_000, 30_000, 30_000])
    digest(now)
    sums = {at: (q.power_consumption_sum, round(q.energy_kwh, 6)) for at, q in quarters(device).items()}
    assert sums == {"10:00": (90, 7.5), "10:15": (90, 7.5)}


def test_a_change_of_profile_does_not_rewrite_what_went_before(device, now):
    store_readings(device, TEN, [30] * 6)
    digest(now)
    before = rows(device)
    DeviceProfile.objects.create(device=device, valid_from=TEN + timedelta(hours=5), power_kind="W", interval_s=60)
    rebuild_quarters(device, TEN, TEN + timedelta(hours=1), now)
    assert rows(device) == before


def test_a_power_register_shows_the_mean_power_of_its_energy(device, now):
    device.profiles.update(power_kind="register")
    store_readings(device, TEN, [1000, 1003, 1006, 1009, 1012, 1015, 1018])
    digest(now)
    ten = quarters(device)["10:00"]
    assert (ten.energy_kwh, ten.power_consumption_max, ten.power_consumption_count) == (9, 36, 3)


def test_kwh_per_reading_after_a_gap_is_no_peak(device, now):
    device.profiles.update(power_kind="kWh")
    store_readings(device, TEN, [3, 3, 3] + [None] * 9 + [30, 3])
    digest(now)
    eleven = quarters(device)["11:00"]
    assert eleven.power_consumption_max == 36  # 30 kWh over 50 minutes, not over five
    assert sum(q.bridged_kwh or 0 for q in quarters(device).values()) == pytest.approx(30)


def test_a_register_after_an_outage_bridges_it(device, now):
    store_readings(device, TEN, [100, 101, 102], metric="energy_kwh")
    digest(now)
    store_readings(device, TEN + timedelta(hours=4), [150, 151], metric="energy_kwh")
    digest(now)
    found = quarters(device)
    assert sum(q.bridged_kwh or 0 for q in found.values()) == pytest.approx(48)
    assert sum(q.energy_kwh or 0 for q in found.values()) == pytest.approx(3)
    assert found["12:00"].received == 0


def test_a_buffer_that_fills_an_outage_takes_the_bridge_away(device, now):
    """The register was bridged; then the buffered readings of the outage arrive."""
    store_readings(device, TEN, [100, 101, 102], metric="energy_kwh")
    store_readings(device, TEN + timedelta(hours=2), [126, 127], metric="energy_kwh")
    digest(now)
    store_readings(device, TEN + timedelta(minutes=15), list(range(103, 124)), metric="energy_kwh")
    digest(now)
    assert {q.bridged_kwh for q in quarters(device).values()} == {None}
    assert sum(q.energy_kwh for q in quarters(device).values()) == pytest.approx(27)


def test_power_that_arrives_inside_a_bridge_is_not_counted_twice(device, now):
    store_readings(device, TEN, [100, 101, 102], metric="energy_kwh")
    store_readings(device, TEN + timedelta(hours=4), [150], metric="energy_kwh")
    digest(now)
    store_readings(device, TEN + timedelta(hours=1), [12] * 13)
    digest(now)
    found = quarters(device).values()
    assert sum(q.energy_kwh or 0 for q in found) + sum(q.bridged_kwh or 0 for q in found) == pytest.approx(50)


def test_backfill_older_than_the_fitting_is_the_same_units(device, now):
    """The register runs on across the moment the device was registered here."""
    registered_at = device.hardware.get().fitted_at
    store_readings(device, registered_at - timedelta(minutes=10), [100, 101, 102, 103, 104], metric="energy_kwh")
    digest(now)
    assert sum(q.energy_kwh or 0 for q in quarters(device).values()) == pytest.approx(4)


def test_another_units_register_has_nothing_in_common_with_the_old_ones(device, now):
    swap_unit(device, device_id="ESP32-SF-077", now=TEN + timedelta(minutes=12))
    store_readings(device, TEN, [100, 101, 102, 5003, 5004], metric="energy_kwh")
    digest(now)
    assert sum(q.energy_kwh or 0 for q in quarters(device).values()) == pytest.approx(3)


def test_a_device_that_cannot_be_summed_stops_nobody_and_loses_nothing(steel_forge, device, now, monkeypatch):
    other = make_device(steel_forge, "ESP32-SF-002")
    store_readings(device, TEN, [30])
    store_readings(other, TEN, [30])
    whole = digest_module.rebuild_spans

    def failing(arrived, months):
        if any(meaning.device.pk == device.pk for meaning, *_ in arrived):
            raise ZeroDivisionError
        return whole(arrived, months)

    monkeypatch.setattr(digest_module, "rebuild_spans", failing)
    assert digest(now) == 1
    assert [arrival.device_id for arrival in DirtySpan.objects.all()] == [device.pk]
    monkeypatch.setattr(digest_module, "rebuild_spans", whole)
    assert digest(now) == 1
    assert quarters(device)["10:00"].received == 1


def test_a_backlog_is_drained_in_passes(device, now):
    for place in range(7):
        store_readings(device, TEN + timedelta(hours=2 * place), [30])
    assert digest(now, budget=2 * (SPAN_COST + 1), passes=1) == 2
    assert DirtySpan.objects.count() == 5
    assert digest(now, budget=2 * (SPAN_COST + 1)) == 5
    assert not DirtySpan.objects.exists()


def test_a_digest_asks_a_fixed_number_of_questions_however_many_readings(device, now, django_assert_max_num_queries):
    store_readings(device, TEN, [30] * 200)
    with django_assert_max_num_queries(37):  # one of them looks for sensors that stand still
        digest(now)
    assert Reading.objects.count() == 200


def test_a_digest_asks_as_much_of_thirty_devices_as_of_one(steel_forge, device, now, django_assert_num_queries):
    others = [make_device(steel_forge, f"ESP32-SF-1{place:02}") for place in range(30)]
    store_readings(device, TEN, [30, 30], temperature=20)
    with CaptureQueriesContext(connection) as one:
        digest(now)
    for place, other in enumerate(others):
        store_readings(other, TEN + timedelta(days=place % 3), [30, 30], temperature=20)
    with django_assert_num_queries(len(one)):
        assert digest(now) == 30
    assert QuarterHour.objects.filter(received=2).count() == 31


def test_a_meaning_corrected_later_sums_its_span_anew(device, now):
    store_readings(device, TEN, [32.5] * 9)
    digest(now)
    ProcessedSpan.objects.all().delete()
    DeviceProfile.objects.create(device=device, valid_from=TEN + timedelta(minutes=15), power_kind="W")
    digest(now)
    peaks = {at: round(quarter.power_consumption_max, 4) for at, quarter in quarters(device).items()}
    assert peaks == {"10:00": 32.5, "10:15": 0.0325, "10:30": 0.0325}
    assert not ProcessedSpan.objects.exists()
    assert LastSeen.objects.get().reading_at == TEN + timedelta(minutes=40)


def test_a_corrected_meaning_decides_anew_what_is_plausible(device, now):
    """Watts that were taken for kilowatts are suspect only until somebody says what they are, and from when."""
    device.profiles.update(rated_kw=40)
    kw = store_readings(device, TEN, [32.5] * 3, humidity=140, suspect=IMPLAUSIBLE_BIT["humidity"])
    store_readings(device, kw[-1] + timedelta(minutes=5), [32_500] * 6, suspect=IMPLAUSIBLE_BIT["power_consumption"])
    digest(now)
    assert quarters(device)["10:15"].power_consumption_suspect == 3
    changed_at = kw[-1] + timedelta(minutes=2)
    DeviceProfile.objects.create(device=device, valid_from=changed_at, power_kind="W", rated_kw=40)
    digest(now)
    assert set(Reading.objects.values_list("suspect", flat=True)) == {IMPLAUSIBLE_BIT["humidity"], 0}
    assert [q.power_consumption_sum for q in quarters(device).values()][:3] == [97.5, 97.5, 97.5]
    assert sum(q.energy_kwh or 0 for q in quarters(device).values()) == pytest.approx(9 * 32.5 / 12)


def test_the_quarter_in_which_a_corrected_meaning_begins_is_summed_anew_too(device, now):
    store_readings(device, TEN, [32.5] * 3, temperature=90)
    digest(now)
    DeviceProfile.objects.create(device=device, valid_from=TEN + timedelta(minutes=7), temperature_max=80)
    digest(now)
    assert (quarters(device)["10:00"].temperature_count, quarters(device)["10:00"].temperature_suspect) == (2, 1)


def test_a_meaning_from_the_future_on_touches_nothing(device, now):
    store_readings(device, TEN, [32.5])
    digest(now)
    DeviceProfile.objects.create(device=device, valid_from=now + timedelta(days=1), power_kind="W")
    assert not DirtySpan.objects.exists()
