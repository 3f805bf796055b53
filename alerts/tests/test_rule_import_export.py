"""Rules as a file: what comes out goes in again, and of a bad file the good part is kept."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alerts.models import AlertRule
from alerts.tests.model_factories import only_rule
from devices.tests.cast import make_device

pytestmark = pytest.mark.django_db
GOOD = {"device": None, "metric": "humidity", "kind": "above", "level": 80, "severity": "info"}
RULES = "/dashboard/alerts/rules/"


def rule_file(*rules):
    return {"format": "carbonseed-rules", "version": 1, "rules": list(rules)}


def test_what_comes_out_goes_in_again_and_changes_nothing(api, asha, device):
    document = api(asha).get("/alert-rules/export").json()
    assert len(document["rules"]) == AlertRule.objects.count() == 6
    answer = api(asha).post("/alert-rules/import", document, format="json")
    assert answer.json() == {"made": 0, "changed": 0, "unchanged": 6, "errors": []}


def test_rules_go_to_another_factory(api, asha, chitra, device, chem_works):
    rule = only_rule(device, level=850, clear_level=830)
    theirs = make_device(chem_works)
    AlertRule.objects.filter(device=theirs).delete()
    api(chitra).post("/alert-rules/import", api(asha).get("/alert-rules/export").json(), format="json")
    copy = AlertRule.objects.get(device=theirs)
    assert (copy.level, copy.clear_level, copy.title, copy.factory) == (850, 830, rule.title, chem_works)


def test_of_a_bad_file_the_good_part_is_kept_and_each_error_names_its_field(api, asha, device):
    bad = [GOOD | {"level": "hot"}, GOOD | {"device": "NOBODY"}, GOOD | {"factory_id": 1}, 7, GOOD | {"kind": "rate"}]
    answer = api(asha).post("/alert-rules/import", rule_file(*bad, GOOD), format="json").json()
    assert answer["made"] == 1
    assert [(error["rule"], error["field"]) for error in answer["errors"]] == [
        (1, "level"),
        (2, "device"),
        (3, "factory_id"),
        (4, "rules"),
        (5, "params"),
    ]


@pytest.mark.parametrize(
    "document", [{}, {"format": "carbonseed-rules", "version": 2, "rules": []}, rule_file() | {"rules": 3}]
)
def test_what_is_no_file_of_rules_is_refused(api, asha, device, document):
    assert list(api(asha).post("/alert-rules/import", document, format="json").json()) == ["rules"]


def test_the_page_takes_a_file_in_and_only_managers_may(page, asha, device):
    browser = page(asha)
    content = json.dumps(rule_file(GOOD, GOOD | {"level": None})).encode()
    answer = browser.post(f"{RULES}import/", {"file": SimpleUploadedFile("rules.json", content)}, follow=True)
    assert "1 rules added" in answer.content.decode()
    assert "Rule 2, level" in answer.content.decode()
    for nonsense in (b"\xff\x00", b"[" * 5000, b"{}"):
        assert browser.post(f"{RULES}import/", {"file": SimpleUploadedFile("x", nonsense)}).status_code == 302
    assert browser.get(f"{RULES}export/").json()["rules"]


def test_only_managers_export_and_import(page, api, vik, device):
    assert page(vik).get(f"{RULES}export/").status_code == 403
    assert page(vik).post(f"{RULES}import/").status_code == 403
    assert api(vik).post("/alert-rules/import", rule_file(GOOD), format="json").status_code == 403
