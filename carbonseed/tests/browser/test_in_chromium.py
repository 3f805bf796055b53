"""What people see and press, in headless Chromium."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from alerts.models import Alert, AlertRule
from carbonseed.tests.browser.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/", "/login/", "/dashboard/", "/dashboard/machines/", "/dashboard/machines/{machine}/"]
PAGES += ["/dashboard/alerts/", "/dashboard/alerts/{alert}/", "/dashboard/insights/", "/dashboard/team/"]
PAGES += ["/dashboard/profile/", "/dashboard/factory/", "/dashboard/history/", "/dashboard/machines/new/"]
PAGES += ["/dashboard/machines/{machine}/edit/", "/dashboard/machines/{machine}/keys/"]
PAGES += ["/dashboard/reports/", "/dashboard/what-if/?example=cbam-eaf-rolling", "/dashboard/alerts/rules/"]


@pytest.fixture
def hot(furnace):
    """The furnace has been above its limit for a while."""
    rule = AlertRule.objects.create(
        factory=furnace.factory, device=furnace, metric="temperature", level=845, severity="critical", title="Too hot"
    )
    return Alert.objects.create(
        factory=furnace.factory,
        device=furnace,
        rule=rule,
        alert_type="temperature",
        severity="critical",
        title="Temperature above 845 °C",
        triggered_at=timezone.now() - timedelta(minutes=30),
    )


def addresses(alert):
    return [path.format(machine=alert.device_id, alert=alert.pk) for path in PAGES]


def test_a_new_reading_shows_on_the_open_overview(open_page, log_in, asha, furnace, send_reading):
    page = log_in(open_page(), asha)
    page.wait_for_selector("#live")
    page.evaluate("window.sameWindow = true")
    send_reading(furnace, temperature=912.3, power_consumption=40)
    page.wait_for_selector("#tiles >> text=912.3")
    assert page.evaluate("window.sameWindow")


def test_a_machines_charts_draw_and_follow_a_new_reading(open_page, log_in, asha, furnace, hot, send_reading):
    page = log_in(open_page(), asha)
    page.goto(f"/dashboard/machines/{furnace.pk}/")
    page.wait_for_selector("#charts[data-drawn]")
    drawn = page.locator("#charts").get_attribute("data-drawn")
    assert int(drawn) >= 24
    assert page.locator(".plot canvas").count() >= 4
    assert page.locator(".mark").count() == 1
    send_reading(furnace, temperature=877.7)
    page.wait_for_selector("#now >> text=877.7")
    page.wait_for_function("before => document.getElementById('charts').dataset.drawn !== before", arg=drawn)


def test_a_drag_zooms_and_the_address_keeps_it(open_page, log_in, asha, furnace):
    page = log_in(open_page(), asha)
    page.goto(f"/dashboard/machines/{furnace.pk}/")
    page.wait_for_selector("#charts[data-drawn]")
    box = page.locator(".u-over").first.bounding_box()
    with page.expect_response(lambda answer: "/data/timeseries" in answer.url):
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + 60, steps=5)
        page.mouse.up()
    assert re.search(r"start=20\d\d-.*end=20\d\d-", page.url)
    page.reload()
    page.wait_for_selector("#charts[data-drawn]")
    page.go_back()
    page.wait_for_selector("#charts[data-drawn]")
    assert "start=" not in page.url


def test_keys_search_page_through_time_and_show_themselves(open_page, log_in, asha, furnace):
    page = log_in(open_page(), asha)
    page.goto("/dashboard/machines/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.goto(f"/dashboard/machines/{furnace.pk}/")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**start=**")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    page.goto("/dashboard/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_the_theme_is_chosen_and_kept(open_page, log_in, asha, furnace):
    page = log_in(open_page(), asha)
    page.click("summary[aria-label=Theme]")
    page.click("[data-choose-theme=dark]")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_meet_wcag_aa(theme, open_page, log_in, asha, furnace, hot):
    page = open_page(theme)
    for path in addresses(hot):
        if path == "/dashboard/":
            log_in(page, asha)
        page.goto(path)
        if page.locator("[data-plot]").count():
            page.wait_for_selector("#charts[data-drawn]")
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_scrolls_sideways(viewport, open_page, log_in, asha, furnace, hot):
    page = open_page(viewport=viewport)
    for path in addresses(hot):
        if path == "/dashboard/":
            log_in(page, asha)
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path


def test_the_figures_are_there_without_scripts(chromium, live_server, client, asha, furnace):
    client.force_login(asha, backend="django.contrib.auth.backends.ModelBackend")
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"/dashboard/machines/{furnace.pk}/")
    page.click("#figures-temperature summary")
    assert page.locator("#figures-temperature td").first.is_visible()
    context.close()
