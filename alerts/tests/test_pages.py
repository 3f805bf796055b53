"""The alert pages: what must I do now, and doing it."""

import pytest
from django.urls import reverse

from alerts import kanban, lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.evaluation.silence import check_silent_devices
from alerts.models import Alert, AlertRule
from alerts.tests.cast import minutes, set_last_seen, store_reading
from alerts.tests.model_factories import AlertRuleMaker, only_rule
from devices.tests.cast import make_device

pytestmark = pytest.mark.django_db
BOARD = "/dashboard/alerts/"
RULES = "/dashboard/alerts/rules/"


@pytest.fixture
def alert(device, now):
    for count, value in [(20, 850), (15, 870), (10, 890), (5, 950)]:
        store_reading(device, now - minutes(count), temperature=value)
    evaluate_new_readings(now)
    return Alert.objects.get()


def titles(column):
    return [card.alert.title for card in column.cards]


def test_the_board_has_what_to_do_what_is_in_hand_and_what_is_over(device, asha, alert, now):
    store_reading(device, now, gas_index=500, power_consumption=60)
    evaluate_new_readings(now)
    lifecycle.acknowledge(Alert.objects.get(alert_type="gas_index"), by=asha, now=now)
    lifecycle.resolve(Alert.objects.get(alert_type="power_consumption"), by=asha, now=now)
    active, acknowledged, resolved = kanban.columns(device.factory, now)
    assert titles(active) == ["Temperature above 900 °C"]
    assert titles(acknowledged) == ["Gas index above 400"]
    assert titles(resolved) == ["Power above 50 kW"]


def test_what_was_over_before_midnight_here_is_not_today(device, asha, alert, now):
    lifecycle.resolve(alert, by=asha, now=now)
    midnight_in_pune = now.replace(hour=18, minute=30)
    assert titles(kanban.columns(device.factory, midnight_in_pune - minutes(1))[2])
    assert not titles(kanban.columns(device.factory, midnight_in_pune)[2])


def test_the_worst_is_first(device, alert, now):
    store_reading(device, now, gas_index=500)
    evaluate_new_readings(now)
    assert titles(kanban.columns(device.factory, now)[0]) == ["Temperature above 900 °C", "Gas index above 400"]


def test_a_card_says_the_fact_and_draws_it_with_its_limit(page, vik, alert):
    text = page(vik).get(BOARD).content.decode()
    assert "Main furnace is 950.0 °C, 50.0 above its limit of 900 °C" in text
    assert 'class="limit"' in text
    assert "<polyline" in text
    assert "style=" not in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", True),
        ("?severity=critical", True),
        ("?severity=warning", False),
        ("?status=active", True),
        ("?status=resolved", False),
        ("?device={device}", True),
        ("?device=99999999999999999999", False),
        ("?device=x%00", False),
        ("?status=open", False),
        ("?status=active&page=99999999999999999999", True),
    ],
)
def test_the_page_is_filtered(page, vik, alert, device, query, shown):
    for path in (BOARD, BOARD + "live/"):
        answer = page(vik).get(path + query.format(device=device.pk))
        assert answer.status_code == 200
        assert ("Main furnace is 950.0" in answer.content.decode()) is shown


def test_an_operator_acknowledges_with_a_comment_and_resolves(page, vik, alert):
    browser, back = page(vik), BOARD + "?severity=critical"
    answer = browser.post(f"{BOARD}{alert.pk}/acknowledge/", {"comment": "On it.", "next": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by, alert.comments.get().text) == ("acknowledged", vik, "On it.")
    browser.post(f"{BOARD}{alert.pk}/comment/", {"comment": "Burner cleaned."})
    browser.post(f"{BOARD}{alert.pk}/resolve/")
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_by) == ("resolved", vik)
    text = browser.get(f"{BOARD}{alert.pk}/").content.decode()
    assert "Burner cleaned." in text


def test_acting_never_leads_to_another_site(page, vik, alert):
    answer = page(vik).post(f"{BOARD}{alert.pk}/acknowledge/", {"next": "https://evil.example/"})
    assert answer["Location"] == f"{BOARD}{alert.pk}/"


@pytest.mark.parametrize("comment", ["x\x00", "x" * 2001, " "])
def test_a_comment_that_cannot_be_kept_is_refused_in_words(page, vik, alert, comment):
    answer = page(vik).post(f"{BOARD}{alert.pk}/comment/", {"comment": comment}, follow=True)
    assert answer.status_code == 200
    assert not alert.comments.exists()
    assert answer.context["messages"]


def test_who_only_looks_sees_no_buttons_and_may_not_act(page, vera, alert):
    browser = page(vera)
    assert "acknowledge/" not in browser.get(BOARD).content.decode()
    for act in ("acknowledge", "resolve", "comment"):
        assert browser.post(f"{BOARD}{alert.pk}/{act}/", {"comment": "x"}).status_code == 403


def test_strangers_and_auditors_stay_out(page, chitra, ira, client, alert):
    assert client.get(BOARD).status_code == 302
    assert page(ira).get(BOARD).status_code == 403
    browser = page(chitra)
    assert "Main furnace" not in browser.get(BOARD).content.decode()
    assert browser.get(f"{BOARD}{alert.pk}/").status_code == 404
    assert browser.post(f"{BOARD}{alert.pk}/resolve/").status_code == 404
    assert browser.get(f"{RULES}{alert.rule_id}/").status_code == 404


@pytest.mark.parametrize("kind", ["silence", "suspect", "band", "late"])
def test_every_kind_of_alert_has_a_page(page, vik, device, now, kind):
    if kind == "silence":
        set_last_seen(device, now - minutes(60))
        check_silent_devices(now)
    elif kind == "suspect":
        store_reading(device, now, suspect=["humidity"], humidity=140)
    elif kind == "band":
        only_rule(device, metric="humidity", kind="outside", level=None, params={"low": 20, "high": 60})
        store_reading(device, now, humidity=10)
    else:
        store_reading(device, now - minutes(900), power_consumption=80)
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    for path in (BOARD, f"{BOARD}{alert.pk}/"):
        text = page(vik).get(path).content.decode()
        assert alert.title in text
        assert alert.message.split("°")[0][:40] in text


def test_the_board_costs_the_same_for_one_alert_and_for_three(
    page, vik, steel_forge, alert, now, django_assert_num_queries
):
    with django_assert_num_queries(6):
        kanban.columns(steel_forge, now)
    for count in range(2):
        other = make_device(steel_forge, f"D-{count}")
        store_reading(other, now, temperature=950)
    evaluate_new_readings(now)
    with django_assert_num_queries(6):
        kanban.columns(steel_forge, now)


RULE = {"metric": "temperature", "kind": "above", "level": "870", "severity": "warning"}


def test_an_owner_adds_edits_switches_and_removes_a_rule(page, asha, device):
    browser = page(asha)
    assert browser.post(f"{RULES}new/", RULE | {"device": device.pk}).status_code == 302
    rule = AlertRule.objects.get(level=870)
    assert (rule.device, rule.title, rule.hold_seconds) == (device, "Temperature above 870 °C", 0)
    assert browser.get(f"{RULES}{rule.pk}/").context["form"]["level"].value() == 870
    browser.post(f"{RULES}{rule.pk}/", RULE | {"level": "860", "hold_seconds": "60", "severity": "info"})
    rule.refresh_from_db()
    assert (rule.level, rule.title, rule.hold_seconds, rule.severity) == (860, "Temperature above 860 °C", 60, "info")
    browser.post(f"{RULES}{rule.pk}/switch/", {"on": "0"})
    rule.refresh_from_db()
    assert not rule.is_enabled
    assert "Switch on" in browser.get(RULES).content.decode()
    browser.post(f"{RULES}{rule.pk}/archive/")
    rule.refresh_from_db()
    assert rule.archived_at
    assert browser.get(f"{RULES}{rule.pk}/").status_code == 404


def test_a_band_and_a_silence_are_entered(page, asha, device):
    browser = page(asha)
    browser.post(f"{RULES}new/", {"metric": "humidity", "kind": "outside", "low": 20, "high": 60, "severity": "info"})
    for metric in ("", "humidity"):
        browser.post(f"{RULES}new/", {"metric": metric, "kind": "silence", "level": 3, "severity": "info"})
    band, silence, of_sensor = AlertRule.objects.filter(device=None).order_by("pk")
    assert (band.params, band.level) == ({"low": 20.0, "high": 60.0}, None)
    assert (silence.metric, silence.level, silence.kind) == ("", None, "silence")
    assert (of_sensor.metric, of_sensor.title) == ("humidity", "Humidity is silent")
    assert browser.get(f"{RULES}{band.pk}/").context["form"]["low"].value() == 20


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": ""}, "level"),
        ({"level": "nan"}, "level"),
        ({"level": "1e300"}, "level"),
        ({"metric": ""}, "metric"),
        ({"metric": "mood"}, "metric"),
        ({"kind": "rate"}, "window_seconds"),
        ({"clear_level": "900"}, "clear_level"),
        ({"kind": "outside", "low": "5", "high": "5"}, "low"),
        ({"hold_seconds": "-1"}, "hold_seconds"),
        ({"hold_seconds": "9" * 30}, "hold_seconds"),
        ({"title": "a\nb"}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"device": "999999"}, "device"),
        ({"device": "x"}, "device"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_beside_its_field(page, asha, change, field):
    answer = page(asha).post(f"{RULES}new/", RULE | change)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors


def test_a_rule_form_offers_no_machine_of_another_factory(page, asha, chem_works):
    theirs = make_device(chem_works)
    answer = page(asha).post(f"{RULES}new/", RULE | {"device": theirs.pk})
    assert "device" in answer.context["form"].errors
    page(asha).post(f"{RULES}copy/", {"source": theirs.pk, "target": theirs.pk})
    assert page(asha).post(f"/dashboard/machines/{theirs.pk}/rules/defaults/").status_code == 404


def test_rules_are_copied_and_defaults_come_back(page, asha, steel_forge, device):
    other = make_device(steel_forge, "ESP32-SF-002", device_name="Cooling tower")
    AlertRule.objects.filter(device=other).delete()
    browser = page(asha)
    browser.post(f"{RULES}copy/", {"source": device.pk, "target": other.pk})
    assert AlertRule.objects.filter(device=other).count() == 6
    AlertRule.objects.filter(device=other, kind="silence").delete()
    browser.post(f"/dashboard/machines/{other.pk}/rules/defaults/")
    assert AlertRule.objects.filter(device=other).count() == 6


def test_only_managers_change_rules(page, vik, device):
    rule = only_rule(device)
    browser = page(vik)
    assert "Edit" not in browser.get(RULES).content.decode()
    for path in (f"{RULES}new/", f"{RULES}{rule.pk}/"):
        assert browser.get(path).status_code == 403
    for path in ("switch", "archive"):
        assert browser.post(f"{RULES}{rule.pk}/{path}/").status_code == 403
    assert browser.post(f"/dashboard/machines/{device.pk}/rules/defaults/").status_code == 403
    assert browser.post(f"{RULES}copy/").status_code == 403


def test_a_rule_of_every_machine_says_where_it_stands_aside(page, asha, device, steel_forge):
    AlertRuleMaker(device=None, factory=steel_forge, level=700)
    assert "not on Main furnace" in page(asha).get(RULES).content.decode()


def test_the_rules_page_costs_the_same_for_one_machine_and_for_three(
    page, asha, steel_forge, device, django_assert_num_queries
):
    from alerts import rule_set

    with django_assert_num_queries(2):
        rule_set.by_machine(steel_forge)
    for count in range(2):
        make_device(steel_forge, f"D-{count}")
    with django_assert_num_queries(2):
        rule_set.by_machine(steel_forge)


def test_a_person_without_a_factory_is_told_what_to_do(page, db):
    from factories.tests.cast import UserMaker

    browser = page(UserMaker())
    for name in ("alert_list", "alert_live", "rule_list"):
        assert browser.get(reverse(name)).status_code == 200
    assert browser.get(reverse("rule_new")).status_code == 302
