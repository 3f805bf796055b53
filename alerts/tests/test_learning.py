"""The silent learning time of default limits, and the level that a watch limit has after it."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.default_limits import history, learning
from alerts.default_limits.history import Quarter, summarise
from alerts.default_limits.limits import Machine
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from alerts.tests.cast import minutes, store_readings
from devices.profile_changes import change_profile
from devices.tests.cast import REGISTERED_AT, make_device
from telemetry.models import QuarterHour

MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
PRESS = Machine("press", "oil", 93)  # 100 kW at full load
QUARTER = timedelta(minutes=15)


def day_of(number: int, kw: float = 60, value: float = 50, quarters: int = 8) -> list[Quarter]:
    """A day's production, and as long a stop after it."""
    start = MONDAY + timedelta(days=number, hours=4)
    work = [Quarter(start + QUARTER * place, kw, value) for place in range(quarters)]
    return work + [Quarter(start + QUARTER * (quarters + place), 0.5, 30) for place in range(quarters)]


def month(days: int, **fields) -> list[Quarter]:
    return [quarter for number in range(days) for quarter in day_of(number, **fields)]


@pytest.mark.parametrize(
    ("quarters", "after_days", "is_known"),
    [
        (month(10), 14, True),
        (month(10), 13, False),  # not fourteen days yet
        (month(9), 30, False),  # not ten production days
        (month(12, quarters=3), 30, False),  # too short to count as days of production
        ([], 30, False),
    ],
)
def test_a_machine_is_known_after_fourteen_days_and_ten_of_production(quarters, after_days, is_known):
    found = summarise(quarters, PRESS, UTC)
    assert found.is_known(MONDAY + timedelta(days=after_days, hours=4)) is is_known


def test_the_percentile_is_of_the_loaded_state_alone():
    hot_while_stopped = [
        Quarter(quarter.at, quarter.kw, 99 if quarter.kw < 1 else quarter.value) for quarter in month(10)
    ]
    assert summarise(hot_while_stopped, PRESS, UTC).p99 == 50
    assert summarise(month(10), PRESS, UTC).production_days == 10


def test_a_machine_that_never_reaches_its_rating_is_loaded_by_its_own_measure():
    assert summarise(month(10, kw=12), PRESS, UTC).production_days == 10


def test_without_power_every_quarter_hour_counts():
    quarters = [Quarter(quarter.at, None, quarter.value) for quarter in month(10)]
    assert summarise(quarters, Machine("press", "oil"), UTC).production_days == 10


# End to end


@pytest.fixture
def pump(steel_forge):
    device = make_device(steel_forge, "P-1", machine_name="Slurry pump", machine_kind="pump", has_process_limits=False)
    change_profile(device, valid_from=REGISTERED_AT, rated_kw=18)  # 19.4 kW at full load: watch 20.3, urgent 22.3
    return device


def store_days(device, days, kw, until):
    """Eight quarter hours of production a day, that long before `until`."""
    rows = []
    for number in range(1, days + 1):
        for place in range(8):
            starts_at = until - timedelta(days=number) + QUARTER * place
            rows.append(
                QuarterHour(
                    device=device, starts_at=starts_at, expected=15, received=15, covered_s=900, energy_kwh=kw / 4,
                    power_consumption_min=kw, power_consumption_max=kw, power_consumption_sum=15 * kw,
                    power_consumption_count=15,
                )
            )  # fmt: skip
    QuarterHour.objects.bulk_create(rows)


def watch_of(device):
    return AlertRule.objects.get(device=device, metric="power_consumption", severity="warning")


def learn(device, now):
    AlertRule.objects.filter(device=device).exclude(learning_until=None).update(learning_until=now)
    learning.finish_learning(now)
    return watch_of(device)


@pytest.mark.django_db
def test_a_watch_limit_raises_nothing_while_it_learns_and_alerts_after_it(pump, now):
    rows = [(now - minutes(60 - count), {"power_consumption": 21}) for count in range(30)]
    store_readings(pump, rows)
    evaluate_new_readings(now - minutes(30))
    assert not Alert.objects.exists()
    store_days(pump, 20, 15, now)
    assert learn(pump, now).learning_until is None
    store_readings(pump, [(now + minutes(count), {"power_consumption": 21}) for count in range(20)])
    evaluate_new_readings(now + minutes(20))
    assert [(alert.title, alert.severity) for alert in Alert.objects.all()] == [("Power above 20.3 kW", "warning")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kw", "level", "winner", "words"),
    [
        (15, 20.3, "proposed", "15 kW × 1.10 = 16.5 kW, is smaller"),
        (19, 20.9, "own", "19 kW × 1.10 = 20.9 kW, is larger and holds"),
        (22, 22.3, "urgent", "22 kW × 1.10 = 24.2 kW, would lie over the urgent limit, which caps it"),
    ],
)
def test_the_larger_of_proposal_and_own_history_holds_never_over_the_urgent_limit(pump, now, kw, level, winner, words):
    from alerts.default_limits.basis_text import basis_text

    store_days(pump, 20, kw, now)
    watch = learn(pump, now)
    assert (watch.level, watch.basis["winner"]) == (level, winner)
    assert watch.clear_level < watch.level
    assert words in basis_text(watch)


@pytest.mark.django_db
def test_a_machine_not_known_well_enough_goes_on_learning(pump, now):
    store_days(pump, 9, 15, now)
    watch = learn(pump, now)
    assert watch.learning_until == now + timedelta(days=5)
    assert watch.level == 20.3


@pytest.mark.django_db
def test_another_rating_keeps_what_was_learned(pump, now):
    store_days(pump, 20, 19, now)
    learn(pump, now)
    change_profile(pump, valid_from=REGISTERED_AT, rated_kw=30)
    watch = watch_of(pump)
    assert (watch.level, watch.learning_until, watch.basis["own_p99"]) == (33.9, None, 19)


@pytest.mark.django_db
def test_a_rating_entered_ahead_moves_the_limits_when_its_time_comes(pump, now):
    AlertRule.objects.filter(device=pump, severity="critical").update(level=1)
    learning.renew_where_a_profile_began(now)
    assert AlertRule.objects.get(device=pump, severity="critical").level == 1
    pump.profiles.update(valid_from=now - minutes(30))
    learning.renew_where_a_profile_began(now)
    assert AlertRule.objects.get(device=pump, severity="critical").level == 22.3


def test_the_percentile_is_a_value_that_occurred():
    assert history.percentile([1, 2, 3, None], 0.5) == 2
    assert history.percentile([], 0.99) is None
