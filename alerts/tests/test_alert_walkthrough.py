"""The whole way, once: a device posts 950, an alert stands on the page, a person takes it, 850 ends it."""

import pytest

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, Delivery
from alerts.tests.cast import minutes
from telemetry.rollups.digest import digest

pytestmark = pytest.mark.django_db


def post(client, device, at, **values):
    body = {"device_id": device.device_id, "timestamp": at.isoformat(), **values}
    answer = client.post("/ingest", body, content_type="application/json", **device.key)
    assert answer.status_code == 201
    digest(at)
    evaluate_new_readings(at)


def test_from_the_post_to_the_end_of_the_alert(client, api, device, asha, vik, now):
    post(client, device, now, temperature=850)
    assert api(vik).get("/alerts").json() == []
    post(client, device, now + minutes(5), temperature=950)
    [alert] = api(vik).get("/alerts?status=active").json()
    assert (alert["title"], alert["metric_value"]) == ("Temperature above 900 °C", 950.0)
    assert Delivery.objects.get().recipient == asha
    assert api(vik).post(f"/alerts/{alert['id']}/acknowledge").json()["status"] == "acknowledged"
    post(client, device, now + minutes(10), temperature=850)
    assert api(vik).get(f"/alerts/{alert['id']}").json()["status"] == "resolved"
    assert Alert.objects.count() == 1


def test_a_days_backlog_makes_no_false_alarm(client, api, device, asha, now):
    """An outage: the buffer comes late, in order, with a breach in it that is long over."""
    post(client, device, now, temperature=850)
    later = now + minutes(24 * 60)
    rows = [
        {
            "timestamp": (now + minutes(5 * step)).isoformat(),
            "temperature": 950 if 100 <= step < 110 else 850 + step % 2,
        }
        for step in range(1, 288)
    ]
    for start in range(0, len(rows), 50):
        batch = {"device_id": device.device_id, "readings": rows[start : start + 50]}
        assert client.post("/ingest", batch, content_type="application/json", **device.key).status_code == 201
        digest(later)
        evaluate_new_readings(later)
    alert = Alert.objects.get()
    assert (alert.status, alert.found_late) == ("resolved", True)
    assert (alert.triggered_at, alert.resolved_at) == (now + minutes(500), now + minutes(550))
    assert Delivery.objects.unsent().count() == 1 and not Delivery.objects.due(later).exists()
