"""Queues are emptied all day, so PostgreSQL often analyses them while they are empty and then plans for no rows at all.

Whatever it believes, no statement may compare every row of a queue with every other: the plans are looked at, not the
clock.
"""

import json
from datetime import timedelta

import pytest
from django.db import connection

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule, Delivery
from alerts.notifications import dispatcher, outbox
from devices.tests.cast import make_device
from telemetry import quarantine
from telemetry.models import DirtySpan, ProcessedSpan, QuarantineItem
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db
QUEUES = {model._meta.db_table for model in (DirtySpan, ProcessedSpan, QuarantineItem, Delivery)}
BACKLOG = 10_000
PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def compares_all(node) -> bool:
    """Whether it joins a queue row by row: a nested loop that looks nothing up, but compares."""
    return (
        node["Node Type"] == "Nested Loop"
        and "Join Filter" in node
        and any(inner.get("Relation Name") in QUEUES for inner in nodes(node))
    )


class Plans:
    """Execute wrapper: the plan of each statement, as it was when the statement ran."""

    def __init__(self):
        self.queues, self.comparing = set(), []

    def __call__(self, execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(PLANNED) and not many:
            cursor = context["cursor"].cursor
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [[plan]] = cursor.fetchall()
            found = list(nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
            self.queues |= QUEUES & {node.get("Relation Name") for node in found}
            self.comparing += [sql for node in found if compares_all(node)]
        return execute(sql, params, many, context)


@pytest.fixture
def machines(steel_forge, asha, device):
    AlertRule.objects.create(
        factory=steel_forge, device=device, metric="temperature", level=900, title="Hot", severity="critical"
    )
    return [device, make_device(steel_forge, "ESP32-SF-002")]


def fill(machines, at, backlog):
    """Readings from `at` on that raise an alert, `backlog` arrivals of them, and something held."""
    for machine in machines:
        store_readings(machine, at, [30] * 12, temperature=[950, 951])
    DirtySpan.objects.bulk_create(
        DirtySpan(device=machines[0], first_at=at, last_at=at, readings=1) for _ in range(backlog)
    )
    QuarantineItem.objects.create(
        factory=machines[0].factory, device=machines[0], received_at=at, reason="invalid", payload=b"{}"
    )


def work_off(now):
    digest(now)
    evaluate_new_readings(now)
    outbox.notify_all(list(Alert.objects.all()), now=now)
    dispatcher.sweep(now)
    for pk in Delivery.objects.values_list("pk", flat=True):
        dispatcher.send(pk, now=now)
    for row in QuarantineItem.objects.all():
        quarantine.discard(row, by=None, now=now)


@pytest.fixture
def emptied(machines, now):
    """Every queue held rows, was emptied, and was analysed then."""
    fill(machines, now - timedelta(hours=2), backlog=100)
    work_off(now)
    with connection.cursor() as cursor:
        for table in sorted(QUEUES):
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"ANALYZE {table}")
            cursor.execute("SELECT relpages > 0 AND reltuples = 0 FROM pg_class WHERE oid = %s::regclass", [table])
            assert cursor.fetchone() == (True,)
    Alert.objects.all().delete()


def test_a_backlog_in_queues_analysed_while_empty_is_compared_with_nothing(machines, emptied, now):
    fill(machines, now - timedelta(hours=1), BACKLOG)
    plans = Plans()
    with connection.execute_wrapper(plans):
        work_off(now)
    assert plans.queues == QUEUES
    assert plans.comparing == []
    assert not DirtySpan.objects.exists()
