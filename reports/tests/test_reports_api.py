"""Reports over the API: who may, what comes back, what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from reports.issuing import lifecycle
from reports.models import Report
from reports.printing import pdf
from reports.tests.cast import MONDAY, create_week_of_power
from reports.tests.model_factories import DocumentMaker

WEEK = {"period_start": "2025-01-06", "period_end": "2025-01-12"}


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def quick_print(monkeypatch):
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF " + str(report.pk).encode(), 3))


@pytest.fixture
def ready(steel_forge, device, now, quick_print):
    create_week_of_power(device, now)
    report, _ = lifecycle.request_report(steel_forge, "weekly", date(2025, 1, 6), date(2025, 1, 12), by=None, now=now)
    lifecycle.run(report, now)
    return report


def test_an_owner_has_a_report_made_and_watches_it(api, asha):
    asked = api(asha).post("/reports", {"report_type": "weekly", **WEEK})
    assert asked.status_code == 202
    body = asked.json()
    assert (body["status"], body["progress"], body["pdf_url"], body["summary"]) == ("queued", 0, None, None)
    seen = api(asha).get(f"/reports/{body['id']}").json()
    assert (seen["report_period_start"], seen["report_period_end"]) == ("2025-01-06", "2025-01-12")
    again = api(asha).post("/reports", {"report_type": "weekly", **WEEK})
    assert again.json()["id"] == body["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"report_type": "weekly", "period_start": "2025-01-07", "period_end": "2025-01-13"}, "period_start"),
        ({"report_type": "weekly", "period_start": "2025-01-13", "period_end": "2025-01-19"}, "period_end"),
        ({"report_type": "cbam_full", "period_start": "2023-04-01", "period_end": "2024-03-31"}, "period_start"),
        ({"report_type": "yearly", **WEEK}, "report_type"),
        ({"report_type": "weekly", "period_start": "soon", "period_end": "2025-01-12"}, "period_start"),
        ({"report_type": "weekly", "period_start": "2025-01-06\u0000", "period_end": "2025-01-12"}, "period_start"),
        ({"report_type": ["weekly"], **WEEK}, "report_type"),
        ({"report_type": "weekly", "factory_id": 10**30, **WEEK}, "factory_id"),
        ({"report_type": "weekly", "factory_id": {}, **WEEK}, "factory_id"),
        ({}, "report_type"),
        ([], None),
    ],
)
def test_what_cannot_be_made_names_the_field(api, asha, body, field):
    refused = api(asha).post("/reports", body)
    assert refused.status_code == 400
    assert field is None or field in refused.json()
    assert Report.objects.count() == 0


@pytest.mark.parametrize("who", ["vik", "vera", "ira"])
def test_only_managers_have_reports_made(api, request, who):
    user = request.getfixturevalue(who)
    assert api(user).post("/reports", {"report_type": "weekly", **WEEK}).status_code == 403


@pytest.mark.parametrize("who", ["asha", "vik", "vera", "ira"])
def test_whoever_may_read_reports_reads_them(api, request, ready, who):
    user = request.getfixturevalue(who)
    for path in ["/reports", f"/reports/{ready.pk}", f"/reports/{ready.pk}/pdf", f"/reports/{ready.pk}/data"]:
        assert api(user).get(path).status_code == 200, path


def test_a_stranger_sees_nothing(api, chitra, ready, steel_forge):
    assert api(chitra).get("/reports").json() == []
    for path in [f"/reports/{ready.pk}", f"/reports/{ready.pk}/pdf", f"/reports/{ready.pk}/data"]:
        assert api(chitra).get(path).status_code == 404, path
    planted = {"report_type": "weekly", "factory_id": steel_forge.pk, **WEEK}
    assert api(chitra).post("/reports", planted).status_code == 404
    for path in ["/reports/weekly", "/reports/monthly", "/reports/compliance"]:
        assert api(chitra).get(path, {"factory_id": steel_forge.pk}).status_code == 404, path


def test_the_summary_holds_numbers(api, ira, ready):
    body = api(ira).get(f"/reports/{ready.pk}").json()
    assert body["summary"]["energy_kwh"] == pytest.approx(5208)
    assert body["summary"]["max_temperature"] == 850
    assert body["coverage"]["energy_kwh"] == 100
    assert (body["status"], body["is_final"], body["sha256"]) == ("ready", False, ready.sha256)
    assert body["pdf_url"].endswith(f"/reports/{ready.pk}/pdf")


def test_the_document_comes_as_a_file_with_its_digest(api, ira, ready):
    answer = api(ira).get(f"/reports/{ready.pk}/pdf", HTTP_ACCEPT="application/pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"] and "draft.pdf" in answer["Content-Disposition"]
    assert answer["ETag"] == f'"{ready.sha256}"'
    again = api(ira).get(f"/reports/{ready.pk}/pdf", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_a_document_that_is_not_printed_yet_is_a_404(api, asha):
    pk = api(asha).post("/reports", {"report_type": "weekly", **WEEK}).json()["id"]
    missing = api(asha).get(f"/reports/{pk}/pdf", HTTP_ACCEPT="application/pdf")
    assert missing.status_code == 404
    assert api(asha).get(f"/reports/{pk}/data").status_code == 404


def test_the_frozen_figures_as_json(api, ira, ready):
    body = api(ira).get(f"/reports/{ready.pk}/data").json()
    assert lifecycle.figures_digest(body) == ready.figures_sha256
    assert body["inputs"]["period"]["starts_at"] == "2025-01-05T18:30:00+00:00"


def test_the_week_before_is_made_once_with_its_figures_at_once(api, asha, device, now):
    create_week_of_power(device, now)
    first = api(asha).get("/reports/weekly").json()
    assert (first["report_period_start"], first["summary"]["operating_hours"]) == ("2025-01-06", 84)
    assert first["status"] == "queued"
    again = api(asha).get("/reports/weekly").json()
    assert (again["id"], again["generated_at"]) == (first["id"], first["generated_at"])


def test_the_month_before(api, asha):
    body = api(asha).get("/reports/monthly").json()
    assert (body["report_period_start"], body["report_period_end"]) == ("2024-12-01", "2024-12-31")


@pytest.mark.parametrize(
    ("standard", "report_type", "start", "end"),
    [
        ("SPCB", "spcb", "2024-12-01", "2024-12-31"),
        ("PAT", "pat", "2023-04-01", "2024-03-31"),
        ("CBAM", "cbam_summary", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_standard_without_dates_means_its_last_complete_period(api, asha, standard, report_type, start, end):
    body = api(asha).get("/reports/compliance", {"standard": standard}).json()
    assert (body["report_type"], body["report_period_start"], body["report_period_end"]) == (report_type, start, end)
    dated = api(asha).get("/reports/compliance", {"standard": standard, "start": start, "end": end}).json()
    assert dated["id"] == body["id"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"standard": "CBAM", "start": "2023-04-01", "end": "2024-03-31"}, "start"),
        ({"standard": "PAT", "start": "2024-04-01", "end": "2025-03-31"}, "end"),
        ({"standard": "PAT", "start": "2023-04-01"}, "end"),
        ({"start": "2023-04-01", "end": "2024-03-31"}, "standard"),
        ({"standard": "ISO"}, "standard"),
        ({"standard": "PAT", "start": "x", "end": "y"}, "start"),
    ],
)
def test_a_compliance_report_that_cannot_be_names_the_field(api, asha, query, field):
    refused = api(asha).get("/reports/compliance", query)
    assert refused.status_code == 400 and field in refused.json()


def test_without_a_standard_the_last_30_days_stand_in_one_summary(api, vera, device, now):
    create_week_of_power(device, now)
    body = api(vera).get("/reports/compliance").json()
    assert (body["id"], body["report_period_start"], body["report_period_end"]) == (None, "2024-12-17", "2025-01-15")
    assert body["summary"]["pat"]["energy_toe"] == pytest.approx(5208 * 860 / 1e7)
    assert body["summary"]["cbam"]["see_direct_t_co2e_per_t"] is None
    assert body["summary"]["cbam"]["electricity_recorded_mwh"] == pytest.approx(5.208)
    assert Report.objects.count() == 0


def test_readings_that_come_later_mark_the_report_when_it_is_looked_at(api, asha, ready, device, monkeypatch, now):
    from reports.tests.cast import create_readings_and_digest

    create_readings_and_digest(
        device, MONDAY + timedelta(days=1, seconds=100), MONDAY + timedelta(days=1, hours=1), now, power_consumption=9
    )
    later = now + timedelta(minutes=10)
    monkeypatch.setattr(timezone, "now", lambda: later)
    body = api(asha).get("/reports/weekly").json()
    assert body["id"] == ready.pk and body["outdated_at"] is not None


def test_lists_can_be_narrowed(api, asha, ready):
    assert len(api(asha).get("/reports", {"report_type": "weekly"}).json()) == 1
    assert api(asha).get("/reports", {"report_type": "pat"}).json() == []
    assert api(asha).get("/reports", {"status": "nonsense"}).status_code == 400


def test_the_list_asks_as_often_for_three_as_for_one(api, asha, ready, steel_forge, django_assert_num_queries, now):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = api(asha)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/reports")
    correction = lifecycle.replace(ready, by=asha, reason="late data", now=now)
    lifecycle.run(correction, now)
    lifecycle.replace(correction, by=asha, reason="more late data", now=now)
    with CaptureQueriesContext(connection) as three:
        assert len(client.get("/reports").json()) == 3
    assert len(three) == len(one)
    assert not any("inputs" in query["sql"] for query in three)


def test_a_replaced_report_names_its_successor(api, asha, ready, now):
    correction = lifecycle.replace(ready, by=asha, reason="late data", now=now)
    assert api(asha).get(f"/reports/{ready.pk}").json()["replaced_by"] == correction.pk
    body = api(asha).get(f"/reports/{correction.pk}").json()
    assert (body["replaces"], body["replacement_reason"]) == (ready.pk, "late data")


def test_anyone_holding_the_document_learns_which_report_it_is(api, ready):
    body = api().get(f"/verify/{ready.sha256}", HTTP_ACCEPT="application/json").json()
    assert (body["number"], body["digest_of"], body["document_state"]) == (ready.number, "document", "draft")
    assert body["unit"] == "Steel Forge" and "generated_by" not in body
    figures = api().get(f"/verify/{ready.figures_sha256.upper()}", HTTP_ACCEPT="application/json").json()
    assert (figures["number"], figures["digest_of"]) == (ready.number, "figures")


def test_the_page_of_a_digest(client, ready):
    found = client.get(f"/verify/{ready.sha256}")
    assert found.status_code == 200 and ready.number in found.text and "<html" in found.text


@pytest.mark.parametrize("digest", ["0" * 64, "abc", "%00", "..%2f", "é" * 64])
def test_an_unknown_digest_is_a_404(api, ready, digest):
    for accept in ["text/html", "application/json", "*/*"]:
        assert api().get(f"/verify/{digest}", HTTP_ACCEPT=accept).status_code == 404


def test_the_draft_of_a_final_report_is_still_known(api, ready, asha, now):
    draft = ready.sha256
    report = lifecycle.finalise(ready, by=asha, now=now)
    DocumentMaker(report=report, is_final=True)
    body = api().get(f"/verify/{draft}", HTTP_ACCEPT="application/json").json()
    assert (body["document_state"], body["report_state"]) == ("draft", "final")
    assert datetime.fromisoformat(body["finalised_at"]).astimezone(UTC) == now


def test_a_report_is_waived_made_final_and_replaced_over_the_api(api, asha, ready):
    client = api(asha)
    listed = client.get(f"/reports/{ready.pk}/open-points").json()
    assert listed == {"open": [], "waived": []}  # a weekly report rests on no register
    refused = client.post(f"/reports/{ready.pk}/open-points", {"keys": ["item:1"], "reason": "x"}, format="json")
    assert refused.status_code == 400 and "no such open item" in refused.json()["keys"][0]
    unprintable = client.post(
        f"/reports/{ready.pk}/open-points", {"keys": ["item:1"], "reason": "a\u200eb"}, format="json"
    )
    assert unprintable.status_code == 400 and "reason" in unprintable.json()
    wrong = client.post(f"/reports/{ready.pk}/finalise", {"signatory": "Somebody"}, format="json")
    assert wrong.status_code == 400 and "signatory" in wrong.json()
    final = client.post(f"/reports/{ready.pk}/finalise", {}, format="json").json()
    assert final["is_final"] and final["outdated_because"] == ""
    assert client.post(f"/reports/{ready.pk}/replace", {}, format="json").status_code == 400
    refused = client.post(f"/reports/{ready.pk}/replace", {"reason": "late"}, format="json")
    assert refused.status_code == 409 and "not ready yet" in refused.json()["detail"]  # it is being printed


def test_viewers_decide_nothing_over_the_api(api, vera, ready):
    for path in ("finalise", "replace", "open-points"):
        assert api(vera).post(f"/reports/{ready.pk}/{path}", {"reason": "x", "keys": ["x"]}).status_code == 403
