"""Which rules hold, and what an edit of one ends."""

import pytest

from alerts import lifecycle, rule_set
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from alerts.tests.cast import minutes, store_reading
from alerts.tests.model_factories import AlertRuleMaker, only_rule
from devices.tests.cast import make_device

pytestmark = pytest.mark.django_db


def test_a_new_device_has_its_silence_watched_and_nothing_else(steel_forge):
    device = make_device(steel_forge, has_process_limits=False)
    rule = AlertRule.objects.get(device=device)
    assert (rule.title, rule.severity, rule.origin) == ("Device is silent", "warning", "default")
    device.device_name = "Renamed"
    device.save()
    assert AlertRule.objects.filter(device=device).count() == 1


def test_rules_are_copied_to_another_machine_once(device, steel_forge):
    other = make_device(steel_forge, "ESP32-SF-002", device_name="Cooling tower")
    AlertRule.objects.filter(device=other).delete()
    only_rule(device, level=850)
    assert [(rule.level, rule.device) for rule in rule_set.copy_rules(device, other)] == [(850, other)]
    assert rule_set.copy_rules(device, other) == []


@pytest.mark.parametrize(
    ("change", "is_over"),
    [
        ({"level": 940}, True),
        ({"clear_level": 800}, True),
        ({"is_enabled": False}, True),
        ({"title": "Too hot"}, False),
        ({"severity": "warning"}, False),
    ],
)
def test_an_edit_that_changes_the_judgement_ends_the_alert(device, now, change, is_over):
    rule = only_rule(device)
    store_reading(device, now - minutes(5), temperature=950)
    evaluate_new_readings(now)
    rule_set.revise(rule, change, now=now)
    alert = Alert.objects.get()
    assert alert.is_open is not is_over
    assert [comment.text for comment in alert.comments.all()] == ([lifecycle.RULE_CHANGED] if is_over else [])


def test_a_title_made_from_the_limit_follows_it_and_a_given_one_stays(device, now):
    made, given = only_rule(device), AlertRuleMaker(device=device, metric="humidity", title="Fog in the hall")
    for rule in (made, given):
        rule_set.revise(rule, {"level": 80}, now=now)
    assert (made.title, given.title) == ("Temperature above 80 °C", "Fog in the hall")


def test_a_raised_limit_fires_again_when_it_is_still_crossed(device, now):
    rule = only_rule(device)
    store_reading(device, now - minutes(5), temperature=950)
    evaluate_new_readings(now)
    rule_set.revise(rule, {"level": 940}, now=now)
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    assert Alert.objects.open().get().threshold_value == 940


def test_an_archived_rule_judges_no_more_and_its_alerts_keep_it(device, now):
    rule = only_rule(device)
    store_reading(device, now - minutes(5), temperature=950)
    evaluate_new_readings(now)
    rule_set.archive(rule, now=now)
    store_reading(device, now, temperature=960)
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.rule) == ("resolved", rule)
