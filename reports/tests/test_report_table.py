"""Sorting and export of the list of reports."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core.tests.table_files import count_queries, csv_rows, xlsx_rows
from reports.models import Report

LIST = "/dashboard/reports/"
MONDAY = date(2025, 1, 6)


def report_of_week(factory, week, energy_kwh=None, **fields):
    start = MONDAY + timedelta(weeks=week)
    figures = {"summary": {"energy_kwh": {"value": energy_kwh, "unit": "kWh", "decimals": 1}}}
    values = {"report_type": "weekly", "status": "ready", "figures": figures} | fields
    return Report.objects.create(factory=factory, period_start=start, period_end=start + timedelta(days=6), **values)


def numbers(response):
    return [row.record.pk for row in response.context["table"].rows]


def test_reports_are_sorted_by_energy_as_numbers_and_unknown_ones_last(page, asha, steel_forge):
    nine, ten, unknown = (report_of_week(steel_forge, week, kwh) for week, kwh in enumerate(["9.5", "10.25", None]))
    browser = page(asha)
    assert numbers(browser.get(LIST, {"sort": "electricity"})) == [nine.pk, ten.pk, unknown.pk]
    assert numbers(browser.get(LIST, {"sort": "-electricity"})) == [ten.pk, nine.pk, unknown.pk]


def test_the_export_has_what_is_filtered_unrounded(page, asha, steel_forge, now):
    report = report_of_week(steel_forge, 0, "1234567.123456", generated_at=now)
    report_of_week(steel_forge, 1, "1", report_type="monthly")
    header, *lines = csv_rows(page(asha).get(LIST, {"type": "weekly", "export": "csv"}))
    assert header == [
        "Report", "Number", "Period", "Last day", "Status", "Electricity (kWh)", "Made (Asia/Kolkata)",
        "SHA-256 of the document",
    ]  # fmt: skip
    kind, period, made = report.get_report_type_display(), ["2025-01-06", "2025-01-12"], "2025-01-16T16:00:00+05:30"
    assert lines == [[kind, report.number, *period, "Draft", "1234567.123456", made, ""]]


def test_the_workbook_has_dates_and_numbers(page, asha, steel_forge):
    report_of_week(steel_forge, 0, "1234567.123456")
    _header, row = xlsx_rows(page(asha).get(LIST, {"export": "xlsx"}))
    assert (row[2].date(), row[3].date(), row[5], row[6]) == (MONDAY, date(2025, 1, 12), 1234567.123456, None)


def test_a_row_in_the_making_refreshes_itself_alone(page, asha, steel_forge):
    report = report_of_week(steel_forge, 0, status="queued", figures=None)
    browser, address = page(asha), reverse("report_row", args=[report.pk])
    assert f'hx-get="{address}"' in browser.get(LIST).text
    alone = browser.get(address).text
    assert alone.strip().startswith("<tr hx-get=") and "<table" not in alone and 'data-label="Status"' in alone
    Report.objects.update(status="ready")
    assert "hx-get" not in browser.get(address).text


def test_the_export_stays_within_the_factory(page, chitra, ira, steel_forge):
    report = report_of_week(steel_forge, 0, "5")
    assert report.number in page(ira).get(LIST, {"export": "csv"}).getvalue().decode()
    assert len(csv_rows(page(chitra).get(LIST, {"export": "csv"}))) == 1


@pytest.mark.parametrize("query", ["?sort=electricity", "?export=csv", "?export=xlsx"])
def test_more_reports_cost_the_same_queries(page, asha, steel_forge, query):
    report_of_week(steel_forge, 0, "5")
    browser = page(asha)
    count_queries(browser, LIST + query)
    one = count_queries(browser, LIST + query)
    report_of_week(steel_forge, 1, "6")
    report_of_week(steel_forge, 2, "7")
    assert count_queries(browser, LIST + query) == one
