"""Profiles of a device: which one is valid when, and what a correction changes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from devices.models import DeviceProfile
from devices.profile_changes import change_profile
from devices.tests.model_factories import DeviceMaker, DeviceProfileMaker, HardwareMaker

DAY = timedelta(days=1)


@pytest.fixture
def furnace(steel_forge):
    return DeviceMaker(factory=steel_forge)


def power_kinds(device):
    return [profile.power_kind for profile in DeviceProfile.objects.filter(device=device).order_by("valid_from")]


def test_the_first_profile_is_valid_before_it_begins_too(furnace, now):
    first = DeviceProfileMaker(device=furnace, valid_from=now)
    second = DeviceProfileMaker(device=furnace, valid_from=now + DAY, power_kind="W")
    moments = [now - DAY, now, now + DAY - timedelta(seconds=1), now + DAY]
    assert [furnace.profile_at(moment) for moment in moments] == [first, first, first, second]


def test_a_device_without_profile_has_the_default_one(furnace, now):
    profile = furnace.profile_at(now)
    assert (profile.pk, profile.device, profile.power_kind, profile.interval_s) == (None, furnace, "kW", 300)


def test_a_change_leaves_earlier_and_later_profiles_alone(furnace, now):
    DeviceProfileMaker(device=furnace, valid_from=now)
    DeviceProfileMaker(device=furnace, valid_from=now + 2 * DAY)
    change_profile(furnace, valid_from=now + DAY, power_kind="W")
    assert power_kinds(furnace) == ["kW", "W", "kW"]


def test_a_second_change_for_the_same_time_replaces_the_first(furnace, now):
    change_profile(furnace, valid_from=now, power_kind="W")
    change_profile(furnace, valid_from=now, power_kind="register")
    assert power_kinds(furnace) == ["register"]


def test_a_correction_goes_on_to_the_first_profile_with_another_value(furnace, now):
    for days, kind in enumerate(["kW", "kW", "register", "kW"]):
        DeviceProfileMaker(device=furnace, valid_from=now + days * DAY, power_kind=kind)
    change_profile(furnace, valid_from=now, power_kind="W", corrects_later=True)
    assert power_kinds(furnace) == ["W", "W", "register", "kW"]


def test_a_correction_leaves_other_fields_of_later_profiles_alone(furnace, now):
    DeviceProfileMaker(device=furnace, valid_from=now)
    later = DeviceProfileMaker(device=furnace, valid_from=now + DAY, interval_s=60)
    change_profile(furnace, valid_from=now, power_kind="W", interval_s=300, corrects_later=True)
    later.refresh_from_db()
    assert (later.power_kind, later.interval_s) == ("W", 60)


def test_two_units_do_not_serve_one_device_at_once(furnace, now):
    HardwareMaker(device=furnace, unit="OLD", removed_at=now)
    HardwareMaker(device=furnace)
    with pytest.raises(IntegrityError, match="one_unit_at_a_time"):
        HardwareMaker(device=furnace)
