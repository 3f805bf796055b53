"""Rate limits of ingest, and the counters of refusals."""

from datetime import timedelta

import pytest

from devices.key_issuing import issue_key
from devices.tests.cast import make_device
from telemetry.ingest import rate_limits
from telemetry.ingest.rate_limits import TokenBuckets
from telemetry.ingest.rejections import RefusalCounter, refusal_counter
from telemetry.models import Reading, RefusalCount
from telemetry.tests.payload_examples import reading_payload, response_counts


@pytest.fixture(autouse=True)
def slow(settings, ticks):
    """One reading a second, ten at once, and the same of backfill."""
    settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST = 1.0, 10
    settings.INGEST_BACKFILL_RATE, settings.INGEST_BACKFILL_BURST = 1.0, 10
    settings.INGEST_STRANGER_RATE = 0.5
    rate_limits.reset()


NOW_EPOCH = 1737023400  # the suite's NOW


def buffer(size, day=1):
    """Readings of days ago: backfill."""
    return [{"timestamp": 1736000000 + day * 86_400 + n, "temperature": 1} for n in range(size)]


def live_buffer(size):
    """Readings of the last minutes."""
    return [{"timestamp": NOW_EPOCH - 1 - n, "temperature": 1} for n in range(size)]


def test_a_bucket_lets_pass_while_it_is_positive_and_may_go_into_debt():
    bucket = TokenBuckets(rate=2, burst=10)
    assert bucket.retry_after("a", now=0) == 0
    bucket.consume("a", 50, now=0)
    assert bucket.retry_after("a", now=0) == 20
    assert bucket.retry_after("a", now=19.9) == 1
    assert bucket.retry_after("a", now=20.1) == 0
    assert bucket.retry_after("b", now=0) == 0


def test_a_bucket_never_holds_more_than_its_burst_and_time_never_runs_back():
    bucket = TokenBuckets(rate=2, burst=10)
    bucket.consume("a", 1, now=0)
    bucket.consume("a", 10, now=1_000_000)
    assert bucket.retry_after("a", now=1_000_000) == 1
    assert bucket.retry_after("a", now=0) == 1


def test_a_rate_of_zero_is_no_limit():
    bucket = TokenBuckets(rate=0, burst=0)
    bucket.consume("a", 10**9, now=0)
    assert (bucket.retry_after("a", now=0), len(bucket.levels)) == (0, 0)


def test_the_memory_of_buckets_is_bounded():
    bucket = TokenBuckets(rate=1, burst=1, max_buckets=100)
    for stranger in range(1000):
        bucket.consume(stranger, 5, now=0)
    assert len(bucket.levels) == 100
    assert bucket.retry_after(999, now=0) > 0


def test_an_ipv6_customer_counts_as_one_address():
    assert rate_limits.network_of("2001:db8::1") == rate_limits.network_of("2001:db8::ffff")
    assert rate_limits.network_of("10.0.0.1") != rate_limits.network_of("10.0.0.2")
    assert rate_limits.network_of("unix:") == "unix:"


def test_a_device_that_is_too_fast_is_told_how_long_to_wait(post, device, ticks):
    assert response_counts(post(live_buffer(30), device.key)) == (201, 30, 0, 0)  # a buffer passes on credit
    answer = post(reading_payload(), device.key)
    assert (answer.status_code, answer["Retry-After"]) == (429, "20")
    assert answer.json()["status"] == "error"
    ticks.now += 21
    assert post(reading_payload(), device.key).status_code == 201


def test_one_flooding_device_slows_no_other(post, device, steel_forge):
    other = make_device(steel_forge, "ESP32-SF-002")
    post(live_buffer(30), device.key)
    assert post(reading_payload(), device.key).status_code == 429
    assert post(reading_payload(), other.key).status_code == 201


def test_behind_a_gateway_too(post, device, steel_forge, now):
    other = make_device(steel_forge, "ESP32-SF-002")
    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    post([{**one, "device_id": device.device_id} for one in live_buffer(30)], gateway)
    mine, others = (
        {"device_id": device.device_id, **reading_payload()},
        {"device_id": other.device_id, **reading_payload()},
    )
    assert post(mine, gateway)["Retry-After"] == "20"
    assert response_counts(post([mine, others], gateway)) == (201, 2, 0, 0)


def test_a_gateway_that_sends_nonsense_is_slowed_as_itself(post, device, steel_forge, now):
    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    post([{"device_id": "NOWHERE", "temperature": 1}] * 30, gateway)
    assert post([{"device_id": "NOWHERE", "temperature": 1}], gateway).status_code == 429
    assert post(reading_payload(), device.key).status_code == 201


def test_a_factory_may_be_limited_as_a_whole(post, device, steel_forge, settings):
    settings.INGEST_FACTORY_RATE = 0.1  # twelve at once
    rate_limits.reset()
    other = make_device(steel_forge, "ESP32-SF-002")
    post(live_buffer(20), device.key)
    assert post(reading_payload(), other.key).status_code == 429


# Backfill


def a_night(posts=8, size=900, interval_s=5):
    """Ten hours at a reading each 5 s, in posts of 900, oldest first."""
    first = NOW_EPOCH - posts * size * interval_s - 3600
    return [
        [{"timestamp": first + (post * size + n) * interval_s, "temperature": 1} for n in range(size)]
        for post in range(posts)
    ]


@pytest.fixture
def usual(settings):
    settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST = 5.0, 600
    settings.INGEST_BACKFILL_RATE, settings.INGEST_BACKFILL_BURST = 5.0, 600
    rate_limits.reset()


def test_after_the_buffer_of_a_night_the_live_reading_passes_at_once(post, device, ticks, usual):
    for batch in a_night():
        answer = post(batch, device.key)
        if answer.status_code == 429:
            assert post(reading_payload(), device.key).status_code in (200, 201)  # whatever the buffer still owes
            ticks.now += int(answer["Retry-After"]) + 0.1
            answer = post(batch, device.key)
        assert response_counts(answer) == (201, 900, 0, 0)
        assert post(reading_payload(), device.key).status_code in (200, 201)
    assert Reading.objects.count() == 7201


def test_backfill_waits_for_its_own_debt_alone(post, device):
    assert post(buffer(30), device.key).status_code == 201
    assert post(buffer(1, day=2), device.key)["Retry-After"] == "20"
    assert post(buffer(1, day=2)[0], device.key)["Retry-After"] == "20"  # a single one of the past is backfill too
    assert post(live_buffer(30), device.key).status_code == 201
    assert post(reading_payload(), device.key)["Retry-After"] == "20"


def test_a_flood_of_live_readings_does_not_hold_backfill(post, device):
    post(live_buffer(30), device.key)
    assert post(reading_payload(), device.key).status_code == 429
    assert post(buffer(3), device.key).status_code == 201


def test_a_request_of_both_needs_both(post, device):
    post(buffer(15), device.key)
    assert post([*buffer(1, day=2), *live_buffer(1)], device.key)["Retry-After"] == "5"
    assert post(live_buffer(1), device.key).status_code == 201


@pytest.mark.parametrize(("minutes", "status"), [(14, 201), (16, 429)])
def test_what_was_measured_within_a_quarter_of_an_hour_is_live(post, device, minutes, status):
    post(buffer(30), device.key)
    assert post([{"timestamp": NOW_EPOCH - minutes * 60, "temperature": 2}], device.key).status_code == status


def test_a_device_that_keeps_on_is_refused_before_its_body_is_read(post, device, ticks, monkeypatch):
    post(live_buffer(30), device.key)
    for _again in range(10):
        assert post(reading_payload(), device.key)["Retry-After"] == "20"
    monkeypatch.setattr("telemetry.ingest.views.read_body", None)
    assert post(reading_payload(), device.key)["Retry-After"] == "20"


def test_one_that_backfills_on_and_on_is_looked_at_again_a_second_later(post, device, ticks):
    post(buffer(300), device.key)
    answers = [post(buffer(5, day=2), device.key)["Retry-After"] for _again in range(12)]
    assert answers == ["290"] * 10 + ["1"] * 2
    ticks.now += 1.1
    assert post(reading_payload(), device.key).status_code == 201


def test_backfill_of_one_device_behind_a_gateway_holds_neither_its_live_readings_nor_other_devices(
    post, device, steel_forge, now
):
    other = make_device(steel_forge, "ESP32-SF-002")
    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    old = [{**one, "device_id": device.device_id} for one in buffer(30)]
    assert post(old, gateway).status_code == 201
    assert post(old, gateway)["Retry-After"] == "20"
    for each in (device, other):
        assert post({"device_id": each.device_id, **reading_payload()}, gateway).status_code == 201


def test_a_factorys_backfill_does_not_hold_its_live_readings(post, device, steel_forge, settings):
    settings.INGEST_FACTORY_RATE = 0.1  # twelve at once
    rate_limits.reset()
    other = make_device(steel_forge, "ESP32-SF-002")
    post(buffer(20), device.key)
    assert post(buffer(1), other.key).status_code == 429
    assert post(reading_payload(), other.key).status_code == 201


def test_unreadable_bodies_are_counted_as_well(post, device):
    codes = [post("{", device.key).status_code for _again in range(12)]
    assert (codes[0], codes[-1]) == (400, 429)


def test_a_stranger_who_tries_key_after_key_waits_and_good_keys_of_that_address_do_not(post, device):
    codes = [post(reading_payload(), {"HTTP_X_API_KEY": "nonsense"}).status_code for _again in range(40)]
    assert (codes[0], codes[-1]) == (401, 429)
    assert post(reading_payload(), device.key).status_code == 201


def test_what_the_database_could_not_take_costs_nothing(post, device, monkeypatch, ticks):
    """A device that tries a big buffer again and again during an outage must not owe hours afterwards."""
    before = rate_limits.process_limits().devices.backfill.levels.copy()
    monkeypatch.setattr("telemetry.ingest.views.store", failing)
    assert post(buffer(30), device.key).status_code == 503
    assert rate_limits.process_limits().devices.backfill.levels == before


def failing(*_rows, **_also):
    from django.db import OperationalError

    raise OperationalError("away")


# Counted


def refusals_of(device):
    return dict(RefusalCount.objects.filter(device=device).values_list("status", "count"))


def test_refusals_are_counted_per_device_and_status(post, device, settings, now):
    settings.INGEST_MAX_READINGS = 20
    post(reading_payload(), {"HTTP_X_API_KEY": device.key_text[:-2] + "xx"})
    post({**reading_payload(), "device_id": "ANOTHER"}, device.key)
    post(live_buffer(21), device.key)
    post(live_buffer(20), device.key)
    post(reading_payload(), device.key)
    refusal_counter.flush(now)
    assert refusals_of(device) == {401: 1, 403: 1, 413: 1, 429: 1}
    assert RefusalCount.objects.first().last_at == now


def test_a_stranger_is_nobodys_refusal(post, device, now):
    post(reading_payload(), {"HTTP_X_API_KEY": "nonsense"})
    refusal_counter.flush(now)
    assert not RefusalCount.objects.exists()


def test_a_flood_is_one_write_every_few_seconds(device, now, django_assert_max_num_queries):
    counter = RefusalCounter(uses_timer=False)
    with django_assert_max_num_queries(7):  # two writes with their savepoints, and the look between
        for n in range(1000):
            counter.record(device.pk, 429, now + timedelta(milliseconds=n))
        assert refusals_of(device) == {429: 1}
        counter.record(device.pk, 429, now + timedelta(seconds=6))
    assert refusals_of(device) == {429: 1001}


def test_a_deleted_device_takes_nobody_elses_count_along(device, now):
    counter = RefusalCounter(uses_timer=False)
    counter.record(device.pk + 10**6, 401, now)
    counter.record(device.pk, 401, now)
    counter.flush(now)
    assert refusals_of(device) == {401: 1}


def test_every_refusal_of_a_known_device_is_counted_and_no_success(post, client, device, now):
    post(reading_payload(), device.key)
    post("{", device.key)
    post(b"\x1f\x8b broken", device.key, HTTP_CONTENT_ENCODING="br")
    post({"temperature": None}, device.key)
    for method in (client.delete, client.patch):
        assert method("/ingest", **device.key).status_code == 405
    refusal_counter.flush(now)
    assert refusals_of(device) == {400: 1, 405: 2, 415: 1, 422: 1}
    assert Reading.objects.exists()


def test_a_paused_devices_attempts_are_counted(post, device, now):
    type(device).objects.filter(pk=device.pk).update(is_active=False)
    assert post(reading_payload(), device.key).status_code == 503
    gateway = {"HTTP_X_API_KEY": issue_key(device.factory, now=now)[1]}
    assert post({"device_id": device.device_id, **reading_payload()}, gateway).status_code == 503
    refusal_counter.flush(now)
    assert refusals_of(device) == {503: 2}


def test_what_a_gateway_sends_for_a_device_is_counted_for_the_device(post, device, now):
    gateway = {"HTTP_X_API_KEY": issue_key(device.factory, now=now)[1]}
    post({"device_id": device.device_id, "temperature": "warm"}, gateway)
    refusal_counter.flush(now)
    assert refusals_of(device) == {422: 1}


def test_an_outage_of_the_database_is_counted_once_it_is_back(post, device, now, monkeypatch):
    monkeypatch.setattr("telemetry.ingest.views.store", failing)
    assert post(reading_payload(), device.key).status_code == 503
    monkeypatch.setattr("telemetry.ingest.rejections.write_counts", failing)
    refusal_counter.flush(now)
    assert refusals_of(device) == {}
    monkeypatch.undo()
    refusal_counter.flush(now)
    assert refusals_of(device) == {503: 1}
