"""Who deals with an alert, its cause and what was done: what a regulator asks for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts import lifecycle
from alerts.models import Comment
from alerts.tests.model_factories import AlertMaker
from factories.roles import Role
from factories.tests.cast import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(device, now):
    return AlertMaker(device=device)


def test_a_response_is_kept_with_who_said_so(alert, asha, vik, client):
    client.force_login(asha)
    said = {"assignee": vik.pk, "cause": "Thermocouple loose", "action": "Refitted and checked"}
    assert client.post(reverse("alert_respond", args=[alert.pk]), said).status_code == 302
    alert.refresh_from_db()
    assert (alert.assignee, alert.cause, alert.action) == (vik, "Thermocouple loose", "Refitted and checked")
    comment = Comment.objects.get(alert=alert)
    assert comment.author == asha and "Cause: Thermocouple loose" in comment.text


def test_saying_the_same_again_says_nothing_new(alert, asha, now):
    told = {"assignee": None, "cause": "Door open", "action": ""}
    lifecycle.respond(alert, by=asha, now=now, **told)
    lifecycle.respond(alert, by=asha, now=now, **told)
    assert Comment.objects.filter(alert=alert).count() == 1


def test_only_members_who_act_can_be_asked(alert, asha, client):
    client.force_login(asha)
    outsider = member(alert.factory, Role.VIEWER)
    answer = client.post(reverse("alert_respond", args=[alert.pk]), {"assignee": outsider.pk})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()


def test_the_api_changes_what_is_named_and_nothing_else(alert, api, asha):
    lifecycle.respond(alert, by=asha, now=alert.triggered_at, assignee=asha, cause="Door open", action="")
    answer = api(asha).post(f"/alerts/{alert.pk}/response", {"action": "Closed"}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["cause"], answer.json()["action"], answer.json()["assignee"]) == (
        "Door open",
        "Closed",
        asha.pk,
    )
    wrong = api(asha).post(f"/alerts/{alert.pk}/response", {"cause": "x" * 501}, format="json")
    assert wrong.status_code == 400 and "cause" in wrong.json()


def test_times_are_said_in_words(alert, asha):
    alert.acknowledged_at = alert.created_at + timedelta(minutes=12)
    alert.resolved_at = alert.triggered_at + timedelta(hours=1, minutes=5)
    assert (alert.time_to_acknowledge, alert.time_to_resolve) == ("12 min", "1 h 05 min")
