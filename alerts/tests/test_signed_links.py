"""One tap acknowledges: as the person the link was sent to, by POST only, and only while they may."""

import pytest
from django.core import signing

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert
from alerts.notifications import signed_links
from alerts.tests.cast import store_reading
from factories.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(device, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    return Alert.objects.get()


def path(alert, person):
    return f"/tap/{signed_links.token_for(alert, person)}/"


def test_a_phone_without_login_acknowledges_with_one_tap(client, alert, asha):
    assert client.post(path(alert, asha)).status_code == 302
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("acknowledged", asha)
    assert "by Asha Kulkarni" in client.get(path(alert, asha)).content.decode()


def test_a_mail_scanner_that_opens_the_link_changes_nothing(client, alert, asha):
    for method in (client.get, client.head, client.get):
        assert method(path(alert, asha)).status_code == 200
    alert.refresh_from_db()
    assert alert.status == "active"
    assert "_auth_user_id" not in client.session  # nor does it log anybody in


def test_who_lost_the_right_taps_in_vain(client, alert, asha):
    link = path(alert, asha)
    asha.memberships.update(role=Role.VIEWER.value)
    answer = client.post(link)
    alert.refresh_from_db()
    assert (answer.status_code, alert.status) == (410, "active")


def test_a_changed_password_kills_the_links(client, alert, asha):
    link = path(alert, asha)
    asha.set_password("another long phrase")
    asha.save()
    assert client.get(link).status_code == 410


def test_an_old_or_altered_link_says_so(client, alert, asha, monkeypatch):
    assert client.get(path(alert, asha)[:-3] + "xy/").status_code == 410
    old = path(alert, asha)
    monkeypatch.setattr(signing.time, "time", lambda: __import__("time").monotonic() + 4e9)
    answer = client.get(old)
    assert answer.status_code == 410
    assert "expired" in answer.content.decode()


def test_a_forged_post_from_another_site_is_refused(alert, asha, client):
    client.handler.enforce_csrf_checks = True
    assert client.post(path(alert, asha)).status_code == 403


def test_ticked_alerts_are_acknowledged_together(page, device, asha, vera, now):
    store_reading(device, now, temperature=950, gas_index=500)
    evaluate_new_readings(now)
    ticked = {"alert": list(Alert.objects.values_list("pk", flat=True)), "act": "acknowledge", "comment": "On it"}
    assert page(vera).post("/dashboard/alerts/bulk/", ticked).status_code == 403
    page(asha).post("/dashboard/alerts/bulk/", ticked)
    assert set(Alert.objects.values_list("status", flat=True)) == {"acknowledged"}
    assert [alert.comments.get().text for alert in Alert.objects.all()] == ["On it", "On it"]


def test_ticked_alerts_of_another_factory_stay(page, alert, chitra):
    page(chitra).post("/dashboard/alerts/bulk/", {"alert": [alert.pk], "act": "resolve"})
    alert.refresh_from_db()
    assert alert.status == "active"


def test_a_snoozed_alert_says_until_when(page, alert, vik, vera):
    url = f"/dashboard/alerts/{alert.pk}/snooze/"
    assert page(vera).post(url, {"minutes": 120}).status_code == 403
    page(vik).post(url, {"minutes": 120})
    alert.refresh_from_db()
    assert alert.snoozed_until > alert.created_at and "Snoozed until" in alert.comments.get().text
    page(vik).post(url, {"minutes": 5})
    assert alert.comments.count() == 1
