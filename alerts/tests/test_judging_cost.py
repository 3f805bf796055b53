"""What judging asks of the database: as much for many machines as for one."""

import pytest
from django.db import connection

from alerts.evaluation.evaluator import judge_digested
from alerts.models import Alert, AlertRule, Delivery
from alerts.tests.cast import minutes, only_rule, say, say_all
from devices.tests.cast import registered

pytestmark = pytest.mark.django_db


class Counter:
    count = 0

    def __call__(self, execute, *args):
        self.count += 1
        return execute(*args)


def test_many_devices_cost_as_many_queries_as_few(steel_forge, now, django_assert_num_queries):
    def round_of(count):
        devices = [registered(steel_forge, f"D-{count}-{place}") for place in range(count)]
        for one in devices:
            say(one, now - minutes(5), temperature=850)
        judge_digested(now)
        for one in devices:
            say(one, now, temperature=860)

    round_of(1)
    with connection.execute_wrapper(counter := Counter()):
        judge_digested(now)
    round_of(5)
    with django_assert_num_queries(counter.count):
        judge_digested(now)


def test_rules_of_quarter_hours_cost_as_many_queries_for_many_devices(steel_forge, now):
    """A quarter hour ends for every machine at once: that must not be a query a rule and machine."""

    def ended(count):
        devices = [registered(steel_forge, f"Q-{count}-{place}") for place in range(count)]
        for one in devices:
            only_rule(one, kind="baseline", metric="humidity", level=None)
            for period in ("day", "shift"):
                AlertRule.objects.create(
                    factory=steel_forge, device=one, kind="budget", metric="", level=5, params={"period": period}
                )
            say_all(one, [(now - minutes(20), {"humidity": 50}), (now - minutes(1), {"humidity": 51})])
        with connection.execute_wrapper(counter := Counter()):
            judge_digested(now)
        return counter.count

    assert ended(1) == ended(5)


def test_a_storm_of_alerts_costs_as_many_statements_as_one(steel_forge, asha, now):
    def storm(count):
        devices = [registered(steel_forge, f"S-{count}-{place}") for place in range(count)]
        for one in devices:
            say(one, now, temperature=950, gas_index=900)
        with connection.execute_wrapper(counter := Counter()):
            judge_digested(now)
        return counter.count

    assert storm(1) == storm(5)
    assert Alert.objects.count() == Delivery.objects.count() == 12
