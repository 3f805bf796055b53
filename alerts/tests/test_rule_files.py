"""Rules taken out of one factory and brought into another; the good part of a bad file is kept."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from alerts import rule_files
from alerts.models import AlertRule
from alerts.tests.cast import only_rule
from devices.tests.cast import registered

pytestmark = pytest.mark.django_db


def file_of(*rules):
    return {"form": rule_files.FORM, "version": 1, "rules": list(rules)}


def test_what_is_taken_out_of_one_factory_holds_in_another(device, chem_works):
    only_rule(device, level=870, clear_level=850, hold_seconds=60)
    other = registered(chem_works, device_id=device.device_id + "-B")
    AlertRule.objects.filter(device=other).delete()
    told = json.loads(json.dumps(rule_files.taken_out(device.factory)))
    for rule in told["rules"]:
        rule["device_id"] = other.device_id
    brought = rule_files.bring_in(chem_works, rule_files.read(json.dumps(told)))
    [rule] = brought.made
    assert (rule.device, rule.level, rule.clear_level, rule.hold_seconds) == (other, 870, 850, 60)
    assert rule_files.bring_in(chem_works, told["rules"])._replace(made=[]) == rule_files.Brought([], 1, [])


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"metric": "temperature", "kind": "above", "level": "hot"}, "level"),
        ({"metric": "temperature", "kind": "above"}, "level"),
        ({"metric": "nonsense", "kind": "above", "level": 1}, "metric"),
        ({"metric": "temperature", "kind": "above", "level": 1, "device_id": "ESP32-NOBODY"}, "device_id"),
        ({"metric": "temperature", "kind": "above", "level": 1, "factory_id": 7}, "factory_id"),
        ({"metric": "temperature", "kind": "above", "level": 1, "severity": "panic"}, "severity"),
        ({"metric": "temperature", "kind": "above", "level": 1, "hold_seconds": -1}, "hold_seconds"),
        ({"metric": ["x"], "kind": {}, "level": 1}, "kind"),
        ("no rule", "rule"),
    ],
)
def test_a_bad_rule_is_named_by_its_field_and_the_good_one_kept(device, rule, field):
    AlertRule.objects.all().delete()
    good = {"metric": "humidity", "kind": "above", "level": 80, "severity": "warning"}
    brought = rule_files.bring_in(device.factory, [rule, good])
    assert len(brought.made) == 1
    assert {fault.number for fault in brought.faults} == {1}
    assert field in {fault.field for fault in brought.faults}


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b'{"form": "x", "rules": []}', b"[" * 100_000, b"\xff"])
def test_what_is_no_rule_file_is_refused_with_the_reason(content):
    with pytest.raises(rule_files.BadRuleFile):
        rule_files.read(content)


def test_the_page_takes_out_and_brings_in(device, asha, client):
    client.force_login(asha)
    taken = client.get(reverse("rule_file")).content
    AlertRule.objects.all().delete()
    upload = SimpleUploadedFile("rules.json", taken, "application/json")
    page = client.post(reverse("rule_file_bring"), {"file": upload}, follow=True).content.decode()
    assert "6 rules were made" in page and AlertRule.objects.count() == 6


def test_the_api_says_what_was_wrong(device, asha, api):
    answer = api(asha).post("/alert-rules/file", file_of({"metric": "temperature", "kind": "above"}), format="json")
    assert answer.status_code == 200 and answer.json()["faults"][0]["field"] == "level"
    assert api(asha).post("/alert-rules/file", [1], format="json").status_code == 400
    assert len(api(asha).get("/alert-rules/file").json()["rules"]) == 6


def test_a_viewer_brings_nothing_in(device, vik, api):
    assert api(vik).post("/alert-rules/file", file_of(), format="json").status_code == 403


def test_rules_are_copied_to_several_machines_at_once(device, asha, client, steel_forge):
    others = [registered(steel_forge, device_id=f"ESP32-SF-1{place}") for place in range(2)]
    AlertRule.objects.exclude(device=device).delete()
    client.force_login(asha)
    client.post(reverse("rule_copy"), {"source": device.pk, "target": [other.pk for other in others]})
    assert AlertRule.objects.filter(device__in=others).count() == 12
