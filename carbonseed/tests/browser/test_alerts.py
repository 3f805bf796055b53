"""The alert pages in headless Chromium: an alert comes by itself, is taken on a phone, and breaks no rule of access."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert
from carbonseed.tests.browser.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def overheat(furnace, send_reading, monkeypatch):
    """`overheat()`: the furnace sends 950, and the rules are evaluated."""
    monkeypatch.setattr("alerts.notifications.dispatcher.enqueue", lambda pk: None)  # no worker listens here

    def heat():
        send_reading(furnace, temperature=950)
        evaluate_new_readings(timezone.now())
        return Alert.objects.get()

    return heat


def test_an_alert_comes_to_the_open_board_and_is_taken_on_a_phone(open_page, log_in, vik, overheat):
    page = log_in(open_page(viewport=PHONE), vik)
    page.goto("/dashboard/alerts/")
    overheat()
    card = page.locator("article.alert-critical")
    card.wait_for(timeout=30_000)
    assert "50.0 above its limit of 900 °C" in card.inner_text()
    card.locator("summary", has_text="Acknowledge").click()
    card.locator("input[name=comment]").first.fill("Burner turned down.")
    card.locator("form button", has_text="Acknowledge").click()
    page.locator("section[aria-labelledby=column-acknowledged] article").wait_for()
    alert = Alert.objects.get()
    assert (alert.acknowledged_by, alert.comments.get().text) == (vik, "Burner turned down.")


@pytest.mark.parametrize(("theme", "viewport"), [("light", DESK), ("dark", PHONE)])
def test_the_alert_pages_can_be_used_by_everyone(open_page, log_in, asha, overheat, theme, viewport):
    alert = overheat()
    page = log_in(open_page(theme, viewport), asha)
    rules = "/dashboard/alerts/rules/"
    for path in [
        f"/dashboard/machines/{alert.device_id}/limits/",
        "/dashboard/alerts/",
        f"/dashboard/alerts/{alert.pk}/",
        rules,
        f"{rules}new/",
        f"{rules}{alert.rule_id}/",
    ]:
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert [(path, each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_where_a_new_rule_ends_is_proposed_while_its_level_is_typed(open_page, log_in, asha, device):
    page = log_in(open_page(viewport=PHONE), asha)
    page.goto("/dashboard/alerts/rules/new/")
    level, end = page.get_by_label("Level", exact=True), page.get_by_label("Ends at")
    level.fill("80")
    assert end.input_value() == "75"
    page.get_by_label("Alert when it is").select_option("below")
    assert end.input_value() == "85"
    page.get_by_label("Value").select_option("power_consumption")
    assert end.input_value() == "84"
    end.fill("90")
    level.fill("70")
    assert end.input_value() == "90"
