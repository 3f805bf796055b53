"""What judging asks of the database: as much for many machines as for one."""

import pytest
from django.db import connection

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, Delivery
from alerts.tests.cast import minutes, store_reading, store_readings
from alerts.tests.model_factories import AlertRuleMaker, only_rule
from devices.tests.cast import make_device

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


class Counter:
    count = 0

    def __call__(self, execute, *args):
        self.count += 1
        return execute(*args)


def test_many_devices_cost_as_many_queries_as_few(steel_forge, now, django_assert_num_queries):
    def round_of(count):
        devices = [make_device(steel_forge, f"D-{count}-{place}") for place in range(count)]
        for one in devices:
            store_reading(one, now - minutes(5), temperature=850)
        evaluate_new_readings(now)
        for one in devices:
            store_reading(one, now, temperature=860)

    round_of(1)
    with connection.execute_wrapper(counter := Counter()):
        evaluate_new_readings(now)
    round_of(5)
    with django_assert_num_queries(counter.count):
        evaluate_new_readings(now)


def test_rules_of_quarter_hours_cost_as_many_queries_for_many_devices(steel_forge, now):
    """A quarter hour ends for every machine at once: that must not be a query a rule and machine."""

    def ended(count):
        devices = [make_device(steel_forge, f"Q-{count}-{place}") for place in range(count)]
        for one in devices:
            only_rule(one, kind="baseline", metric="humidity", level=None)
            for period in ("day", "shift"):
                AlertRuleMaker(device=one, kind="budget", metric="", level=5, params={"period": period})
            store_readings(one, [(now - minutes(20), {"humidity": 50}), (now - minutes(1), {"humidity": 51})])
        with connection.execute_wrapper(counter := Counter()):
            evaluate_new_readings(now)
        return counter.count

    assert ended(1) == ended(5)


def test_a_storm_of_alerts_costs_as_many_statements_as_one(steel_forge, asha, now):
    def storm(count):
        devices = [make_device(steel_forge, f"S-{count}-{place}") for place in range(count)]
        for one in devices:
            store_reading(one, now, temperature=950, gas_index=900)
        with connection.execute_wrapper(counter := Counter()):
            evaluate_new_readings(now)
        return counter.count

    assert storm(1) == storm(5)
    assert Alert.objects.count() == Delivery.objects.count() == 12
