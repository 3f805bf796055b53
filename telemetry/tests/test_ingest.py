"""POST /ingest: every body, response and status of the contract."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from devices.models import DeviceProfile
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.models import Clock, DirtySpan, QuarantineItem, Reading
from telemetry.storage.partitions import month_of
from telemetry.storage.writer import cached_months
from telemetry.tests.payload_examples import EXAMPLE, reading_payload, response_counts

pytestmark = pytest.mark.sql

# What is stored


def test_the_example_of_the_contract_is_stored(post, device, now):
    answer = post(EXAMPLE, device.key)
    assert answer.status_code == 201
    assert answer.json() == {
        "status": "success",
        "accepted": 1,
        "duplicates": 0,
        "quarantined": 0,
        "warnings": [],
        "server_time": "2025-01-16T10:30:00Z",
    }
    reading = Reading.objects.get()
    assert (reading.device_id, reading.at, reading.received_at) == (device.pk, now, now)
    assert (reading.temperature, reading.power_consumption, reading.energy_kwh) == (850.5, 32.5, None)
    assert (reading.clock, reading.suspect, reading.extra) == (Clock.DEVICE, 0, None)


def test_a_slash_at_the_end_changes_nothing(post, device):
    assert post(EXAMPLE, device.key, url="/ingest/").status_code == 201


def test_whatever_a_client_accepts_the_answer_is_json(post, device):
    answer = post(EXAMPLE, device.key, HTTP_ACCEPT="text/html", url="/ingest?format=xml")
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")


def test_the_field_sketch_is_understood(post, device, now):
    """No timestamp, no pressure, a DHT22 whose NaN arrives as null, an exact content type."""
    answer = post('{"device_id":"ESP32-SF-001","temperature":null,"humidity":null,"gas_index":312}', device.key)
    reading = Reading.objects.get()
    assert answer.status_code == 201
    assert (reading.at, reading.clock, reading.gas_index, reading.temperature) == (now, Clock.SERVER, 312, None)


def test_esphome_sends_every_value_as_a_string(post, device):
    post(reading_payload(temperature="850.5", humidity="nan"), device.key)
    assert Reading.objects.values_list("temperature", "humidity").get() == (850.5, None)


def test_printf_writes_a_bare_nan(post, device):
    assert post(b'{"temperature": nan, "humidity": 45, "pressure": -inf}', device.key).status_code == 201


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ([reading_payload(1), reading_payload(2), reading_payload(3)], "application/json"),
        ({"readings": [reading_payload(1), reading_payload(2), reading_payload(3)]}, "application/json"),
        ("\n".join(json.dumps(reading_payload(minute)) for minute in (1, 2, 3)), "application/x-ndjson"),
    ],
)
def test_several_readings_in_one_request(post, device, body, content_type):
    assert response_counts(post(body, device.key, content_type)) == (201, 3, 0, 0)
    assert Reading.objects.count() == 3


def test_gzip(post, device):
    body = gzip.compress(json.dumps([reading_payload(1), reading_payload(2)]).encode())
    assert response_counts(post(body, device.key, HTTP_CONTENT_ENCODING="gzip")) == (201, 2, 0, 0)


def test_chunked_transfer_names_no_length(post, device):
    """Telegraf sends its gzipped batches so."""
    chunks = {"wsgi.input": BytesIO(b'{"temperature": 5}'), "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert post("", device.key, **chunks).status_code == 201


def test_a_body_that_ends_early_is_unreadable(post, device):
    cut = {"wsgi.input": BytesIO(b'{"temperature": 5}'), "CONTENT_LENGTH": "500"}
    assert "18 of 500 bytes" in post("", device.key, **cut).json()["detail"]


def test_an_empty_list_is_no_error(post, device):
    assert response_counts(post([], device.key)) == (200, 0, 0, 0)


def test_unknown_fields_are_kept_and_listed(post, device):
    answer = post(reading_payload(temperature=1, rssi=-67, note="a\x00\ud800"), device.key)
    assert answer.json()["warnings"] == ["rssi: unknown field, kept", "note: unknown field, kept"]
    assert Reading.objects.get().extra == {"rssi": -67, "note": "a\ufffd\ufffd"}


def test_the_answer_fits_the_buffer_of_a_small_client(post, device):
    many = [
        reading_payload(minute, temperature=1, **{f"field_{minute}_{n}": 1 for n in range(9)}) for minute in range(50)
    ]
    answer = post(many, device.key)
    assert len(answer.content) < 512
    assert "more" in answer.json()["warnings"][-1]


def test_several_readings_without_any_time_keep_their_order(post, device, now):
    post([{"temperature": 1}, {"temperature": 2}, {"temperature": 3}], device.key)
    assert list(Reading.objects.order_by("at").values_list("temperature", flat=True)) == [1, 2, 3]
    assert Reading.objects.order_by("at").last().at == now


def test_a_buffer_of_a_device_without_a_clock_is_laid_out_by_age(post, device, now):
    post([{"age_ms": 60_000, "temperature": 1}, {"age_ms": 0, "temperature": 2}], device.key)
    assert list(Reading.objects.order_by("at").values_list("at", flat=True)) == [now - timedelta(minutes=1), now]


def test_a_whole_buffer_may_say_once_what_its_clock_reads(post, device, now):
    post({"sent_at": 1000, "readings": [{"timestamp": 940, "temperature": 1}]}, device.key)
    reading = Reading.objects.get()
    assert (reading.at, reading.clock) == (now - timedelta(minutes=1), Clock.SHIFTED)


# The same again


def test_the_same_again_is_a_duplicate_and_a_success(post, device):
    post(EXAMPLE, device.key)
    assert response_counts(post(EXAMPLE, device.key)) == (200, 0, 1, 0)
    assert (Reading.objects.count(), DirtySpan.objects.count()) == (1, 1)


def test_one_value_per_request_is_merged_into_one_reading(post, device):
    assert response_counts(post(reading_payload(temperature=20), device.key)) == (201, 1, 0, 0)
    assert response_counts(post(reading_payload(humidity=45, rssi=1), device.key)) == (201, 1, 0, 0)
    assert response_counts(post(reading_payload(temperature=20, pressure=900), device.key)) == (201, 1, 0, 0)
    assert Reading.objects.values_list("temperature", "humidity", "pressure").get() == (20, 45, 900)
    assert Reading.objects.get().extra == {"rssi": 1}
    assert DirtySpan.objects.count() == 3


def test_another_value_for_the_same_moment_is_a_conflict_and_the_first_stays(post, device):
    post(reading_payload(temperature=20, humidity=45), device.key)
    answer = post(reading_payload(temperature=21, pressure=900), device.key)
    assert response_counts(answer) == (200, 0, 0, 1)
    assert "temperature: 20.0 is stored, 21.0 was sent" in answer.json()["warnings"]
    assert Reading.objects.values_list("temperature", "pressure").get() == (20, None)
    held = QuarantineItem.objects.get()
    assert (held.reason, held.device_id, json.loads(bytes(held.payload))["temperature"]) == ("conflict", device.pk, 21)


def test_a_buffer_sent_again_with_more_in_it_stores_only_what_is_new(post, device):
    post([reading_payload(1), reading_payload(2)], device.key)
    assert response_counts(post([reading_payload(1), reading_payload(2), reading_payload(3)], device.key)) == (
        201,
        1,
        2,
        0,
    )


def test_the_same_moment_twice_in_one_batch_is_judged_one_after_the_other(post, device):
    batch = [
        reading_payload(temperature=20),
        reading_payload(temperature=20),
        reading_payload(humidity=45),
        reading_payload(temperature=21),
        reading_payload(humidity=45, temperature=20),
    ]
    assert response_counts(post(batch, device.key)) == (201, 2, 2, 1)
    assert Reading.objects.values_list("temperature", "humidity").get() == (20, 45)


def test_a_conflict_sent_again_is_held_once(post, device):
    post(reading_payload(temperature=20), device.key)
    for _again in range(3):
        assert response_counts(post(reading_payload(temperature=21), device.key)) == (200, 0, 0, 1)
    assert QuarantineItem.objects.get().times == 3


# Suspect


def test_implausible_values_are_stored_and_marked(post, device):
    post(reading_payload(temperature=-300, humidity=140, pressure=1013), device.key)
    reading = Reading.objects.get()
    assert reading.suspect == IMPLAUSIBLE_BIT["temperature"] | IMPLAUSIBLE_BIT["humidity"]
    assert (reading.temperature, reading.humidity) == (-300, 140)


def test_negative_power_is_suspect_unless_the_feeder_exports(post, device):
    post(reading_payload(1, power_consumption=-5), device.key)
    device.profiles.update(exports_power=True)
    post(reading_payload(2, power_consumption=-5), device.key)
    assert list(Reading.objects.values_list("suspect", flat=True)) == [IMPLAUSIBLE_BIT["power_consumption"], 0]


def test_a_profile_holds_from_its_date(post, device, now):
    DeviceProfile.objects.create(device=device, valid_from=now - timedelta(minutes=10), temperature_max=80)
    post([reading_payload(1, temperature=90), reading_payload(25, temperature=90)], device.key)
    assert list(Reading.objects.values_list("suspect", flat=True)) == [0, IMPLAUSIBLE_BIT["temperature"]]


@pytest.mark.parametrize(
    ("profile", "sent", "is_suspect"),
    [
        ({"power_kind": "kW", "rated_kw": 50}, 60, False),
        ({"power_kind": "kW", "rated_kw": 50}, 32_500, True),  # it sends W
        ({"power_kind": "W", "rated_kw": 50}, 32_500, False),
        ({"power_kind": "kWh", "rated_kw": 50}, 2_000, False),
        ({"power_kind": "register"}, 9_000_000, False),
        ({"power_kind": "register", "exports_power": True}, -1, True),
        ({"vibration_kind": "raw"}, 0, False),
    ],
)
def test_what_is_plausible_power_depends_on_its_unit_and_rating(post, device, profile, sent, is_suspect):
    device.profiles.update(**profile)
    post(reading_payload(power_consumption=sent, vibration_x=-9.8 if "vibration_kind" in profile else 0), device.key)
    assert bool(Reading.objects.get().suspect) is is_suspect


def test_a_device_without_any_profile_is_judged_by_the_registry(post, device):
    device.profiles.all().delete()
    post(reading_payload(humidity=140, power_consumption=5), device.key)
    assert Reading.objects.get().suspect == IMPLAUSIBLE_BIT["humidity"]


# Backfill


def test_six_year_old_readings_are_taken_and_the_digest_is_told_of_two_short_spans(post, device, now):
    answer = post(
        [reading_payload(1), reading_payload(2), {"timestamp": "2019-06-01T00:00:00Z", "temperature": 1}], device.key
    )
    assert response_counts(answer) == (201, 3, 0, 0)
    spans = list(DirtySpan.objects.order_by("first_at").values_list("first_at", "last_at", "readings"))
    long_ago = datetime(2019, 6, 1, tzinfo=UTC)
    assert spans == [(long_ago, long_ago, 1), (now - timedelta(minutes=29), now - timedelta(minutes=28), 2)]


def test_what_lies_ahead_goes_to_quarantine(post, device):
    batch = [
        reading_payload(1),
        {"timestamp": "2025-02-01T00:00:00Z", "temperature": 1},
    ]
    assert response_counts(post(batch, device.key)) == (201, 1, 0, 1)
    assert set(QuarantineItem.objects.values_list("reason", "device")) == {("future", device.pk)}


def test_what_is_older_than_what_is_kept_goes_to_quarantine(post, device, settings):
    settings.RETENTION_MONTHS = 12
    assert response_counts(post({"timestamp": "2022-06-01T00:00:00Z", "temperature": 1}, device.key)) == (200, 0, 0, 1)
    assert QuarantineItem.objects.get().reason == "too_old"


def test_a_single_reading_from_the_future_was_kept_so_the_device_may_forget_it(post, device):
    answer = post({"timestamp": "2030-01-01T00:00:00Z", "temperature": 1}, device.key)
    assert response_counts(answer) == (200, 0, 0, 1)
    assert "ahead" in answer.json()["warnings"][0]


def test_a_month_that_was_dropped_meanwhile_is_made_again(post, device, now):
    cached_months.add(month_of(now))  # as this process remembers it
    assert post(EXAMPLE, device.key).status_code == 201


def test_a_thousand_contradictions_are_all_held(post, device, settings):
    settings.INGEST_DEVICE_RATE = settings.INGEST_BACKFILL_RATE = 0
    buffer = [{"timestamp": 1737000000 + n, "temperature": 1} for n in range(1001)]
    post(buffer, device.key)
    assert response_counts(post([{**one, "temperature": 2} for one in buffer], device.key)) == (200, 0, 0, 1001)
    assert QuarantineItem.objects.filter(reason="conflict").count() == 1001


def test_an_arrival_names_the_key(post, device):
    post(EXAMPLE, device.key)
    assert DirtySpan.objects.get().key_prefix == device.keys.get().prefix
