"""The pages of reports."""

import re
from datetime import date

import pytest
from django.utils import timezone

from reports.issuing import lifecycle
from reports.models import Report
from reports.printing import pdf
from reports.tests.cast import create_week_of_power

MADE = "weekly:2025-01-06:2025-01-12"


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF", 3))


@pytest.fixture
def ready(steel_forge, device, now):
    create_week_of_power(device, now)
    report, _ = lifecycle.request_report(steel_forge, "weekly", date(2025, 1, 6), date(2025, 1, 12), by=None, now=now)
    lifecycle.run(report, now)
    return report


def test_an_owner_makes_a_report_from_the_periods_offered(page, asha, steel_forge):
    offered = page(asha).get("/dashboard/reports/").text
    assert MADE in offered and "weekly:2025-01-13" not in offered
    made = page(asha).post("/dashboard/reports/make/", {"what": MADE}, follow=True)
    report = Report.objects.get()
    assert made.redirect_chain == [(f"/dashboard/reports/{report.pk}/", 302)]
    assert report.generated_by == asha and "hx-get" in made.text


@pytest.mark.parametrize("what", ["weekly:2025-01-13:2025-01-19", "x", "", "weekly:2025-01-06\x00:2025-01-12"])
def test_another_period_is_refused_beside_the_field(page, asha, steel_forge, what):
    refused = page(asha).post("/dashboard/reports/make/", {"what": what})
    assert refused.status_code == 422 and Report.objects.count() == 0


@pytest.mark.parametrize("who", ["vik", "vera", "ira"])
def test_readers_read_and_decide_nothing(page, request, ready, who):
    client = page(request.getfixturevalue(who))
    for path in ["", f"{ready.pk}/", f"{ready.pk}/pdf/", f"{ready.pk}/row/", f"{ready.pk}/progress/"]:
        assert client.get(f"/dashboard/reports/{path}").status_code == 200, path
    assert "Make CR-" not in client.get(f"/dashboard/reports/{ready.pk}/").text
    assert client.post("/dashboard/reports/make/", {"what": MADE}).status_code == 403
    for deed in ["finalise", "replace", "retry"]:
        assert client.post(f"/dashboard/reports/{ready.pk}/{deed}/", {}).status_code == 403, deed


def test_a_stranger_finds_no_report(page, chitra, ready):
    client = page(chitra)
    for path in [f"{ready.pk}/", f"{ready.pk}/pdf/", f"{ready.pk}/row/", f"{ready.pk}/progress/"]:
        assert client.get(f"/dashboard/reports/{path}").status_code == 404, path
    for deed in ["finalise", "replace", "retry"]:
        assert client.post(f"/dashboard/reports/{ready.pk}/{deed}/", {"reason": "x"}).status_code == 404, deed


def test_nobody_is_sent_to_the_login(client, ready):
    assert client.get(f"/dashboard/reports/{ready.pk}/").status_code == 302


def test_the_page_shows_result_digests_and_document(page, ira, ready):
    text = page(ira).get(f"/dashboard/reports/{ready.pk}/").text
    assert "5,208.0" in text and ready.sha256 in text and ready.figures_sha256 in text
    assert "Draft" in text


def test_a_report_is_signed_by_the_account_and_by_no_name_that_is_typed(page, asha, ready):
    client = page(asha)
    address = f"/dashboard/reports/{ready.pk}/finalise/"
    assert client.post(address, {"signatory": "Somebody else"}).status_code == 422
    client.post(address, {"signatory": "account", "name": "Somebody else", "place": "Mars"})
    ready.refresh_from_db()
    assert (ready.is_final, ready.final_name, ready.final_designation, ready.finalised_by) == (
        True, "Asha Kulkarni", asha.role_in(ready.factory).label, asha,
    )  # fmt: skip
    assert ready.final_place == ready.factory.location


def test_a_reason_is_needed_and_shown(page, asha, ready):
    client = page(asha)
    assert client.post(f"/dashboard/reports/{ready.pk}/replace/", {"reason": " "}).status_code == 422
    assert client.post(f"/dashboard/reports/{ready.pk}/replace/", {"reason": "x" * 301}).status_code == 422
    client.post(f"/dashboard/reports/{ready.pk}/replace/", {"reason": "The buffer came late"})
    text = client.get(f"/dashboard/reports/{ready.pk}/").text
    assert "The buffer came late" in text and "Replaced" in text


def test_a_finished_report_reloads_its_page(page, asha, ready):
    answer = page(asha).get(f"/dashboard/reports/{ready.pk}/progress/")
    assert answer.headers["HX-Refresh"] == "true"


def test_a_list_asks_as_often_for_three_as_for_one(page, asha, ready, now):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = page(asha)
    client.get("/dashboard/reports/")
    with CaptureQueriesContext(connection) as one:
        client.get("/dashboard/reports/")
    lifecycle.replace(issue_next(ready, asha, now), by=asha, reason="again", now=now)
    with CaptureQueriesContext(connection) as three:
        client.get("/dashboard/reports/")
    assert Report.objects.count() == 3 and len(three) == len(one)


def issue_next(report, by, now):
    correction = lifecycle.replace(report, by=by, reason="late", now=now)
    lifecycle.run(correction, now)
    return correction


@pytest.mark.parametrize("query", ["?type=weekly", "?type=%00", "?page=0", "?page=x", "?page=99999999999999999999"])
def test_odd_queries_show_a_list(page, ira, ready, query):
    assert page(ira).get(f"/dashboard/reports/{query}").status_code == 200


def test_an_auditor_follows_a_report_to_its_readings(page, ira, ready, device):
    shown = page(ira).get(f"/dashboard/reports/{ready.pk}/").text
    (link,) = re.findall(r'href="(/data/export[^"]*format=csv)"', shown)
    export = page(ira).get(link.replace("&amp;", "&"))
    lines = export.getvalue().decode().splitlines()
    assert export.status_code == 200
    assert len(lines) > 1 and lines[1].startswith("2025-01-0")
