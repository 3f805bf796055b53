"""Nobody answers: the next person is told, once, and only while it is needed."""

from datetime import timedelta

import pytest
from django.core import mail

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, Delivery, EscalationStep
from alerts.notifications import dispatcher, escalation
from alerts.tests.cast import minutes, store_reading
from alerts.tests.model_factories import EscalationStepMaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(device, asha, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    return Alert.objects.get()


@pytest.fixture
def steps(steel_forge, vik, vera):
    return [
        EscalationStepMaker(factory=steel_forge, person=vik, after_minutes=10),
        EscalationStepMaker(factory=steel_forge, person=vera, after_minutes=30, lowest="critical"),
    ]


def notified_names(alert):
    return list(Delivery.objects.filter(alert=alert).order_by("pk").values_list("recipient__full_name", flat=True))


def test_the_next_and_then_the_one_after_are_told_once_each(alert, steps, asha, vik, vera):
    noticed = alert.created_at
    assert escalation.escalate(noticed + minutes(9)) == 0
    assert escalation.escalate(noticed + minutes(10)) == 1
    assert escalation.escalate(noticed + minutes(11)) == 0
    assert notified_names(alert) == [asha.full_name, vik.full_name]
    assert escalation.escalate(noticed + minutes(31)) == 1
    assert notified_names(alert) == [asha.full_name, vik.full_name, vera.full_name]


@pytest.mark.parametrize("answer", ["acknowledge", "resolve", "snooze"])
def test_an_answer_stops_it(alert, steps, asha, answer):
    noticed = alert.created_at
    extra = {"minutes": 120} if answer == "snooze" else {}
    getattr(lifecycle, answer)(alert, by=asha, now=noticed + minutes(1), **extra)
    assert escalation.escalate(noticed + minutes(40)) == 0
    assert notified_names(alert) == [asha.full_name]


def test_after_a_snooze_it_goes_on(alert, steps, asha):
    lifecycle.snooze(alert, by=asha, now=alert.created_at, minutes=30)
    assert escalation.escalate(alert.created_at + minutes(29)) == 0
    assert escalation.escalate(alert.created_at + minutes(31)) == 2


def test_a_step_waits_for_its_severity_and_old_alerts_ring_no_more(alert, steps):
    Alert.objects.update(severity="warning")
    assert escalation.escalate(alert.created_at + minutes(60)) == 1
    Delivery.objects.all().delete()
    assert escalation.escalate(alert.created_at + escalation.LOOKBACK + minutes(1)) == 0


def test_what_was_found_late_is_told_to_nobody_else(device, steps, asha, now):
    store_reading(device, now - timedelta(hours=3), temperature=950)
    store_reading(device, now - timedelta(hours=2), temperature=850)
    evaluate_new_readings(now)
    assert escalation.escalate(Alert.objects.get().created_at + minutes(60)) == 0


def test_the_alert_says_who_was_told_and_who_is_next(alert, steps, page, asha):
    escalation.escalate(alert.created_at + minutes(10))
    text = " ".join(page(asha).get(f"/dashboard/alerts/{alert.pk}/").content.decode().split())
    assert "on its way, e-mail" in text and "if nobody acknowledges" in text


def test_who_has_left_is_passed_over_and_not_announced(alert, steps, page, asha, vik):
    vik.memberships.all().delete()
    assert escalation.escalate(alert.created_at + minutes(11)) == 0
    assert vik not in [told.person for told in escalation.notification_timeline(alert, alert.created_at)]


def test_the_next_person_is_written_to(alert, steps, vik):
    escalation.escalate(alert.created_at + minutes(10))
    delivery = Delivery.objects.get(recipient=vik)
    assert dispatcher.send(delivery.pk, now=alert.created_at + minutes(10))
    assert mail.outbox[-1].to == [vik.email]


def test_only_those_who_may_act_can_be_a_step_and_each_once(page, asha, vik, ira, chitra, steel_forge):
    address = "/dashboard/alerts/escalation/"
    said = {"after_minutes": 15, "lowest": "warning"}
    for stranger in (ira, chitra):
        assert page(asha).post(address, {**said, "person": stranger.pk}).status_code == 422
    assert page(asha).post(address, {**said, "person": vik.pk}).status_code == 302
    again = page(asha).post(address, {**said, "person": vik.pk})
    assert again.status_code == 422 and "is a step already" in again.content.decode()
    assert page(vik).post(address, said).status_code == 403
    assert EscalationStep.objects.for_factory(steel_forge).count() == 1
