"""Every kind of rule is known wherever kinds are told apart: a new one fails here until it is complete."""

import re

import pytest
from django.conf import settings

from alerts.forms.alerts import REQUIRED_FIELDS, RuleForm
from alerts.lifecycle import ALERT_TYPE_BY_KIND
from alerts.models import AlertRule
from alerts.models.rules import RuleKind
from alerts.rules.validation import AVAILABLE_KINDS, PARAMS_BY_KIND, PROBLEMS_BY_KIND, WHOLE_DEVICE_KINDS, problems
from factories.models import Factory

PARAMS = {
    "outside": {"low": 800, "high": 900},
    "rate": {"window_seconds": 600, "direction": "any"},
    "baseline": {"z": 4},
    "budget": {"period": "day"},
}
WITHOUT_LEVEL = ("outside", "baseline", "flat", "silence")
KINDS = [kind.value for kind in RuleKind]


def rule_of(kind):
    return AlertRule(
        kind=kind,
        metric="" if kind in WHOLE_DEVICE_KINDS else "temperature",
        level=None if kind in WITHOUT_LEVEL else 50,
        hold_seconds=43_200 if kind == "flat" else 0,
        params=PARAMS.get(kind, {}),
    )


def test_each_kind_is_available():
    assert set(AVAILABLE_KINDS) == set(KINDS) == set(PROBLEMS_BY_KIND)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_valid_rule_with_a_limit_and_a_title(kind):
    rule = rule_of(kind)
    names = ("kind", "metric", "level", "clear_level", "params", "hold_seconds")
    assert problems(**{name: getattr(rule, name) for name in names}) == {}
    assert rule.limit.kind in ("above", "below", "outside")
    assert rule.default_title


@pytest.mark.parametrize("kind", WHOLE_DEVICE_KINDS)
def test_a_kind_without_a_metric_has_an_alert_type_of_its_own(kind):
    assert ALERT_TYPE_BY_KIND[kind]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_form_has_a_field_for_each_parameter(kind):
    form = RuleForm(factory=Factory(pk=1))
    assert {*PARAMS_BY_KIND.get(kind, ()), *REQUIRED_FIELDS.get(kind, ())} <= set(form.fields)


def test_the_script_of_the_form_knows_each_kind_and_its_parameters():
    script = (settings.BASE_DIR / "static/js/rule-form.js").read_text()
    fields = {
        kind: set(re.findall(r'"(\w+)"', names)) for kind, names in re.findall(r"^  (\w+): \[(.*)\],", script, re.M)
    }
    assert set(fields) == set(KINDS)
    assert {kind for kind in KINDS if not set(PARAMS_BY_KIND.get(kind, ())) <= fields[kind]} == set()


def test_an_unknown_kind_has_no_limit():
    rule = rule_of("above")
    rule.kind = "another"
    with pytest.raises(NotImplementedError, match="another"):
        rule.limit  # noqa: B018  a property that raises
