"""Recommendations over the API: what is active, and dismissal with a reason."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telemetry.tests.model_factories import RecommendationMaker

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def recommendation(device):
    return RecommendationMaker(device=device)


@pytest.fixture
def listed(api, asha, device):
    """`listed(**query)`: what Asha is shown of her furnace."""
    return lambda **query: api(asha).get(f"/devices/{device.pk}/recommendations", query).json()


def ids(rows):
    return [row["id"] for row in rows]


def test_the_list_shows_what_is_active_unless_a_state_is_given(device, asha, now, listed):
    active = RecommendationMaker(device=device)
    past = RecommendationMaker(device=device, until=now - WEEK)
    dismissed = RecommendationMaker(
        device=device, signature="temperature+", dismissed_at=now, dismissed_by=asha, why_dismissed="New die"
    )
    assert ids(listed()) == ids(listed(state="active")) == ids(listed(state="")) == [active.pk]
    assert ids(listed(state="past")) == [past.pk]
    [row] = listed(state="dismissed")
    assert (row["id"], row["dismissed_by"], row["why_dismissed"]) == (dismissed.pk, asha.pk, "New die")


def test_recommendations_are_found_by_their_detector(device, listed):
    RecommendationMaker(device=device)
    opinion = RecommendationMaker(device=device, detector="hosted model", is_opinion=True)
    assert ids(listed(detector="hosted model")) == [opinion.pk]
    assert listed(detector="crystal ball") == []


@pytest.mark.parametrize(("field", "value"), [("state", "lost"), ("detector", "x" * 31), ("detector", "a\x00b")])
def test_a_value_no_filter_knows_is_a_400_that_names_it(api, asha, device, field, value):
    answer = api(asha).get(f"/devices/{device.pk}/recommendations", {field: value})
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_the_list_takes_the_same_number_of_queries_with_one_and_three_rows(
    device, asha, api, now, django_assert_num_queries
):
    client, path = api(asha), f"/devices/{device.pk}/recommendations"
    RecommendationMaker(device=device)
    with django_assert_num_queries(3):
        client.get(path)
    for hours in (5, 10):
        RecommendationMaker(device=device, until=now - timedelta(hours=hours))
    with django_assert_num_queries(3):
        assert len(client.get(path).json()) == 3


def test_who_acts_on_alerts_dismisses_with_a_reason(api, vik, now, recommendation, listed):
    answer = api(vik).post(f"/recommendations/{recommendation.pk}/dismiss", {"why": " New die, heavier "})
    assert (answer.status_code, answer.json()["why_dismissed"]) == (200, "New die, heavier")
    recommendation.refresh_from_db()
    assert (recommendation.dismissed_by, recommendation.dismissed_at) == (vik, now)
    assert listed() == []


def test_dismissing_twice_changes_nothing(api, asha, vik, recommendation):
    path = f"/recommendations/{recommendation.pk}/dismiss"
    api(vik).post(path, {"why": "New die"})
    again = api(asha).post(path, {"why": "Something else"})
    assert (again.status_code, again.json()["dismissed_by"], again.json()["why_dismissed"]) == (200, vik.pk, "New die")


@pytest.mark.parametrize("why", [None, "", "  ", "x" * 301, "two\nlines"])
def test_a_dismissal_needs_a_reason_of_one_line(api, asha, recommendation, why):
    answer = api(asha).post(f"/recommendations/{recommendation.pk}/dismiss", {} if why is None else {"why": why})
    recommendation.refresh_from_db()
    assert (answer.status_code, list(answer.json()), recommendation.dismissed_at) == (400, ["why"], None)


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("ira", 403), ("chitra", 404)])
def test_others_do_not_dismiss(request, api, recommendation, who, status):
    client = api(request.getfixturevalue(who))
    assert client.post(f"/recommendations/{recommendation.pk}/dismiss", {"why": "no"}).status_code == status
    recommendation.refresh_from_db()
    assert recommendation.dismissed_at is None


@pytest.mark.parametrize(("who", "status"), [("vera", 200), ("ira", 403), ("chitra", 404)])
def test_who_sees_machines_sees_their_recommendations(request, api, device, recommendation, who, status):
    answer = api(request.getfixturevalue(who)).get(f"/devices/{device.pk}/recommendations")
    assert answer.status_code == status


def test_nobody_dismisses_without_logging_in(api, recommendation):
    assert api().post(f"/recommendations/{recommendation.pk}/dismiss", {"why": "no"}).status_code == 401
