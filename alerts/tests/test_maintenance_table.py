"""Sorting and export of maintenance windows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.tests.model_factories import MaintenanceWindowMaker
from core.tests.table_files import count_queries, csv_rows

ADDRESS = reverse("maintenance_list")


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_windows_to_come_and_past_ones_are_sorted_and_exported_apart(page, vik, device, now):
    soon, later = (
        MaintenanceWindowMaker(device=device, starts_at=now + timedelta(days=day), reason=reason)
        for day, reason in [(1, "=belt"), (2, "Bearing")]
    )
    past = MaintenanceWindowMaker(device=device, starts_at=now - timedelta(days=3), reason="Lining", made_by=vik)
    browser = page(vik)
    context = browser.get(ADDRESS, {"sort": "-starts_at"}).context
    assert [row.record for row in context["upcoming_windows"].rows] == [later, soon]
    header, first, _second = csv_rows(browser.get(ADDRESS, {"export": "csv"}))
    titles = ["Machine", "From", "Until", "Why", "Announced by"]
    assert [title.removesuffix(" (Asia/Kolkata)") for title in header] == titles
    assert [first[0], *first[3:]] == [device.label, "'=belt", "a former member"]
    _header, line = csv_rows(browser.get(ADDRESS, {"past-export": "csv"}))
    assert line == [
        device.label, "2025-01-13T16:00:00+05:30", "2025-01-13T18:00:00+05:30", past.reason, "Vik Patil",
    ]  # fmt: skip


def test_the_export_has_the_rights_of_the_page(page, vera, chitra, device, now):
    MaintenanceWindowMaker(device=device, starts_at=now + timedelta(days=1))
    assert page(vera).get(ADDRESS, {"export": "csv"}).status_code == 403
    assert len(csv_rows(page(chitra).get(ADDRESS, {"export": "csv"}))) == 1


@pytest.mark.parametrize("query", ["", "?sort=machine", "?export=csv"])
def test_more_windows_cost_the_same_queries(page, vik, device, now, query):
    def add():
        MaintenanceWindowMaker(device=device, starts_at=now + timedelta(days=1), made_by=vik)
        MaintenanceWindowMaker(device=device, starts_at=now - timedelta(days=1), made_by=vik)

    add()
    browser = page(vik)
    count_queries(browser, ADDRESS + query)
    one = count_queries(browser, ADDRESS + query)
    add()
    add()
    assert count_queries(browser, ADDRESS + query) == one
