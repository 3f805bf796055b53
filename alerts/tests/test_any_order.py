"""Alerts depend on the readings alone: in any order and cut into any posts they are those of the independent judge.

`CARBONSEED_JUDGED_SERIES=1000 .ci/test alerts/tests/test_any_order.py` judges more series than the suite does.
"""

import os
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, EvaluationState, MaintenanceWindow
from alerts.tests.cast import store_readings
from alerts.tests.independent_judge import judge, judge_sensor
from alerts.tests.model_factories import MaintenanceWindowMaker, only_rule
from telemetry.models import ProcessedSpan, Reading

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

SERIES = int(os.environ.get("CARBONSEED_JUDGED_SERIES", 60))
LEVELS = {"above": (50, 45, 65), "below": (50, 55, 35)}


def random_rule(random, kind):
    """A rule as in the API, of this kind."""
    rule = {"kind": kind, "metric": "temperature", "severity": "warning", "level": None, "params": {}}
    rule["hold_seconds"] = random.choice([0, 0, 60, 180, 600])
    if kind in LEVELS:
        rule["level"], clear, second = LEVELS[kind]
        rule["clear_level"] = random.choice([None, clear])
        rule["params"] = random.choice([{}, {"second_level": second}])
    elif kind == "outside":
        rule["params"] = {"low": 42, "high": 55}
    elif kind == "rate":
        rule["level"], rule["clear_level"] = 12, random.choice([None, 6])
        rule["params"] = {"window_seconds": random.choice([120, 300, 900])}
        rule["params"] |= random.choice([{}, {"direction": "fall"}, {"direction": "rise", "second_level": 20}])
    else:
        rule["hold_seconds"] = 600
        rule["metric"] = "humidity" if kind == "flat" else "gas_index"
    return rule


def random_readings(random, start):
    """(moment, values, suspect metrics) each: a walk around the limits, with gaps, blanks and suspect values."""
    readings, at, temperature, humidity = [], start, 50.0, 55.5
    for _ in range(random.randint(8, 45)):
        at += timedelta(seconds=random.choice([20, 60, 60, 60, 120, 300, 1500, 2400, 30_000]))
        temperature = min(75.0, max(25.0, temperature + random.choice([-14, -6, -3, 0, 3, 6, 14])))
        humidity = random.choice([humidity, humidity, humidity, humidity + 0.5])
        values = {"temperature": temperature, "humidity": humidity, "gas_index": 300.0}
        for name, share in (("temperature", 0.1), ("gas_index", 0.45), ("humidity", 0.05)):
            if random.random() < share:
                del values[name]
        suspect = ["temperature"] if "temperature" in values and random.random() < 0.06 else []
        readings.append((at, values or {"pressure": 1000.0}, suspect))
    return readings


def deliver(random, device, readings, person, now):
    """Post the readings in a random order and in random cuts, a share of them in time; `person` snoozes some alerts."""
    late_share = random.choice([0, 0.1, 0.4, 1])
    late = [reading for reading in readings if random.random() < late_share]
    in_time = [reading for reading in readings if reading not in late]
    random.shuffle(late)
    for queue in (in_time, late):
        while queue:
            size = random.choice([1, 1, 2, 5, 20])
            store(device, queue[:size])
            del queue[:size]
            if random.random() < 0.8:
                evaluate_new_readings(now)
                if random.random() < 0.1 and (alert := Alert.objects.open().order_by("pk").last()):
                    lifecycle.snooze(alert, by=person, now=now, minutes=60)
                    lifecycle.acknowledge(alert, by=person, now=now)
    evaluate_new_readings(now)


def store(device, post):
    for is_suspect in (False, True):
        rows = [(at, values) for at, values, suspect in post if bool(suspect) is is_suspect]
        if rows:
            store_readings(device, rows, ["temperature"] if is_suspect else ())


def found_alerts(rule):
    alerts = Alert.objects.standing().filter(rule=rule).order_by("triggered_at")
    return [(alert.triggered_at, alert.resolved_at, alert.peak_value, alert.severity) for alert in alerts]


def found_sensor_alerts():
    alerts = Alert.objects.standing().filter(alert_type="sensor_suspect").order_by("triggered_at")
    return [(alert.triggered_at, alert.resolved_at, sorted(alert.terms["metrics"])) for alert in alerts]


@pytest.mark.parametrize("kind", ["above", "below", "outside", "rate", "flat", "silence"])
@settings(
    max_examples=SERIES // 6,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=strategies.integers(0, 2**64).map(Random))
def test_any_order_and_any_cut_give_the_alerts_of_the_independent_judge(device, asha, now, kind, random):
    clear(device)
    rule_of_api = random_rule(random, kind)
    rule = only_rule(device, **rule_of_api)
    readings = random_readings(random, now - timedelta(days=6))
    windows = random_windows(random, device, readings)
    deliver(random, device, readings, asha, now)
    assert found_alerts(rule) == judge(rule_of_api, readings, windows)
    assert found_sensor_alerts() == judge_sensor(readings, windows=windows)


def random_windows(random, device, readings):
    """No maintenance, or one window somewhere in the series."""
    if random.random() < 0.6:
        return []
    begins = random.choice(readings)[0] - timedelta(seconds=random.choice([0, 30]))
    ends = begins + timedelta(minutes=random.choice([3, 40]))
    MaintenanceWindowMaker(device=device, starts_at=begins, ends_at=ends)
    return [(begins, ends)]


def clear(device):
    """What an earlier example left."""
    for model in (Alert, EvaluationState, ProcessedSpan, Reading, MaintenanceWindow):
        model.objects.filter(device=device).delete()
