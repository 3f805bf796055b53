"""A doubtful step is decided on a phone: seen, pressed, right in the figures, and taken back."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from alerts.evaluation.evaluator import evaluate_new_readings
from carbonseed.tests.browser.conftest import DESK, PHONE
from telemetry.models import DoubtfulStep
from telemetry.queries.summary import summarise
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def work():
    now = timezone.now()
    digest(now)
    evaluate_new_readings(now)


@pytest.fixture
def swapped(device):
    """A meter of a 5 kW machine that was swapped an hour ago for one with a higher register."""
    device.profiles.update(rated_kw=5, interval_s=900)
    first = timezone.now() - timedelta(hours=2)
    values = [1204.0, 1204.5, 1205.0, 88_315.0, 88_315.5, 88_316.0]
    store_readings(device, first, values, every_s=900, metric="energy_kwh")
    work()
    device.first = first
    return device


def kwh(device):
    now = timezone.now()
    return round(summarise(device, device.first, now, now).energy.total_kwh, 1)


def fits(page):
    """Nothing is wider than the window, and everybody can use it."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_a_meter_swap_is_said_on_a_phone(open_page, log_in, asha, swapped):
    page = log_in(open_page("dark", PHONE), asha)
    page.goto("/dashboard/machines/")
    page.click("text=1 doubtful value to decide")
    page.wait_for_selector("text=where its rating of 5 kW allows at most")
    assert kwh(swapped) == 2.0
    for summary in page.query_selector_all(".doubt-buttons summary"):
        assert summary.bounding_box()["height"] >= 44
    fits(page)

    page.click("summary:has-text('It is real')")
    page.click("button:has-text('It is real, book it')")
    page.wait_for_selector("text=Real: the step is booked")
    work()
    assert kwh(swapped) == 87_112.0

    page.click("button:has-text('Take the decision back')")
    page.wait_for_selector("text=The decision is taken back")
    work()
    assert kwh(swapped) == 2.0

    page.click("summary:has-text('Meter swapped')")
    step = DoubtfulStep.objects.get()
    local = step.after_at.astimezone(swapped.factory.zone)
    assert page.input_value("input[name=effective_at]").startswith(f"{local:%Y-%m-%dT%H:%M}")
    page.fill("details[open] input[name=note]", "New meter by the DISCOM")
    fits(page)
    page.click("button:has-text('The meter was swapped')")
    page.wait_for_selector("text=“New meter by the DISCOM”")
    work()
    assert kwh(swapped) == 2.0
    step.refresh_from_db()
    assert (step.decision, step.decided_by) == ("meter_swapped", asha)
    fits(page)


def test_a_question_about_watts_is_one_tap(open_page, log_in, asha, device):
    device.profiles.update(rated_kw=40)
    store_readings(device, timezone.now() - timedelta(minutes=10), [32_500, 33_000], every_s=300)
    work()
    page = log_in(open_page("light", DESK), asha)
    page.goto(f"/dashboard/machines/{device.pk}/")
    page.wait_for_selector("text=It probably sends watts.")
    fits(page)
    page.click("button:has-text('It sends watts')")
    page.wait_for_selector("text=Its profile is corrected")
    work()
    page.reload()
    assert page.query_selector("#power-doubt") is None
    page.goto(f"/dashboard/machines/{device.pk}/doubts/")
    page.wait_for_selector("text=Profile corrected")
    fits(page)
    assert {profile.power_kind for profile in device.profiles.all()} == {"W"}
