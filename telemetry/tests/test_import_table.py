"""Sorting and export of a machine's day files."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.tests.table_files import count_queries, csv_rows, xlsx_rows
from telemetry.models import DayFile


@pytest.fixture
def day_file(device, asha, now):
    def create(name, hours=0, **fields):
        values = {"size": 9, "sha256": "ab" * 32, "uploaded_by": asha, "state": "done", "lines": 1234567} | fields
        at = now + timedelta(hours=hours)
        return DayFile.objects.create(factory=device.factory, device=device, name=name, uploaded_at=at, **values)

    return create


@pytest.fixture
def address(device):
    return reverse("machine_import", args=[device.pk])


def test_files_are_sorted_by_their_counts(page, asha, address, day_file):
    few, many = day_file("a.csv", accepted=9), day_file("b.csv", accepted=1000)
    browser = page(asha)
    for sort, order in [("accepted", [few, many]), ("-accepted", [many, few])]:
        table = browser.get(address, {"sort": sort}).context["files"]
        assert [row.record for row in table.rows] == order


def test_the_export_has_unrounded_counts_only_of_what_is_imported(page, asha, address, day_file):
    day_file("=1+1.csv", accepted=1234560, refused=7)
    day_file("b.csv", hours=1, state="checked", accepted=5, uploaded_by=None)
    header, checked, done = csv_rows(page(asha).get(address, {"export": "csv"}))
    assert header == [
        "File", "SHA-256", "Brought (Asia/Kolkata)", "By", "State", "Lines", "Stored",
        "There already", "Held", "Refused",
    ]  # fmt: skip
    assert done[0] == "'=1+1.csv"
    assert done[2:] == ["2025-01-16T16:00:00+05:30", "Asha Kulkarni", "imported", "1234567", "1234560", "0", "0", "7"]
    assert checked[3:] == ["the command line", "checked, not imported", "1234567", "", "", "", ""]
    rows = xlsx_rows(page(asha).get(address, {"export": "xlsx"}))
    assert (rows[2][5], rows[2][6], rows[1][6]) == (1234567, 1234560, None)


def test_the_export_has_the_rights_of_the_page(page, vik, chitra, address, day_file):
    day_file("a.csv")
    assert page(vik).get(address, {"export": "csv"}).status_code == 403
    assert page(chitra).get(address, {"export": "csv"}).status_code == 404


@pytest.mark.parametrize("query", ["", "?sort=file", "?export=xlsx"])
def test_more_files_cost_the_same_queries(page, asha, address, day_file, query):
    day_file("a.csv")
    browser = page(asha)
    count_queries(browser, address + query)
    one = count_queries(browser, address + query)
    day_file("b.csv")
    day_file("c.csv")
    assert count_queries(browser, address + query) == one
