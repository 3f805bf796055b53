"""The page on which people upload a day file."""

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from telemetry.imports import workflow
from telemetry.models import DayFile, Reading
from telemetry.tests.import_files import DAY, HEAD, upload_day_file
from telemetry.tests.test_import_dialects import LOAD_SURVEY, SEMICOLON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


def upload(client, device, text=DAY, name="SF-001.csv", **more):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post(f"/dashboard/machines/{device.pk}/import/", {"file": file, "times": "refuse", **more})


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_shows_what_would_become_of_it_then_imports(asha, page, device):
    client = page(asha)
    answer = upload(client, device, DAY + "2025-01-15 15:30,1,1\n")
    day_file = DayFile.objects.get()
    assert answer.url == f"/dashboard/imports/{day_file.pk}/"
    body = text_of(client.get(answer.url))
    assert "What an import would do" in body and "Import 3 readings" in body and "has no offset" in body
    assert not Reading.objects.exists()
    client.post(f"/dashboard/imports/{day_file.pk}/start/")
    body = text_of(client.get(answer.url))
    assert "3 readings stored" in body and day_file.sha256 in body
    lines = b"".join(client.get(f"/dashboard/imports/{day_file.pk}/lines/").streaming_content).decode()
    assert list(csv.reader(lines.splitlines()))[1][:3] == ["5", "refused", "timestamp"]
    machine = text_of(client.get(f"/dashboard/machines/{device.pk}/?start=2025-01-16&end=2025-01-17"))
    assert "Asha Kulkarni imported" in machine and "3 readings, 0 there already" in machine
    assert "SF-001.csv" in text_of(client.get(f"/dashboard/machines/{device.pk}/import/"))
    assert "SF-001.csv (3 readings)" in text_of(client.get("/dashboard/history/"))


def test_the_page_takes_times_of_the_factorys_zone(asha, page, device):
    upload(page(asha), device, HEAD + "2025-01-15 15:30:00,850,32\n", times="zone")
    day_file = DayFile.objects.get()
    assert (day_file.zone, day_file.accepted, day_file.refused) == ("Asia/Kolkata", 1, 0)


@pytest.mark.parametrize("what", ["none", "empty", "large"])
def test_a_file_that_cannot_be_taken_is_said_at_its_field(asha, page, device, settings, what):
    settings.IMPORT_MAX_BYTES = 20
    client = page(asha)
    if what == "none":
        answer = client.post(f"/dashboard/machines/{device.pk}/import/", {})
    else:
        answer = upload(client, device, "" if what == "empty" else DAY)
    assert answer.status_code == 422 and "errorlist" in answer.content.decode()
    assert not DayFile.objects.exists()


def test_a_picture_is_no_day_file_and_can_be_discarded(asha, page, device):
    client = page(asha)
    answer = upload(client, device, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", name="<img>.png")
    body = client.get(answer.url).content.decode()
    assert "was not imported" in body and "<img>" not in body
    assert client.post(f"{answer.url}discard/").url == f"/dashboard/machines/{device.pk}/import/"
    assert not DayFile.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("vik", 403), ("vera", 403), ("ira", 403), ("chitra", 404)])
def test_only_who_may_bring_readings_does(request, asha, page, device, who, status):
    day_file = upload_day_file(device, DAY, by=asha)
    client = page(request.getfixturevalue(who))
    assert upload(client, device).status_code == status
    for path in ("", "progress/", "lines/"):
        assert client.get(f"/dashboard/imports/{day_file.pk}/{path}").status_code == status
    for deed in ("start", "discard", "layout"):
        assert client.post(f"/dashboard/imports/{day_file.pk}/{deed}/").status_code == status
    assert not Reading.objects.exists() and DayFile.objects.count() == 1


def test_progress_is_a_number_and_the_page_turns_when_it_is_done(asha, page, device):
    day_file = upload_day_file(device, DAY, by=asha)
    DayFile.objects.update(read_bytes=len(DAY) // 2, lines=1234)
    client = page(asha)
    assert "50 %" in text_of(client.get(f"/dashboard/imports/{day_file.pk}/progress/"))
    assert "1,234 lines so far" in text_of(client.get(f"/dashboard/imports/{day_file.pk}/"))
    workflow.run_or_enqueue(day_file, timezone.now())
    assert client.get(f"/dashboard/imports/{day_file.pk}/progress/")["HX-Refresh"] == "true"


def test_the_machines_page_leads_to_export_and_import(asha, vera, page, device):
    path = f"/dashboard/machines/{device.pk}/?start=2025-01-15T10:00&end=2025-01-16T10:00"
    body = page(asha).get(path).content.decode()
    asked = f"/data/export?device_id={device.pk}&amp;start_time=2025-01-15T04%3A30%3A00%2B00%3A00"
    assert asked in body and f"/dashboard/machines/{device.pk}/import/" in body
    assert "/import/" not in page(vera).get(path).content.decode()


def test_the_page_asks_and_shows_the_values_then_imports_them(asha, page, device):
    client = page(asha)
    answer = upload(client, device, SEMICOLON)
    pk, body = DayFile.objects.get().pk, text_of(client.get(answer.url))
    assert "energy_kwh can be read in two ways: 12,345 (line 2)." in body and "Import 3" not in body
    assert "12.345 kWh: the comma is the decimal sign" in body
    said = {"columns.1": "timestamp", "columns.2": "energy_kwh", "head_line": "1", "times": "refuse"}
    again = client.post(f"/dashboard/imports/{pk}/layout/", said)
    assert again.status_code == 422 and "errorlist" in again.content.decode()
    client.post(f"/dashboard/imports/{pk}/layout/", said | {"decimals.2": "comma"})
    body = text_of(client.get(answer.url))
    for words in ("The values as they would be stored", "12.345 <span", "line 4", "Import 3 readings"):
        assert words in body, words
    client.post(f"/dashboard/imports/{pk}/start/")
    assert list(Reading.objects.values_list("energy_kwh", flat=True)) == [12.345, 12.348, 12.351]
    assert client.post(f"/dashboard/imports/{pk}/layout/", said).status_code == 302
    assert DayFile.objects.get().state == "done"


def test_a_load_survey_is_mapped_on_the_page(asha, page, device):
    client = page(asha)
    answer = upload(client, device, LOAD_SURVEY, times="zone")
    shown = client.get(answer.url)
    body = text_of(shown)
    assert "say what each column is" in body and "1,23,456.78 · 1,23,459.90" in body
    form = shown.context["form"]
    said = {name: form[name].initial for name in form.fields}
    pk = DayFile.objects.get().pk
    client.post(f"/dashboard/imports/{pk}/layout/", said)
    body = text_of(client.get(answer.url))
    assert "1,23,456.78 <span" in body and "15 Jan 2025, 00:00:00" in body and "Left out" in body
    client.post(f"/dashboard/imports/{pk}/start/")
    assert Reading.objects.count() == 3


def test_another_head_forgets_what_was_said_of_the_first(asha, page, device):
    client = page(asha)
    upload(client, device, LOAD_SURVEY)
    pk = DayFile.objects.get().pk
    client.post(f"/dashboard/imports/{pk}/layout/", {"head_line": "1", "times": "zone", "columns.1": "date"})
    day_file = DayFile.objects.get()
    assert (day_file.state, day_file.zone, day_file.choices) == ("asking", "Asia/Kolkata", {"head_line": 1})
    assert day_file.dry_run["columns"][0]["heading"] == "Meter"
