"""Names, units and commas as devices write them; what may be read in two ways is left aside, and said."""

import pytest

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads import Reject, parse_sample
from telemetry.payloads.names import ALIASES_OF, KNOWN_FIELDS, Field, field_of, rename, squeeze
from telemetry.payloads.units import UNITS, Scale, units_of
from telemetry.tests.test_payloads import NOW, OLDEST


def taken(**fields):
    return parse_sample(fields, now=NOW, oldest=OLDEST)


def values_of(sample):
    return {name: value for name, value in zip(METRIC_NAMES, sample.values, strict=True) if value is not None}


# Names


@pytest.mark.parametrize("name", sorted(KNOWN_FIELDS))
def test_a_field_is_known_by_any_spelling_of_its_name(name):
    for spelling in (name, name.upper(), name.title(), name.replace("_", "-"), name.replace("_", ""), f" {name} "):
        assert field_of(spelling) == Field(name)


def test_no_alias_stands_for_two_fields():
    aliases = [spelling.partition(" ")[0] for spellings in ALIASES_OF.values() for spelling in spellings]
    assert len(aliases) == len(set(aliases))
    assert aliases == [squeeze(alias) for alias in aliases]
    assert not set(aliases) & set(map(squeeze, KNOWN_FIELDS))


@pytest.mark.parametrize(
    ("sent", "metric", "value"),
    [
        ("temp", "temperature", 31),
        ("Temp (°C)", "temperature", 31),
        ("hum", "humidity", 31),
        ("RH", "humidity", 31),
        ("pres", "pressure", 31),
        ("power", "power_consumption", 31),
        ("Active Power", "power_consumption", 31),
        ("energy", "energy_kwh", 31),
        ("vib_x", "vibration_x", 31),
        ("temp_f", "temperature", pytest.approx(-5 / 9)),
        ("temperature [K]", "temperature", pytest.approx(31 - 273.15)),
        ("pressure_pa", "pressure", pytest.approx(0.31)),
    ],
)
def test_a_short_name_stands_for_its_metric(sent, metric, value):
    sample = taken(**{sent: 31})
    assert values_of(sample) == {metric: value}
    assert sample.extra is None


@pytest.mark.parametrize("sent", ["id", "device", "sensor", "gas", "p", "h", "v", "temperature_2", "x" * 5000])
def test_what_may_mean_something_else_is_no_short_name(sent):
    assert field_of(sent) is None


def test_an_exact_name_wins_over_another_spelling_and_that_over_an_alias():
    sample = taken(temp=1, Temperature=2, temperature=3)
    assert values_of(sample) == {"temperature": 3}
    assert sample.extra == {"temp": 1, "Temperature": 2}
    assert "temp: temperature is there too and counts; kept aside" in sample.warnings
    assert values_of(taken(temp=1, TEMPERATURE=2)) == {"temperature": 2}
    assert values_of(taken(temp=31, temperature=None)) == {"temperature": 31}


def test_the_same_value_twice_is_said_once():
    sample = taken(temp=31, temperature=31)
    assert (values_of(sample), sample.extra, sample.warnings) == ({"temperature": 31}, None, ())


def test_a_register_that_may_count_watt_hours_is_said():
    assert taken(energy=5).warnings == ("energy: read as energy_kwh",)


@pytest.mark.parametrize("name", ["ts", "time", "t", "datetime", "Timestamp", "epoch"])
def test_a_time_has_short_names_too(name):
    assert taken(temperature=1, **{name: "2025-01-16T10:00:00Z"}).at.hour == 10


def test_a_t_that_is_no_present_time_may_be_a_temperature_and_is_neither():
    sample = taken(t=31.5, hum=48)
    assert (values_of(sample), sample.at, sample.extra) == ({"humidity": 48}, NOW, {"t": 31.5})
    assert sample.warnings == ("t: a time or a temperature? say timestamp or temp; kept aside",)
    assert parse_sample({"t": 37, "temp": 31}, now=NOW, oldest=OLDEST).reason == "too_old"  # it has its temperature


def test_a_time_of_day_is_no_moment_and_costs_nothing():
    sample = taken(time="12:30", temperature=1)
    assert (sample.at, sample.extra) == (NOW, {"time": "12:30"})


def test_a_short_time_without_offset_is_refused_as_a_long_one_is():
    assert list(taken(time="2025-01-16T10:30:00", temperature=1).errors) == ["timestamp"]


def test_a_key_in_a_body_is_never_kept():
    for name in ("api_key", "apikey", "API-Key", "X-Api-Key"):
        sample = taken(temperature=1, **{name: "cs_0123456789ab_secret"})
        assert (sample.raw, sample.extra, sample.warnings) == ({"temperature": 1}, None, ())
        reject = taken(note=1, **{name: "cs_0123456789ab_secret"})
        assert "secret" not in f"{reject.raw}{reject.errors}"


def test_a_device_may_have_channels_of_its_own():
    channels = {"ph": Field("ph_value"), "power": Field("spindle_power"), "humidity": Field("moisture")}
    assert field_of("PH", channels) == Field("ph_value")
    assert rename({"pH": 7}, channels).reading == {"ph_value": 7}
    assert field_of("temp", channels).name == "temperature"
    assert field_of("Power", channels).name == "spindle_power"
    assert field_of("humidity", channels).name == "humidity"


# Units


@pytest.mark.parametrize(
    ("metric", "sent", "value", "is_said"),
    [
        ("temperature", "25.5 °C", 25.5, False),
        ("temperature", "31 C", 31, False),
        ("temperature", "31C", 31, False),
        ("temperature", "-4.5 degC", -4.5, False),
        ("temperature", "\u22124.5 °C", -4.5, False),
        ("temperature", "77 °F", 25, True),
        ("temperature", "300 K", 26.85, True),
        ("temperature", "1.5e2 C", 150, False),
        ("humidity", "45 %", 45, False),
        ("humidity", "45%RH", 45, False),
        ("pressure", "1013 hPa", 1013, False),
        ("pressure", "101325 Pa", 1013.25, True),
        ("pressure", "1.013 bar", 1013, True),
        ("pressure", "760 mmHg", 1013.25, True),
        ("vibration_x", "2.1 m/s²", 2.1, False),
        ("vibration_x", "2.1m/s^2", 2.1, False),
        ("vibration_x", "0.5 g", 4.903325, True),
    ],
)
def test_a_value_may_name_its_unit(metric, sent, value, is_said):
    sample = taken(**{metric: sent})
    assert values_of(sample) == {metric: pytest.approx(value)}
    assert bool(sample.warnings) is is_said
    assert all(metric in warning and "read as" in warning for warning in sample.warnings)


@pytest.mark.parametrize(
    ("metric", "sent"),
    [
        ("temperature", "120 V"),
        ("temperature", "31 kW"),
        ("gas_index", "400 ppm"),
        ("vibration_x", "4.5 mm/s"),
        ("power_consumption", "42 kVA"),
        ("power_consumption", "5 mw"),
        ("humidity", "12 g/m³"),
    ],
)
def test_a_unit_that_is_none_of_the_metric_leaves_the_value_aside_and_is_named(metric, sent):
    sample = taken(**{"temperature": 1, "humidity": 1} | {metric: sent})
    assert metric not in values_of(sample)
    assert sample.extra == {metric: sent}
    assert sent.partition(" ")[2] in sample.warnings[0]


@pytest.mark.parametrize(
    ("profile", "sent", "values", "words"),
    [
        ({}, {"power": "32.5 kW"}, (32.5, None), ""),
        ({}, {"power": "32500 W"}, (32.5, None), "32500 W read as 32.5 kW"),
        ({}, {"kw": 32.5}, (32.5, None), ""),
        ({}, {"watts": 32500}, (32.5, None), "read as 32.5 kW"),
        ({}, {"power_consumption": "0.5 MW"}, (500, None), "read as 500 kW"),
        ({"power_kind": "W"}, {"kw": 32.5}, (32_500, None), "32.5 kW read as 32500 W"),
        ({"power_kind": "W"}, {"power": 32_500}, (32_500, None), ""),
        ({"power_kind": "W"}, {"power_consumption": "32.5 kW"}, (32_500, None), "read as 32500 W"),
        ({"power_kind": "register"}, {"power": "1234.5 kWh"}, (1234.5, None), ""),
        ({"power_kind": "register"}, {"kw": 5, "temp": 1}, (None, None), "5 kW, but it is set up as a register in kWh"),
        ({"power_kind": "kWh"}, {"power": "500 Wh"}, (0.5, None), "read as 0.5 kWh"),
        ({}, {"power": "5 kWh", "temp": 1}, (None, None), "5 kWh, but it is set up as kW; kept aside"),
        ({}, {"kwh": 123.4}, (None, 123.4), ""),
        ({}, {"energy_kwh": "439534 Wh"}, (None, 439.534), "read as 439.534 kWh"),
        ({"energy_unit": "Wh"}, {"kwh": 123.4}, (None, 123_400), "123.4 kWh read as 123400 Wh"),
        ({"energy_unit": "MWh"}, {"energy": 1.5}, (None, 1.5), "energy: read as energy_kwh"),
        ({"energy_unit": "Wh"}, {"energy_kwh": 439_534}, (None, 439_534), ""),
    ],
)
@pytest.mark.sql
def test_power_and_energy_with_a_unit_are_stored_in_the_devices_own(post, device, profile, sent, values, words):
    from telemetry.models import Reading

    device.profiles.update(**profile)
    answer = post(sent, device.key)
    assert answer.status_code == 201
    assert Reading.objects.values_list("power_consumption", "energy_kwh").get() == values
    assert words in "".join(answer.json()["warnings"])
    assert bool(answer.json()["warnings"]) is bool(words)


@pytest.mark.sql
def test_a_unit_that_cannot_be_what_the_device_sends_is_a_422_that_says_what_is_expected(post, device):
    device.profiles.update(power_kind="register")
    answer = post({"kw": 5}, device.key)
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"power_consumption": ["is a register in kWh, not kW"]}


def test_a_metric_without_a_table_of_units_has_its_own(monkeypatch):
    monkeypatch.delitem(UNITS, "humidity")
    assert units_of("humidity") == {"% RH": Scale(1)}


# Commas


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("32,5", 32.5),
        ("-117,86", -117.86),
        ("0,125", 0.125),
        (",5", 0.5),
        ("12,3456", 12.3456),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,23,456", 123_456),
        ("12,345,678", 12_345_678),
        ("32,5 °C", 32.5),
    ],
)
def test_a_comma_that_can_mean_one_thing_only_is_read_and_said(sent, value):
    sample = taken(temperature=sent)
    assert values_of(sample) == {"temperature": value}
    assert "read as" in sample.warnings[0]


@pytest.mark.parametrize("sent", ["12,345", "-1,000", "123,456"])
def test_a_comma_that_may_group_or_divide_is_refused_with_both_readings(sent):
    reject = taken(temperature=sent)
    assert isinstance(reject, Reject)
    assert f"may be {sent.replace(',', '.')} or {sent.replace(',', '')}" in reject.errors["temperature"]


@pytest.mark.parametrize(
    "sent", ["1,2,3", "1,,2", "1.2.3", "12:30", "3-4", ",", "1,2.3,4", "5 5", "1" * 50 + ",5x" * 9]
)
def test_what_is_no_number_either_way_stays_none(sent):
    assert taken(temperature=sent).reason == "invalid"
