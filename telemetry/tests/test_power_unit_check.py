"""A factor of 1,000 in every report is looked for: against the rating, and against what it was before an edit."""

from datetime import timedelta

import pytest

from devices.models import DeviceProfile
from devices.profile_changes import change_profile
from devices.tests.cast import make_device
from telemetry.analytics.power_unit_check import power_doubts
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SUSPECT = IMPLAUSIBLE_BIT["power_consumption"]


def doubt(device, now):
    device.refresh_from_db()
    return power_doubts([device], now).get(device.pk)


def working_day(device, at, size=1.0, **fields):
    """Eight hours around 32 kW, sixteen at 0.2, in multiples of `size`."""
    store_readings(device, at, [32.0 * size, 33.0 * size] * 48 + [0.2 * size] * 192, **fields)


@pytest.fixture
def furnace(device):
    device.profiles.update(rated_kw=40)
    return device


def test_a_machine_that_draws_what_its_plate_says_is_not_doubted(furnace, now):
    working_day(furnace, now - DAY)
    digest(now)
    assert doubt(furnace, now) is None


def test_watts_taken_for_kilowatts_are_beyond_ten_times_the_rating_and_still_found(furnace, now):
    store_readings(furnace, now - DAY, [32_000, 33_000] * 48, suspect=SUSPECT)
    store_readings(furnace, now - DAY + 96 * timedelta(minutes=5), [200] * 192)
    digest(now)
    found = doubt(furnace, now)
    assert (found.against, found.suggested, round(found.factor)) == ("rating", "W", 812)
    assert found.words == (
        "Its power, typically 32,500 kW, is about a thousand times its rating (40 kW). "
        "It probably sends W: until that is said, every figure of its energy is wrong."
    )


def test_kilowatts_taken_for_watts_are_a_thousandth(furnace, now):
    furnace.profiles.update(power_kind="W")
    working_day(furnace, now - DAY)
    digest(now)
    found = doubt(furnace, now)
    assert (found.suggested, found.since) == ("kW", furnace.profiles.get().valid_from)
    assert "about a thousandth of its rating" in found.words


def test_an_hour_of_watts_suffices_and_an_hour_of_idling_does_not(furnace, now):
    furnace.profiles.update(rated_kw=0.08)
    hour = now - timedelta(hours=3)
    store_readings(furnace, hour, [32, 33] * 6)
    digest(now)
    assert doubt(furnace, now).suggested == "W"
    furnace.profiles.update(rated_kw=32_000, power_kind="kW")
    assert doubt(furnace, now) is None


def test_a_machine_that_idles_for_a_week_is_not_doubted(furnace, now):
    store_readings(furnace, now - DAY, [0.004] * 288)
    digest(now)
    assert doubt(furnace, now) is None


def test_a_few_wild_values_prove_nothing(furnace, now):
    working_day(furnace, now - DAY)
    store_readings(furnace, now - DAY + timedelta(seconds=7), [32_000] * 11, suspect=SUSPECT)
    digest(now)
    assert doubt(furnace, now) is None


def test_without_a_rating_its_own_history_tells_after_an_edit(device, now):
    working_day(device, now - 3 * DAY)
    working_day(device, now - 2 * DAY)
    DeviceProfile.objects.create(device=device, valid_from=now - DAY, power_kind="W")
    working_day(device, now - DAY)
    digest(now)
    found = doubt(device, now)
    assert (found.against, found.suggested, found.since) == ("history", "kW", now - DAY)
    assert round(1 / found.factor) == 1000


def test_an_edit_that_was_right_is_not_doubted(device, now):
    working_day(device, now - 3 * DAY)
    DeviceProfile.objects.create(device=device, valid_from=now - DAY, power_kind="W")
    working_day(device, now - DAY, size=1000)
    digest(now)
    assert doubt(device, now) is None


def test_what_it_says_goes_away_when_somebody_says_what_is_sent(furnace, now):
    store_readings(furnace, now - DAY, [32_000, 33_000] * 100, suspect=SUSPECT)
    digest(now)
    change_profile(furnace, valid_from=doubt(furnace, now).since, power_kind="W")
    digest(now)
    assert doubt(furnace, now) is None
    assert not furnace.profiles.exclude(power_kind="W").exists()


def test_a_whole_factory_is_two_questions(steel_forge, furnace, now, django_assert_num_queries):
    devices = [furnace, *(make_device(steel_forge, f"ESP32-SF-{n:03}") for n in range(2, 6))]
    for one in devices:
        working_day(one, now - DAY)
    digest(now)
    with django_assert_num_queries(2):  # profiles, quarter hours
        power_doubts(devices, now)
