"""Sorting and export of the rules."""

import pytest
from django.urls import reverse

from alerts.models import AlertRule
from alerts.tests.model_factories import AlertRuleMaker, only_rule
from core.tests.table_files import count_queries, csv_rows, xlsx_rows


@pytest.fixture
def rules(device, steel_forge):
    """Two rules of the machine and one of every machine."""
    rules = [
        only_rule(device, severity="warning", level=900.25, clear_level=880.125, hold_seconds=60),
        AlertRuleMaker(device=device, severity="critical", level=950, is_enabled=False),
    ]
    AlertRule.objects.filter(device=None).delete()
    return [*rules, AlertRuleMaker(device=None, factory=steel_forge, severity="info", level=700)]


def shown(response):
    return [[row.record.pk for row in table.rows] for _device, table in response.context["groups"]]


def test_each_machine_is_sorted_for_itself_and_severity_by_weight(page, vera, rules):
    warning, critical, wide = (rule.pk for rule in rules)
    browser, address = page(vera), reverse("rule_list")
    assert shown(browser.get(address, {"sort": "severity"})) == [[wide], [warning, critical]]
    assert shown(browser.get(address, {"sort": "-severity"})) == [[wide], [critical, warning]]


def test_all_rules_are_in_one_file(page, vera, rules, device):
    header, *lines = csv_rows(page(vera).get(reverse("rule_list"), {"export": "csv", "sort": "severity"}))
    assert header == [
        "Machine", "Rule", "Condition", "Kind", "Metric", "Limit", "Over at", "Severity", "Hold (s)", "State",
        "Comes from",
    ]  # fmt: skip
    assert [line[0] for line in lines] == ["Every machine", device.label, device.label]
    assert lines[1][3:] == ["above a level", "temperature", "900.25", "880.125", "Warning", "60", "On", ""]
    assert lines[2][-2:] == ["Off", ""]


def test_the_workbook_holds_numbers(page, vera, rules):
    rows = xlsx_rows(page(vera).get(reverse("rule_list"), {"export": "xlsx", "sort": "severity"}))
    assert (rows[2][5], rows[2][6], rows[2][8]) == (900.25, 880.125, 60)


def test_only_managers_have_the_column_of_buttons(page, asha, vera, rules):
    edit = reverse("rule_edit", args=[rules[0].pk])
    assert edit in page(asha).get(reverse("rule_list")).text
    assert edit not in page(vera).get(reverse("rule_list")).text


def test_strangers_and_auditors_export_no_rule(page, chitra, ira, rules):
    theirs = page(chitra).get(reverse("rule_list"), {"export": "csv"}).getvalue().decode()
    assert "900.25" not in theirs
    assert page(ira).get(reverse("rule_list"), {"export": "csv"}).status_code == 403


@pytest.mark.parametrize("query", ["?sort=severity", "?export=csv"])
def test_more_rules_cost_the_same_queries(page, asha, device, query):
    only_rule(device)
    browser, address = page(asha), reverse("rule_list") + query
    count_queries(browser, address)
    one = count_queries(browser, address)
    AlertRuleMaker(device=device, level=1)
    AlertRuleMaker(device=device, level=2)
    assert count_queries(browser, address) == one
