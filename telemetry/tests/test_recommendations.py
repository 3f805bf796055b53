"""What detectors find is kept once, goes on, can be dismissed; a model elsewhere delays and breaks nothing."""

import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pybreaker
import pytest

from telemetry import tasks
from telemetry.analytics.detectors import DetectorEvidence, DetectorFinding
from telemetry.analytics.detectors.hosted import HostedDetector, HostedModelError, breaker
from telemetry.analytics.detectors.nearest import NearestNeighbourDetector
from telemetry.analytics.detectors.robust import RobustBaselineDetector
from telemetry.analytics.recommendations import active_recommendations, examine, group_by_signature, save_finding
from telemetry.models import QuarterHour, Recommendation
from telemetry.tests.model_factories import QuarterHourMaker
from telemetry.tests.test_detectors import END, series, since

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
HOUR = timedelta(hours=1)
LONG_AGO = {"since": "2020-01-01T00:00:00+00:00", "until": "2020-01-02T00:00:00+00:00"}


def finding(start=END - 3 * HOUR, end=END, deviations=6.0, metric="vibration", words=""):
    return DetectorFinding(
        "robust baseline", start, end, 0.99, (DetectorEvidence(metric, 3.6, 2.0, deviations),), words
    )


def test_the_same_finding_twice_is_one(device, now):
    assert save_finding(device, finding(), 100, now) and not save_finding(device, finding(), 100, now)
    [kept] = Recommendation.objects.all()
    assert kept.kind == "maintenance" and "bearings" in kept.advice
    assert kept.words.startswith("Main furnace, unlike its last four weeks: vibration 3.6 m/s² against 2.0 m/s²")


def test_one_that_goes_on_is_prolonged_and_a_later_one_is_another(device, now):
    save_finding(device, finding(), 100, now)
    assert save_finding(device, finding(end=END + 2 * HOUR), 90, now + 2 * HOUR)
    assert Recommendation.objects.get().until == END + 2 * HOUR
    save_finding(device, finding(END + 20 * HOUR, END + 22 * HOUR), 100, now + 22 * HOUR)
    save_finding(device, finding(deviations=-6.0), 100, now)
    assert Recommendation.objects.count() == 3


def test_what_is_dismissed_does_not_come_back(page, device, vik, vera, now):
    save_finding(device, finding(), 100, now)
    found = Recommendation.objects.get()
    address = f"/dashboard/recommendations/{found.pk}/dismiss/"
    assert page(vera).post(address, {"why": "no"}).status_code == 403
    page(vik).post(address, {"why": ""})
    assert active_recommendations(device, now).exists()
    page(vik).post(address, {"why": "New die, heavier than the last"})
    found.refresh_from_db()
    assert (found.dismissed_by, found.why_dismissed) == (vik, "New die, heavier than the last")
    save_finding(device, finding(end=END + HOUR), 100, now + HOUR)
    assert not active_recommendations(device, now).exists() and Recommendation.objects.count() == 1


def test_two_detectors_that_say_the_same_are_one_recommendation(device, now):
    save_finding(device, finding(), 100, now)
    save_finding(device, finding()._replace(detector="nearest neighbours"), 100, now)
    save_finding(device, finding(metric="temperature"), 100, now)
    told = [(one.signature, also) for one, also in group_by_signature(active_recommendations(device, now))]
    assert sorted(told) == [("temperature+", []), ("vibration+", ["robust baseline"])]


def test_more_power_than_usual_is_about_energy(device, now):
    save_finding(device, finding(metric="power_consumption"), 100, now)
    save_finding(device, finding(metric="power_consumption", deviations=-6.0), 100, now)
    assert sorted(Recommendation.objects.values_list("kind", flat=True)) == ["energy", "maintenance"]


def store_quarter_hours(device, rows):
    names = ("temperature", "power_consumption", "vibration", "gas_index")
    QuarterHour.objects.bulk_create(
        QuarterHourMaker.build(device=device, starts_at=row.at, **dict(zip(names, row.values, strict=True)))
        for row in rows
    )


def test_an_hourly_look_finds_what_is_stored_and_shows_it(device, asha, page, api, monkeypatch):
    store_quarter_hours(device, series(since(3, vibration=1.8)).rows)
    monkeypatch.setattr(tasks.timezone, "now", lambda: END)
    tasks.look_at_machine(device.pk)
    tasks.look_at_machine(device.pk)
    assert sorted(Recommendation.objects.values_list("detector", flat=True)) == [
        "nearest neighbours",
        "robust baseline",
    ]
    told = api(asha).get(f"/devices/{device.pk}/recommendations").json()
    assert [row["coverage_percent"] for row in told] == [100, 100]


def test_the_machines_page_says_what_was_found_and_how_sure_it_is(page, api, device, asha, now, monkeypatch):
    save_finding(device, finding(words="Its bearing sounds worn."), 87.5, now)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    Recommendation.objects.update(is_opinion=True)
    text = " ".join(page(asha).get(f"/dashboard/machines/{device.pk}/").content.decode().split())
    assert "a model's opinion" in text.replace("&#x27;", "'") and "Its bearing sounds worn." in text and "87.5" in text
    [told] = api(asha).get(f"/devices/{device.pk}/recommendations").json()
    assert told["is_opinion"] and told["confidence"] == 0.99


# A model elsewhere


class Model:
    """A hosted model with a response set by the test."""

    def __init__(self):
        self.requests, self.status, self.body, self.wait = [], 200, b'{"findings": []}', 0
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                read = self.rfile.read(int(self.headers["Content-Length"]))
                model.requests.append((dict(self.headers), json.loads(read)))
                time.sleep(model.wait)
                self.send_response(model.status)
                self.end_headers()
                self.wfile.write(model.body)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def respond_with(self, **fields):
        finding_json = {"metric": "vibration", "since": (END - 2 * HOUR).isoformat(), "until": END.isoformat()}
        finding_json |= {"confidence": 0.7, "words": "Its bearing sounds worn.", **fields}
        self.body = json.dumps({"findings": [finding_json]}).encode()


@pytest.fixture
def model(settings, monkeypatch):
    found = Model()
    settings.HOSTED_DETECTOR_URL = f"http://127.0.0.1:{found.server.server_port}/"
    settings.HOSTED_DETECTOR_KEY, settings.HOSTED_DETECTOR_SECONDS = "secret", 0.3
    monkeypatch.setattr("telemetry.analytics.detectors.hosted.request_findings.retry.sleep", lambda seconds: None)
    breaker.close()
    yield found
    breaker.close()
    found.server.shutdown()


def test_a_model_is_sent_no_name_and_its_opinion_is_marked_as_one(model, device, now):
    model.respond_with()
    [found] = HostedDetector().find(series())
    [(headers, body)] = model.requests
    assert headers["Authorization"] == "Bearer secret" and "furnace" not in json.dumps(body).lower()
    assert set(body) == {"step_s", "times", "metrics", "about"}
    save_finding(device, found, 100, now)
    assert Recommendation.objects.get().is_opinion and Recommendation.objects.get().words == "Its bearing sounds worn."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"I think it is fine",
        b"[]",
        b'{"findings": [{"metric": "vibration"}]}',
        b'{"findings": [], "more": 1}',
        b"\xff",
    ],
)
def test_an_answer_that_is_not_as_agreed_is_a_failure(model, body):
    model.body = body
    with pytest.raises(HostedModelError, match="not as agreed"):
        HostedDetector().find(series())
    assert len(model.requests) == 1  # asking again would not help


@pytest.mark.parametrize("said", [{"confidence": 1.5}, {"words": ""}, {"words": "x" * 301}])
def test_what_lies_outside_the_schema_is_a_failure(model, said):
    model.respond_with(**said)
    with pytest.raises(HostedModelError):
        HostedDetector().find(series())


@pytest.mark.parametrize(
    "said", [{"metric": "mood"}, {"until": (END + HOUR).isoformat()}, LONG_AGO]
)  # fmt: skip
def test_an_opinion_that_rests_on_nothing_sent_is_dropped(model, said):
    model.respond_with(**said)
    assert HostedDetector().find(series()) == []


def test_a_model_that_is_busy_is_asked_three_times(model):
    model.status = 503
    with pytest.raises(HostedModelError, match="answered 503"):
        HostedDetector().find(series())
    assert len(model.requests) == 3


def test_a_slow_model_is_not_waited_for(model):
    model.wait = 1.0
    began = time.monotonic()
    with pytest.raises(HostedModelError, match="not reached"):
        HostedDetector().find(series())
    assert time.monotonic() - began < 3


def test_after_three_failures_it_is_left_alone_and_then_tried_again(model):
    model.status = 400
    for _ in range(3):
        with pytest.raises((HostedModelError, pybreaker.CircuitBreakerError)):
            HostedDetector().find(series())
    asked = len(model.requests)
    with pytest.raises(pybreaker.CircuitBreakerError):
        HostedDetector().find(series())
    assert len(model.requests) == asked
    model.status = 200
    breaker.half_open()
    assert HostedDetector().find(series()) == [] and breaker.current_state == "closed"


def test_the_task_survives_a_model_that_is_down(model, device, settings):
    settings.HOSTED_DETECTOR_URL = "http://127.0.0.1:1/"
    tasks.ask_about_machine(device.pk)
    assert not Recommendation.objects.exists()


def test_without_a_url_nobody_is_asked(model, device, settings):
    settings.HOSTED_DETECTOR_URL = ""
    tasks.ask_about_machine(device.pk)
    assert model.requests == []


def test_looking_at_an_empty_machine_finds_nothing(device, now):
    assert examine(device, [RobustBaselineDetector(), NearestNeighbourDetector()], now) == 0
