"""Alerts and rules over the API: who may do what, and that nothing a client sends breaks it."""

import pytest
from auditlog.models import LogEntry

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from alerts.tests.cast import minutes, store_reading
from alerts.tests.model_factories import only_rule
from devices.tests.cast import make_device

pytestmark = pytest.mark.django_db

FIELDS = {
    *["id", "device_id", "factory_id", "alert_type", "severity", "status", "title", "message", "metric_value"],
    *["threshold_value", "triggered_at", "acknowledged_at", "acknowledged_by", "resolved_at", "created_at"],
}


@pytest.fixture
def alert(device, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    return Alert.objects.get()


def test_a_list_has_the_fields_of_the_original_newest_first(api, vera, alert, device, now):
    store_reading(device, now + minutes(5), gas_index=500)
    evaluate_new_readings(now + minutes(5))
    answer = api(vera).get("/alerts")
    assert answer.status_code == 200
    assert [row["alert_type"] for row in answer.json()] == ["gas_index", "temperature"]
    assert set(answer.json()[0]) == FIELDS
    assert (answer.json()[1]["metric_value"], answer.json()[1]["threshold_value"]) == (950.0, 900.0)
    assert set(api(vera).get("/alerts?page=1").json()) == {"count", "next", "previous", "results"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=active", 1),
        ("status=resolved", 0),
        ("severity=critical", 1),
        ("severity=info", 0),
        ("device_id={device}", 1),
        ("device_id=999999", 0),
        ("factory_id={factory}", 1),
    ],
)
def test_the_list_is_filtered(api, vera, alert, device, query, found):
    query = query.format(device=device.pk, factory=device.factory_id)
    assert len(api(vera).get(f"/alerts?{query}").json()) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=open", "status"),
        ("severity=red", "severity"),
        ("device_id=x", "device_id"),
        ("device_id=-1", "device_id"),
        ("device_id=1.5", "device_id"),
        ("device_id=99999999999999999999999", "device_id"),
        ("factory_id=x", "factory_id"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_by_name(api, vera, query, field):
    answer = api(vera).get(f"/alerts?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_strangers_see_nothing_and_auditors_may_not(api, chitra, ira, alert):
    assert api(chitra).get("/alerts").json() == []
    assert api(chitra).get(f"/alerts/{alert.pk}").status_code == 404
    assert api(chitra).get(f"/alerts?factory_id={alert.factory_id}").status_code == 404
    assert api(chitra).post(f"/alerts/{alert.pk}/acknowledge").status_code == 404
    assert api(ira).get("/alerts").status_code == 403
    assert api(ira).get(f"/alerts/{alert.pk}").status_code == 403
    assert api().get("/alerts").status_code == 401


def test_acknowledging_twice_changes_nothing(api, asha, vik, alert):
    first = api(vik).post(f"/alerts/{alert.pk}/acknowledge", {"comment": "Burner turned down."})
    again = api(asha).post(f"/alerts/{alert.pk}/acknowledge", {"comment": "Me too."})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (again.json()["status"], again.json()["acknowledged_by"]) == ("acknowledged", vik.pk)
    assert [(said["author_name"], said["text"]) for said in again.json()["comments"]] == [
        ("Vik Patil", "Burner turned down.")
    ]


def test_an_alert_is_resolved_once_and_commented_ever_after(api, asha, vik, alert):
    done = api(vik).post(f"/alerts/{alert.pk}/resolve", {"comment": "Thermocouple replaced."}).json()
    again = api(asha).post(f"/alerts/{alert.pk}/resolve").json()
    assert (done["status"], again["resolved_by"], again["resolved_at"]) == ("resolved", vik.pk, done["resolved_at"])
    said = api(asha).post(f"/alerts/{alert.pk}/comments", {"comment": "Invoice 17."}).json()
    assert [row["text"] for row in said["comments"]] == ["Thermocouple replaced.", "Invoice 17."]
    late = api(asha).post(f"/alerts/{alert.pk}/acknowledge").json()
    assert (late["status"], late["acknowledged_at"]) == ("resolved", None)


def test_one_alert_carries_what_the_list_leaves_out(api, vera, alert):
    told = api(vera).get(f"/alerts/{alert.pk}").json()
    assert set(told) > FIELDS | {"comments", "assignee", "cause", "action", "found_late", "snoozed_until"}
    assert (told["found_late"], told["peak_value"], told["terms"]["level"]) == (False, 950.0, 900.0)


def test_who_only_looks_may_not_act(api, vera, ira, alert):
    for who in (vera, ira):
        for act in ("acknowledge", "resolve", "comments"):
            assert api(who).post(f"/alerts/{alert.pk}/{act}", {"comment": "x"}).status_code == 403
    assert api(vera).post("/alerts", {}).status_code in (403, 405)


@pytest.mark.parametrize("comment", ["", " ", "x\x00y", "x" * 2001, None, ["x"], {"a": 1}, True, 10**30])
def test_a_comment_that_cannot_be_kept_is_refused(api, vik, alert, comment):
    answer = api(vik).post(f"/alerts/{alert.pk}/comments", {"comment": comment})
    assert (answer.status_code, list(answer.json())) in ((400, ["comment"]), (200, list(answer.json())))
    assert answer.status_code == 400 or comment == 10**30


@pytest.mark.parametrize("body", [[], "x", 5, [1]])
def test_a_body_of_the_wrong_shape_is_refused(api, asha, alert, body):
    for path in (f"/alerts/{alert.pk}/acknowledge", f"/alerts/{alert.pk}/comments", "/alert-rules"):
        assert api(asha).post(path, body).status_code == 400


def test_the_list_costs_the_same_for_one_alert_and_for_three(
    api, vera, steel_forge, alert, now, django_assert_num_queries
):
    client = api(vera)
    with django_assert_num_queries(3):
        client.get("/alerts")
    for count in range(2):
        other = make_device(steel_forge, f"D-{count}")
        store_reading(other, now, temperature=950)
    evaluate_new_readings(now)
    with django_assert_num_queries(3):
        assert len(client.get("/alerts").json()) == 3


RULE = {"metric": "temperature", "kind": "above", "level": 850, "severity": "warning"}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [({}, 841.5), ({"clear_level": None}, None), ({"clear_level": 800}, 800), ({"hold_seconds": 180}, None)],
)
def test_a_rule_without_a_clear_level_gets_one_unless_null_or_a_hold_is_sent(api, asha, sent, stored):
    assert api(asha).post("/alert-rules", RULE | sent).json()["clear_level"] == stored
    band = {"metric": "temperature", "kind": "outside", "severity": "warning", "params": {"low": 1, "high": 9}}
    assert api(asha).post("/alert-rules", band).json()["clear_level"] is None


def test_an_owner_makes_edits_and_archives_a_rule(api, asha, vik, device):
    made = api(asha).post("/alert-rules", RULE | {"device_id": device.pk})
    assert made.status_code == 201
    assert made.json() == RULE | {
        "id": made.json()["id"],
        "factory_id": device.factory_id,
        "device_id": device.pk,
        "clear_level": 841.5,  # 1 % inside, since none was sent
        "hold_seconds": 0,
        "title": "Temperature above 850 °C",
        "is_enabled": True,
        "params": {},
        "origin": "person",
        "basis": "",
        "learning_until": None,
    }
    path = f"/alert-rules/{made.json()['id']}"
    edited = api(asha).patch(path, {"level": 800, "clear_level": 790, "hold_seconds": 60}).json()
    assert (edited["level"], edited["title"]) == (800, "Temperature above 800 °C")
    assert api(vik).get(path).json() == edited
    assert api(asha).delete(path).status_code == 204
    assert api(asha).get(path).status_code == 404
    assert AlertRule.objects.get(pk=made.json()["id"]).archived_at
    entry = LogEntry.objects.filter(object_pk=made.json()["id"]).first()
    assert entry.additional_data == {"factory_id": device.factory_id}


def test_a_rule_without_device_is_for_every_device(api, asha, steel_forge):
    made = api(asha).post("/alert-rules", RULE).json()
    assert (made["device_id"], made["factory_id"]) == (None, steel_forge.pk)


def test_a_band_and_a_silence_are_rules_too(api, asha, device):
    band = {"metric": "humidity", "kind": "outside", "params": {"low": 20, "high": 60.5}}
    silence = {"kind": "silence", "hold_seconds": 600, "device_id": device.pk}
    made = [api(asha).post("/alert-rules", body) for body in (band, silence)]
    assert [answer.json()["title"] for answer in made] == ["Humidity outside 20 to 60.5 % RH", "Device is silent"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "rate"}, "params"),
        ({"kind": "sideways"}, "kind"),
        ({"metric": "mood"}, "metric"),
        ({"metric": ""}, "metric"),
        ({"level": None}, "level"),
        ({"level": "hot"}, "level"),
        ({"level": True}, "level"),
        ({"level": "NaN"}, "level"),
        ({"level": "Infinity"}, "level"),
        ({"level": 10**400}, "level"),
        ({"clear_level": 900}, "clear_level"),
        ({"hold_seconds": -1}, "hold_seconds"),
        ({"hold_seconds": 10**12}, "hold_seconds"),
        ({"severity": "red"}, "severity"),
        ({"title": "a\nb"}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"params": {"z": 3}}, "params"),
        ({"params": []}, "params"),
        ({"device_id": 999999}, "device_id"),
        ({"device_id": 10**30}, "device_id"),
        ({"factory_id": "x"}, "factory_id"),
        ({"factory_id": [1]}, "factory_id"),
        ({"is_enabled": "perhaps"}, "is_enabled"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_by_field(api, asha, change, field):
    answer = api(asha).post("/alert-rules", RULE | change)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    if change == {"kind": "sideways"}:
        assert "not a valid choice" in answer.json()["kind"][0]


def test_a_rule_takes_no_device_of_another_factory(api, asha, chem_works, admin_user):
    theirs = make_device(chem_works)
    answer = api(asha).post("/alert-rules", RULE | {"device_id": theirs.pk})
    assert (answer.status_code, list(answer.json())) == (400, ["device_id"])
    assert api(asha).post("/alert-rules", RULE | {"factory_id": chem_works.pk}).status_code == 404
    assert api(admin_user).post("/alert-rules", RULE).status_code == 400
    assert api(admin_user).post("/alert-rules", RULE | {"factory_id": chem_works.pk}).status_code == 201


def test_a_rule_does_not_move(api, asha, device, chem_works):
    rule = only_rule(device)
    path = f"/alert-rules/{rule.pk}"
    whole = api(asha).get(path).json()
    assert api(asha).patch(path, whole | {"level": 800}).status_code == 200
    for change in ({"factory_id": chem_works.pk}, {"device_id": None}):
        assert list(api(asha).patch(path, change).json()) == list(change)
    rule.refresh_from_db()
    assert (rule.factory_id, rule.device_id) == (device.factory_id, device.pk)


def test_only_managers_write_rules_and_strangers_see_none(api, vik, vera, ira, chitra, device):
    rule = only_rule(device)
    path = f"/alert-rules/{rule.pk}"
    for who in (vik, vera, ira):
        assert api(who).post("/alert-rules", RULE).status_code == 403
        assert api(who).patch(path, {"level": 1}).status_code == 403
        assert api(who).delete(path).status_code == 403
    assert api(vik).get("/alert-rules").json()[0]["id"] == rule.pk
    assert api(ira).get("/alert-rules").status_code == 403
    assert api(chitra).get("/alert-rules").json() == []
    for call in (api(chitra).get, api(chitra).patch, api(chitra).delete):
        assert call(path).status_code == 404


def test_an_edit_over_the_api_ends_what_it_makes_meaningless(api, asha, alert):
    api(asha).patch(f"/alert-rules/{alert.rule_id}", {"is_enabled": False})
    alert.refresh_from_db()
    assert (alert.status, alert.comments.get().text) == ("resolved", lifecycle.RULE_CHANGED)
