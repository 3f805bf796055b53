"""The worker's rounds: nobody's alert waits for somebody else's backlog, and the backlog is worked off all the same."""

import threading
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from prometheus_client import REGISTRY

from alerts.models import Alert
from alerts.tests.model_factories import only_rule
from carbonseed.runtime import digest_rounds
from carbonseed.runtime.digest_rounds import ROUNDS_LOCK, Pace, Rounds
from devices.tests.cast import make_device
from telemetry.models import Day, DirtySpan, ProcessedSpan, QuarterHour
from telemetry.rollups.digest import digest
from telemetry.rollups.lanes import waiting
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import add_dirty_span, insert, store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
BACKLOG = 240  # more than two first slices
LONG = 1_000.0


def rounds_at(now):
    """Rounds whose clock stands at `now`, and whose steps take half a second each."""
    ticks = count()
    return Rounds(now=lambda: now, ticks=lambda: next(ticks) / 2)


def store_backlog(device, now):
    """Months of buffer as a device sends it: every reading far from the next, each a span of its own."""
    moments = [now - timedelta(hours=5 * place + 3) for place in range(BACKLOG)]
    ensure_span(moments[-1], moments[0])
    insert(device, [{"at": at, "power_consumption": 20 + at.hour} for at in moments])
    DirtySpan.objects.bulk_create(
        DirtySpan(device=device, first_at=at, last_at=at, readings=1, received_at=now, factory_id=device.factory_id)
        for at in moments
    )


def store_present(device, now, **values):
    store_readings(device, now, [30], log=False, **values)
    add_dirty_span(device, now, now, is_present=True, received_at=now - timedelta(seconds=4))


def rollups():
    quarters = QuarterHour.objects.order_by("device_id", "starts_at").values()
    return list(quarters), list(Day.objects.order_by("device_id", "on").values())


def test_a_breach_is_judged_in_the_first_round_beside_a_backlog_of_another_factory(device, chem_works, now):
    boiler = make_device(chem_works, "ESP32-CW-001")
    only_rule(boiler, metric="temperature", level=900)
    store_backlog(device, now)
    store_present(boiler, now, temperature=950)
    rounds = rounds_at(now)
    assert rounds.round()
    assert QuarterHour.objects.get(device=boiler, received=1).temperature_max == 950
    assert Alert.objects.get().device == boiler
    assert 0 < DirtySpan.objects.count() < BACKLOG  # a slice of the backlog was worked off as well
    assert QuarterHour.objects.filter(device=device, received=1).exists()
    rounds.run(LONG)
    assert (waiting(), ProcessedSpan.objects.count()) == ((False, False), 0)
    in_rounds = rollups()
    QuarterHour.objects.all().delete()
    Day.objects.all().delete()
    add_dirty_span(device, now - timedelta(hours=5 * BACKLOG), now, readings=BACKLOG)
    add_dirty_span(boiler, now, now)
    digest(now)
    assert rollups() == in_rounds
    assert len(in_rounds[0]) >= BACKLOG


def test_what_comes_while_a_backlog_is_worked_off_is_judged_in_the_next_round(device, chem_works, now):
    boiler = make_device(chem_works, "ESP32-CW-001")
    only_rule(boiler, metric="temperature", level=900)
    store_backlog(device, now)
    rounds = rounds_at(now)
    rounds.round()
    store_present(boiler, now, temperature=950)
    rounds.round()
    assert Alert.objects.count() == 1
    assert waiting() == (False, True)


def test_how_long_a_present_reading_waited_is_counted(device, now):
    name = "carbonseed_present_judged_seconds"
    before = [REGISTRY.get_sample_value(f"{name}_{part}") for part in ("count", "sum")]
    store_present(device, now)
    rounds_at(now).run()
    after = [REGISTRY.get_sample_value(f"{name}_{part}") for part in ("count", "sum")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 4]


def test_spans_that_were_summed_and_not_judged_are_judged_before_more_is_summed(device, now):
    store_backlog(device, now)
    digest(now, budget=2_000, passes=1)
    left = DirtySpan.objects.count()
    rounds_at(now).round()
    assert (ProcessedSpan.objects.count(), DirtySpan.objects.count()) == (0, left)


def test_a_device_that_cannot_be_judged_delays_nobody(device, chem_works, now, monkeypatch):
    boiler = make_device(chem_works, "ESP32-CW-001")
    only_rule(boiler, metric="temperature", level=900)
    store_present(device, now)
    store_present(boiler, now, temperature=950)
    whole = digest_rounds.evaluate_new_readings.__globals__["consume_spans"]

    def failing(span_pks):
        if device.pk in span_pks:
            raise ZeroDivisionError
        return whole(span_pks)

    with monkeypatch.context() as patch:
        patch.setitem(digest_rounds.evaluate_new_readings.__globals__, "consume_spans", failing)
        rounds_at(now).round()
        assert Alert.objects.get().device == boiler
        assert ProcessedSpan.objects.get().is_present is False
    rounds_at(now).run()
    assert not ProcessedSpan.objects.exists()


def test_rounds_end_when_nothing_waits(now):
    assert rounds_at(now).run() == 1


def test_what_comes_during_a_round_is_gathered_for_the_next_schedule(device, now):
    """Summed one by one as they come, readings would keep a processor busy."""
    store_present(device, now)
    rounds = rounds_at(now)
    whole, late = rounds.work_on_backlog, make_device(device.factory, "ESP32-SF-002")

    def meanwhile():
        store_readings(late, now, [30], log=False)
        add_dirty_span(late, now, now, is_present=True, received_at=now)
        return whole()

    rounds.work_on_backlog = meanwhile
    assert rounds.run() == 1
    assert list(DirtySpan.objects.values_list("device", flat=True)) == [late.pk]


def test_more_present_readings_than_a_step_takes_are_all_judged_in_one_run(steel_forge, now):
    devices = [make_device(steel_forge, f"ESP32-SF-1{place:02}") for place in range(6)]
    for device in devices:
        store_present(device, now)
    rounds = rounds_at(now)
    rounds.present.budget = digest_rounds.lanes.SPAN_COST  # for one of them
    assert rounds.run(LONG) == 2
    assert (waiting(), ProcessedSpan.objects.count()) == ((False, False), 0)


def test_rounds_end_after_their_time(device, now):
    store_backlog(device, now)
    assert rounds_at(now).run(seconds=1) == 1
    assert waiting() == (False, True)


def test_a_slow_step_is_followed_by_a_small_one_and_a_quick_one_by_a_larger():
    pace = Pace(0.5)
    first = pace.budget
    pace.took(1.0)
    assert pace.budget == first // 2
    pace.took(50.0)
    assert pace.budget == digest_rounds.MIN_BUDGET
    for _ in range(10):
        pace.took(0.01)
    assert pace.budget == digest_rounds.MAX_BUDGET


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_the_rounds_to_the_first(device, now):
    store_present(device, now)
    held, may_end = threading.Event(), threading.Event()

    def other_worker():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ROUNDS_LOCK])
            held.set()
            may_end.wait(10)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ROUNDS_LOCK])
        connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    assert held.wait(10)
    assert rounds_at(now).run() == 0
    assert DirtySpan.objects.count() == 1
    may_end.set()
    thread.join()
    assert rounds_at(now).run() > 0
    assert not DirtySpan.objects.exists()
