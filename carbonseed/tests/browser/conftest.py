"""A real browser against a real server: every page it opens must stay free of errors, also of the content policy's."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import sync_playwright

from carbonseed.tests.browser.chromium import find_chromium, launch
from factories.tests.cast import PASSWORD
from telemetry.models import DirtySpan, Reading
from telemetry.rollups.digest import digest
from telemetry.storage.partitions import ensure_span

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in this thread; the tests are not async

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium():
    if find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing; on CI nothing is skipped (apt-get install chromium).")
        pytest.skip("Chromium is not installed (apt-get install chromium).")
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture
def open_page(chromium, live_server):
    """`open_page(theme, viewport)`: a fresh window; at the end none may have shown an error."""
    windows, errors = [], []

    def open_window(theme="light", viewport=DESK):
        context = chromium.new_context(
            color_scheme=theme, viewport=viewport, base_url=live_server.url, timezone_id="Asia/Kolkata", locale="en-IN"
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        windows.append(context)
        return page

    yield open_window
    for window in windows:
        window.close()
    assert errors == []


@pytest.fixture
def log_in():
    """`log_in(page, user)`: through the login page, as people do."""

    def as_user(page, user):
        page.goto("/login/")
        page.fill("input[name=username]", user.email)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_url("**/dashboard/**")
        return page

    return as_user


@pytest.fixture
def send_reading():
    """`say(device, at, temperature=…)`: a reading arrived and is summed."""

    def send(device, at=None, **values):
        at = at or timezone.now()
        ensure_span(at, at)
        Reading.objects.create(device=device, at=at, received_at=at, **values)
        DirtySpan.objects.create(device=device, first_at=at, last_at=at, readings=1, received_at=at)
        digest(timezone.now())

    return send


@pytest.fixture
def furnace(transactional_db, device, send_reading):
    """The main furnace with two hours of readings."""
    now = timezone.now()
    first = now - timedelta(hours=2)
    ensure_span(first, now)
    Reading.objects.bulk_create(
        Reading(
            device=device,
            at=first + timedelta(minutes=5 * step),
            received_at=first,
            temperature=840 + step % 7,
            gas_index=320,
            vibration_x=2.1,
            power_consumption=32.5,
        )
        for step in range(24)
    )
    DirtySpan.objects.create(device=device, first_at=first, last_at=now, readings=24)
    digest(now)
    return device
