"""Admin shows every row of alerts, and changes only what a person may."""

import pytest
from django.contrib import admin

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from alerts.tests.cast import store_reading

pytestmark = pytest.mark.django_db
LISTS = ["alertrule", "alert", "comment", "delivery", "evaluationstate"]


@pytest.fixture
def alert(device, asha, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    lifecycle.comment(alert, by=asha, now=now, comment="Seen.")
    return alert


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_filters_and_searches(page, admin_user, alert, name):
    browser, path = page(admin_user), f"/admin/alerts/{name}/"
    assert browser.get(path).status_code == 200
    assert browser.get(path, {"q": "furnace"}).status_code == 200
    [model] = [
        model for model in admin.site._registry if model._meta.model_name == name and model._meta.app_label == "alerts"
    ]
    row = model.objects.first()
    assert browser.get(f"{path}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("name", LISTS[1:])
def test_what_the_service_writes_is_not_made_here(page, admin_user, alert, name):
    assert page(admin_user).get(f"/admin/alerts/{name}/add/").status_code == 403


def test_an_edit_in_admin_ends_what_it_makes_meaningless(page, admin_user, alert):
    rule = alert.rule
    body = {
        "factory": rule.factory_id,
        "device": rule.device_id,
        "metric": "temperature",
        "kind": "above",
        "level": "1000",
        "hold_seconds": "0",
        "severity": "critical",
        "title": rule.title,
        "params": "{}",
        "is_enabled": "on",
    }
    assert page(admin_user).post(f"/admin/alerts/alertrule/{rule.pk}/change/", body).status_code == 302
    alert.refresh_from_db()
    assert (alert.status, AlertRule.objects.get(pk=rule.pk).title) == ("resolved", "Temperature above 1,000 °C")


def test_admin_refuses_a_rule_that_cannot_be_judged(page, admin_user, alert):
    body = {"factory": alert.factory_id, "metric": "temperature", "kind": "rate", "severity": "info", "params": "{}"}
    answer = page(admin_user).post("/admin/alerts/alertrule/add/", body | {"hold_seconds": "0"})
    assert answer.status_code == 200
    assert "window_seconds is needed" in answer.content.decode()
