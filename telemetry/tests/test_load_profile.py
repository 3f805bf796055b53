"""When and where electricity goes, summed from quarter hours; and what it costs by the tariff entered."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from devices.models import DeviceProfile
from devices.tests.cast import make_device
from factories.models import Holiday, Shift, Tariff, TariffBand
from telemetry.analytics.cost import account
from telemetry.analytics.load_profile import OUTSIDE_SHIFTS, load_profile, whole_quarters
from telemetry.models import QuarterHour

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
D = Decimal
THURSDAY = datetime(2025, 1, 15, 18, 30, tzinfo=UTC)  # midnight in the factory's zone
QUARTER = timedelta(minutes=15)


def at(clock, day=0):
    return THURSDAY + timedelta(days=day, hours=clock.hour, minutes=clock.minute)


def add_quarter_hour(device, when, kwh, covered_s=900, bridged=None):
    QuarterHour.objects.create(
        device=device, starts_at=when, received=3, expected=3, energy_kwh=kwh, covered_s=covered_s, bridged_kwh=bridged
    )


def load_profile_of(devices, days=1):
    return load_profile(devices, devices[0].factory, THURSDAY, THURSDAY + timedelta(days=days))


@pytest.fixture
def shifts(steel_forge):
    make = Shift.objects.create
    everyday = [1, 2, 3, 4, 5, 6, 7]
    make(factory=steel_forge, name="A", starts_at=time(6), ends_at=time(14), weekdays=everyday)
    make(factory=steel_forge, name="Night", starts_at=time(22), ends_at=time(6), weekdays=everyday)


def test_energy_belongs_to_the_shift_in_which_it_was_drawn(device, shifts):
    for clock, kwh in ((time(5, 45), 1), (time(6), 2), (time(13, 45), 4), (time(14), 8), (time(22), 16)):
        add_quarter_hour(device, at(clock), kwh)
    found = {part.name: part for part in load_profile_of([device]).by_shift}
    assert {name: part.kwh for name, part in found.items()} == {"A": 6, "Night": 17, OUTSIDE_SHIFTS: 8}
    assert {name: part.hours for name, part in found.items()} == {"A": 8, "Night": 8, OUTSIDE_SHIFTS: 8}
    assert found["A"].mean_kw == 0.75 and found["A"].share_percent == pytest.approx(100 * 6 / 31)


def test_on_a_holiday_everything_is_outside_shifts(device, shifts, steel_forge):
    Holiday.objects.create(factory=steel_forge, on=date(2025, 1, 16), name="Bandh")
    add_quarter_hour(device, at(time(10)), 5)
    assert load_profile_of([device]).outside_kwh == 5


def test_without_shifts_nothing_is_said_of_them(device):
    add_quarter_hour(device, at(time(10)), 5)
    found = load_profile_of([device])
    assert (found.by_shift, found.outside_kwh) == ([], None)


def test_days_of_the_week_are_those_of_the_factory(device):
    add_quarter_hour(device, at(time(0)), 3)  # 18:30 of Wednesday in UTC
    add_quarter_hour(device, at(time(23, 45)), 4)
    add_quarter_hour(device, at(time(0), day=1), 9)
    found = {part.name: part.kwh for part in load_profile_of([device], days=2).by_weekday}
    assert found == {"Thu": 7, "Fri": 9}


def test_the_peak_is_of_all_machines_together_and_says_whose_it_was(device, steel_forge):
    other = make_device(steel_forge, "ESP32-SF-002", device_name="Compressor")
    add_quarter_hour(device, at(time(9)), 10)
    add_quarter_hour(device, at(time(10)), 7)
    add_quarter_hour(other, at(time(10)), 5)
    peak = load_profile_of([device, other]).peak
    assert (peak.at, peak.kw) == (at(time(10)), 48)
    assert peak.machines == [(device.label, 28), (other.label, 20)]


def test_idling_is_what_a_rated_machine_draws_below_a_tenth_of_its_rating(device, steel_forge):
    profile = DeviceProfile.objects.get(device=device)
    profile.rated_kw = 40
    profile.save()
    unrated = make_device(steel_forge, "ESP32-SF-002", device_name="Compressor")
    DeviceProfile.objects.filter(device=unrated).update(rated_kw=None)
    add_quarter_hour(device, at(time(9)), 0.5)  # 2 kW
    add_quarter_hour(device, at(time(10)), 1.0)  # 4 kW, a tenth: not idling
    add_quarter_hour(device, at(time(11)), 0.0)
    add_quarter_hour(device, at(time(12)), 0.2, covered_s=100)  # too short to judge
    add_quarter_hour(unrated, at(time(9)), 0.1)
    found = load_profile_of([device, unrated])
    [idle] = found.idle
    assert (idle.machine, idle.kwh, idle.hours, idle.below_kw) == (device.label, 0.5, 0.25, 4)
    assert found.unrated == [unrated.label]


def test_what_a_register_bridged_has_no_time_of_day(device):
    add_quarter_hour(device, at(time(9)), 2)
    QuarterHour.objects.create(device=device, starts_at=at(time(12)), received=1, expected=3, bridged_kwh=30)
    found = load_profile_of([device])
    assert (found.kwh, found.bridged_kwh) == (2, 30) and sum(found.by_clock.values()) == 2
    assert found.covered_percent == pytest.approx(100 / 96)


def test_a_period_ends_with_the_last_finished_quarter_hour():
    now = datetime(2025, 1, 16, 10, 44, 59, tzinfo=UTC)
    assert whole_quarters(now, timedelta(days=1)) == (
        datetime(2025, 1, 15, 10, 30, tzinfo=UTC),
        datetime(2025, 1, 16, 10, 30, tzinfo=UTC),
    )


# In rupees


@pytest.fixture
def tariff(steel_forge):
    found = Tariff.objects.create(
        factory=steel_forge, name="HT I(A)", valid_from=date(2024, 4, 1), energy_rs_per_kwh=D("8.12"),
        demand_rs_per_kva=D(549), contract_demand_kva=D(180), least_billed_percent=D(75), power_factor=D("0.96"),
        factor_target=D("0.90"), factor_percent=D(1), bonus_percent=D("0.5"),
    )  # fmt: skip
    make = TariffBand.objects.create
    make(tariff=found, name="Evening", starts_at=time(18), ends_at=time(22), change_rs_per_kwh=D("1.10"))
    make(tariff=found, name="Night", starts_at=time(22), ends_at=time(6), change_rs_per_kwh=D("-1.50"))
    return found


DAY = date(2025, 1, 16)
CLOCK = {(DAY, time(10)): 100.0, (DAY, time(19)): 50.0, (DAY, time(23)): 20.0, (DAY, time(5, 45)): 30.0}


def test_every_line_of_the_account_can_be_followed_by_hand(tariff):
    found = account(CLOCK, tariff, peak_kw=100.0)
    told = {charge.name: charge.rs for charge in found.charges}
    energy = D(200) * D("8.12")
    assert told["Energy charge"] == energy
    assert told["Time of day: Evening"] == D(50) * D("1.10")
    assert told["Time of day: Night"] == D(50) * D("-1.50")
    assert told["Power factor"] == energy * -6 * D("0.5") / 100
    assert found.rs == sum(told.values())
    assert found.demand.rs == D(135) * 549  # 104.2 kVA is less than 75 % of 180
    assert "75" in found.demand.formula


def test_a_high_peak_is_billed_as_it_was(tariff):
    found = account(CLOCK, tariff, peak_kw=144.0)
    assert found.demand.rs == D(150) * 549 and "144.0 kW" in found.demand.formula


def test_a_poor_power_factor_costs(tariff):
    tariff.power_factor = D("0.87")
    found = {charge.name: charge.rs for charge in account(CLOCK, tariff, None).charges}
    assert found["Power factor"] == D(200) * D("8.12") * 3 / 100


def test_what_is_not_entered_is_not_charged(steel_forge):
    bare = Tariff.objects.create(factory=steel_forge, name="LT", valid_from=DAY, energy_rs_per_kwh=D(9))
    found = account(CLOCK, bare, peak_kw=100.0)
    assert ([charge.name for charge in found.charges], found.demand, found.saving) == (["Energy charge"], None, None)
    assert found.rs == 1800


def test_shifting_a_tenth_of_the_dearest_time_to_the_cheapest(tariff):
    saving = account(CLOCK, tariff, None).saving
    assert (saving.from_name, saving.to_name, saving.kwh) == ("Evening", "Night", 5)
    assert saving.rs == D(5) * (D("9.22") - D("6.62"))


# The pages


def tariff_form(**values):
    blank = {
        "bands-TOTAL_FORMS": "2",
        "bands-INITIAL_FORMS": "0",
        "bands-MIN_NUM_FORMS": "0",
        "bands-MAX_NUM_FORMS": "8",
    }
    rates = {"name": "HT I(A)", "valid_from": "2024-04-01", "energy_rs_per_kwh": "8.12"}
    return {**blank, **rates, **values}


def band(place, name, start, end, change="1"):
    fields = {"name": name, "starts_at": start, "ends_at": end, "change_rs_per_kwh": change}
    return {f"bands-{place}-{key}": value for key, value in fields.items()}


def test_an_owner_enters_the_tariff_and_sees_rupees(page, asha, vik, device, steel_forge, server_clock, now):
    address = "/dashboard/tariffs/"
    assert page(vik).post(address, tariff_form()).status_code == 403
    assert page(asha).post(address, tariff_form(**band(0, "Night", "22:00", "06:00", "-1.5"))).status_code == 302
    found = Tariff.objects.get()
    assert (found.factory, found.bands.get().change_rs_per_kwh) == (steel_forge, D("-1.5"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"energy_rs_per_kwh": "much"}, "Enter a number"),
        ({"energy_rs_per_kwh": "-1"}, "greater than or equal to 0"),
        ({"valid_from": "yesterday"}, "Enter a valid date"),
        ({"power_factor": "1.2"}, "less than or equal to 1"),
        ({**band(0, "Evening", "18:00", "22:00"), **band(1, "Peak", "21:00", "23:00")}, "overlap at 21:00"),
        ({**band(0, "Evening", "18:00", "22:00"), **band(1, "evening", "22:00", "23:00")}, "the same name"),
    ],
)
def test_what_makes_no_tariff_is_told(page, asha, wrong, words):
    answer = page(asha).post("/dashboard/tariffs/", tariff_form(**wrong))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Tariff.objects.exists()


def test_two_tariffs_from_one_day_are_one_too_many(page, asha, tariff):
    answer = page(asha).post("/dashboard/tariffs/", tariff_form())
    assert answer.status_code == 422 and "Another tariff holds from this day" in answer.content.decode()
