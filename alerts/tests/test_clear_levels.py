"""Where the alert of a new rule ends: a little inside its level, proposed on the page and changeable."""

import pytest

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from alerts.rules.clear_levels import MARGINS, suggested_clear_level
from alerts.rules.conditions import RULE_METRIC_NAMES
from alerts.rules.validation import problems
from alerts.tests.cast import minutes, store_readings

NEW = "/dashboard/alerts/rules/new/"


@pytest.mark.parametrize(
    ("metric", "kind", "level", "clear"),
    [
        ("temperature", "above", 80, 75),
        ("temperature", "above", 900, 891),
        ("temperature", "below", 4, 9),
        ("temperature", "above", -20, -25),
        ("power_consumption", "above", 200, 190),
        ("vibration", "above", 8, 6.8),
        ("humidity", "below", 30, 33),
        ("energy_kwh", "above", 100, 95),
        ("temperature", "rate", 50, None),
        ("temperature", "outside", 50, None),
    ],
)
def test_it_is_proposed_a_little_inside_the_level(metric, kind, level, clear):
    assert suggested_clear_level(metric, kind, level) == clear


@pytest.mark.parametrize("metric", RULE_METRIC_NAMES)
@pytest.mark.parametrize("kind", ["above", "below"])
@pytest.mark.parametrize("level", [-50, 0, 0.001, 7, 1e6])
def test_what_is_proposed_may_be_saved(metric, kind, level):
    clear = suggested_clear_level(metric, kind, level)
    assert problems(kind=kind, metric=metric, level=level, clear_level=clear, params={}) == {}


def test_every_metric_with_a_margin_can_have_a_rule():
    assert set(MARGINS) <= set(RULE_METRIC_NAMES)


@pytest.fixture
def new_rule(page, asha, device):
    def add(**fields):
        AlertRule.objects.filter(device=device).delete()
        fields = {"metric": "temperature", "kind": "above", "level": "80", "severity": "warning", **fields}
        answer = page(asha).post(NEW, {"device": device.pk, **fields}, follow=True)
        return AlertRule.objects.get(device=device), answer.content.decode()

    return add


@pytest.mark.django_db
def test_a_new_rule_with_an_empty_end_gets_the_proposed_one_and_the_page_says_so(new_rule, device, now):
    rule, text = new_rule()
    assert rule.clear_level == 75
    assert "Its alert ends at 75 °C" in text
    rows = [(now - minutes(60 - count), {"temperature": 80.1 if count % 2 else 79.9}) for count in range(60)]
    store_readings(device, rows)
    evaluate_new_readings(now)
    assert Alert.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["80", "78.5"])
def test_a_typed_end_stays_and_an_old_rule_without_one_keeps_its_meaning(page, asha, new_rule, typed):
    rule, text = new_rule(clear_level=typed)
    assert rule.clear_level == float(typed)
    assert "Its alert ends" not in text
    AlertRule.objects.filter(pk=rule.pk).update(clear_level=None)
    fields = {"metric": "temperature", "kind": "above", "level": "85", "severity": "warning"}
    page(asha).post(f"/dashboard/alerts/rules/{rule.pk}/", fields)
    rule.refresh_from_db()
    assert (rule.level, rule.clear_level) == (85, None)
