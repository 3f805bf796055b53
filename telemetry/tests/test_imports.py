"""A card's day file by command and by page: the same checks as from a device, and a word for every odd line."""

import csv
import gzip
import io
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from devices.models import Hardware
from devices.tests.cast import registered
from telemetry import day_file_life, intake
from telemetry.metrics import IMPLAUSIBLE_BIT, STORED
from telemetry.models import Arrival, DayFile, DayFileLine, DayFilePiece, LastWord, Quarantined, Reading
from telemetry.partitions import existing_months
from telemetry.rollups import digest
from telemetry.tests.sending import stored

pytestmark = pytest.mark.django_db
HEAD = "timestamp,temperature,power_consumption\n"
DAY = HEAD + "2025-01-15T10:00:00Z,850.5,32.5\n2025-01-15T10:05:00Z,851,33\n2025-01-15T10:10:00Z,852,33.5\n"


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def run(tmp_path, capsys):
    """`run(text, …)` → (printed lines, exit status) of the command on a file with this text."""

    def command(content, *arguments, name="SF-001.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        printed, status = io.StringIO(), 0
        try:
            call_command("import_readings", str(path), *arguments, stdout=printed)
        except SystemExit as end:
            status = end.code
        return printed.getvalue().replace(str(path), name).splitlines(), status

    return command


def bring(device, text, by=None, zone="", name="SF-001.csv"):
    upload = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return day_file_life.bring(device.factory, device, upload, zone=zone, by=by, now=timezone.now())


def imported(device, text, **how):
    """The DayFile after it was checked and imported."""
    day_file = bring(device, text, **how)
    day_file_life.begin(day_file, timezone.now())
    assert day_file.state == "checked", (day_file.state, day_file.error)
    day_file_life.start(day_file, timezone.now())
    return day_file


def counts(day_file):
    return {name: getattr(day_file, name) for name in DayFile.COUNTS if getattr(day_file, name)}


# the command


def test_a_card_is_imported_and_a_second_time_changes_nothing(run, device):
    assert run(DAY, "--device", device.device_id) == (
        ["SF-001.csv: 3 lines: 3 accepted, 0 duplicates, 0 quarantined, 0 refused"], 0,
    )  # fmt: skip
    assert list(Reading.objects.values_list("temperature", "power_consumption")) == [
        (850.5, 32.5),
        (851, 33),
        (852, 33.5),
    ]
    assert run(DAY, "--device", device.device_id) == (
        ["SF-001.csv: 3 lines: 0 accepted, 3 duplicates, 0 quarantined, 0 refused"], 0,
    )  # fmt: skip
    assert Reading.objects.count() == 3


def test_a_dry_run_stores_nothing_not_even_a_partition(run, device):
    months = existing_months()
    lines, _ = run(DAY.replace("2025-01", "2023-05"), "--device", device.device_id, "--dry-run")
    assert lines == ["SF-001.csv: 3 lines: 3 would be accepted, 0 duplicates, 0 quarantined, 0 refused"]
    assert not Reading.objects.exists() and not DayFile.objects.exists() and existing_months() == months


@pytest.mark.parametrize("is_dry", [True, False])
def test_every_odd_line_is_told_with_its_number_field_and_reason(run, device, now, is_dry):
    stored(device, now - timedelta(hours=24, minutes=30), [99.0], metric="temperature")
    odd = DAY + (
        "2025-01-15 10:15:00,853,34\n"
        "15/01/2025 10:20,853,34\n"
        ",853,34\n"
        "2025-01-15T10:25:00Z,,\n"
        "2025-01-15T10:30:00Z,hot,34\n"
        "2025-01-17T10:30:00Z,853,34\n"
        "2001-01-17T10:30:00Z,853,34\n"
        "2025-01-15T10:35:00Z,853\n"
        "2025-01-15T10:40:00Z,1999,34\n"
    )
    lines, status = run(odd, "--device", device.device_id, *(["--dry-run"] if is_dry else []))
    assert status == 1
    told = [line.removeprefix("SF-001.csv:") for line in lines]
    assert told[:-1] == [
        "2: temperature: 99.0 is stored, 850.5 was sent (held in quarantine)",
        "5: timestamp: has no offset; add Z for UTC or +05:30 for India (refused)",
        "6: timestamp: not an ISO 8601 time such as 2025-01-16T10:30:00Z (refused)",
        "7: timestamp: is missing; an imported reading needs a time of its own (refused)",
        "8: reading: holds no metric (refused)",
        "9: temperature: hot is no number (stored, with a remark)",
        "10: timestamp: 2025-01-17T10:30:00+00:00 lies ahead of the server's clock (held in quarantine)",
        "11: timestamp: 2001-01-17T10:30:00+00:00 is older than what is kept (held in quarantine)",
        "12: line: has 2 cells, the head has 3 (refused)",
    ]
    would = "would be " if is_dry else ""
    assert told[-1] == (
        f" 12 lines: 4 {would}accepted, 0 duplicates, 3 quarantined, 5 refused, 1 of them with a suspect value"
    )
    assert Quarantined.objects.count() == (0 if is_dry else 3)
    assert Reading.objects.count() == (1 if is_dry else 5)
    if not is_dry:
        assert Reading.objects.get(temperature=1999).suspect == IMPLAUSIBLE_BIT["temperature"]
        assert Reading.objects.get(extra__temperature="hot").power_consumption == 34


def test_times_may_be_the_factorys_own_when_a_person_says_so(run, device):
    lines, _ = run(
        HEAD + "2025-01-15 15:30:00,850,32\n2025-01-15T10:05:00Z,851,33\n",
        "--device",
        device.device_id,
        "--zone",
        "Asia/Kolkata",
    )
    assert "2 accepted" in lines[-1]
    assert [f"{at:%H:%M}" for at in Reading.objects.values_list("at", flat=True)] == ["10:00", "10:05"]


def test_an_hour_that_comes_twice_is_refused(run, device):
    lines, _ = run(HEAD + "2024-10-27 02:30:00,850,32\n", "--device", device.device_id, "--zone", "Europe/Berlin")
    assert "comes twice or never" in lines[0]


def test_a_factorys_file_names_its_devices(run, steel_forge, chem_works, device):
    registered(chem_works, "ESP32-CW-001")
    other = registered(steel_forge, "ESP32-SF-002")
    text = (
        "timestamp,device_id,temperature\n2025-01-15T10:00:00Z,ESP32-SF-001,850\n2025-01-15T10:00:00Z,ESP32-SF-002,60\n"
    )
    text += "2025-01-15T10:00:00Z,ESP32-CW-001,60\n2025-01-15T10:00:00Z,NOBODY,60\n2025-01-15T10:00:00Z,,60\n"
    lines, _ = run(text, "--factory", "Steel Forge")
    assert [line.split(": ", 1)[1] for line in lines[:-1]] == [
        "device_id: ESP32-CW-001 is not registered in this factory (refused)",
        "device_id: NOBODY is not registered in this factory (refused)",
        "device_id: is missing; the file is not one machine's own (refused)",
    ]
    assert set(Reading.objects.values_list("device", "temperature")) == {(device.pk, 850), (other.pk, 60)}


def test_a_line_of_another_device_is_refused_in_a_machines_file(run, steel_forge, device):
    registered(steel_forge, "ESP32-SF-002")
    text = "timestamp,device_id,temperature\n2025-01-15T10:00:00Z,ESP32-SF-002,850\n"
    text += "2025-01-15T10:05:00Z,ESP32-SF-001,850\n"
    lines, _ = run(text, "--device", device.device_id)
    assert "ESP32-SF-002 is another device; this is ESP32-SF-001's file (refused)" in lines[0]
    assert Reading.objects.get().device_id == device.pk


def test_the_card_of_a_unit_that_was_swapped_belongs_to_its_machine(run, device, now):
    Hardware.objects.filter(device=device).update(removed_at=now)
    Hardware.objects.create(device=device, unit="ESP32-OLD", fitted_at=now - timedelta(days=9), removed_at=now)
    run("timestamp,device_id,temperature\n2025-01-15T10:00:00Z,ESP32-OLD,850\n", "--factory", str(device.factory_id))
    assert Reading.objects.get().device_id == device.pk


def test_watts_in_a_kilowatt_machines_file_are_refused(run, device):
    text = "timestamp,temperature,power_consumption (W)\n2025-01-15T10:00:00Z,850,32500\n2025-01-15T10:05:00Z,851,\n"
    lines, _ = run(text, "--device", device.device_id)
    assert "power_consumption: is w in the file, kW by the machine's profile of that time (refused)" in lines[0]
    assert "1 accepted" in lines[-1]


@pytest.mark.parametrize("field", ["age_ms", "sent_at"])
def test_a_file_knows_no_moment_of_sending(run, device, field):
    lines, _ = run(
        f'{{"timestamp": "2025-01-15T10:00:00Z", "{field}": 5000, "temperature": 1}}\n', "--device", device.device_id
    )
    assert f"{field}: counts from the moment of sending" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say which factory"),
        (["--factory", "Nowhere"], "no factory 'Nowhere'"),
        (["--device", "NOBODY"], "no device 'NOBODY'"),
        (["--device", "ESP32-SF-001"], "Several factories have a device"),
        (["--device", "ESP32-SF-001", "--zone", "Mars/Base"], "invalid zone_name value"),
        (["--factory", "Steel Forge", "--device", "ESP32-CW-009"], "no device"),
    ],
)
def test_what_cannot_be_meant_is_said(run, device, chem_works, arguments, words):
    registered(chem_works, "ESP32-SF-001")
    registered(chem_works, "ESP32-CW-009")
    with pytest.raises(CommandError, match=words):
        run(DAY, *arguments)


def test_a_file_that_is_none_is_remembered_as_failed(run, device):
    with pytest.raises(CommandError, match="Excel"):
        run(b"PK\x03\x04", "--device", device.device_id)
    assert DayFile.objects.get().state == "failed"


def test_the_device_is_not_heard_by_an_import(run, device, now):
    """Its silence goes on: it spoke when it wrote the line, not when the card was read."""
    run(DAY, "--device", device.device_id)
    digest(now)
    assert LastWord.objects.get().heard_at == Reading.objects.latest("at").at


# our own export


def test_an_export_imports_again_to_the_last_bit(api, asha, device, run, steel_forge, now):
    stored(
        device,
        now - timedelta(hours=5),
        [32.5, 0.1, 1e-7, 33.333333333333336],
        extra={"note": "=1+1", "n": {"deep": [1.5]}},
        clock=1,
    )
    stored(device, now - timedelta(hours=4), [850.123456789], metric="temperature", suspect=0)
    stored(device, now - timedelta(hours=3, microseconds=123_457), [1], metric="humidity")
    answer = api(asha).get("/data/export", {"device_id": device.pk, "format": "csv"})
    text = b"".join(answer.streaming_content)
    assert run(text, "--device", device.device_id)[0][-1].endswith("0 accepted, 6 duplicates, 0 quarantined, 0 refused")
    before = list(Reading.objects.order_by("at").values_list("at", "clock", "extra", *STORED))
    Reading.objects.all().delete()
    assert "6 accepted" in run(gzip.compress(text), "--device", device.device_id, name="SF-001.csv.gz")[0][-1]
    assert list(Reading.objects.order_by("at").values_list("at", "clock", "extra", *STORED)) == before


# its life


def test_a_file_is_checked_imported_and_remembered(asha, device):
    day_file = bring(device, DAY, by=asha)
    day_file_life.begin(day_file, timezone.now())
    assert (day_file.state, counts(day_file)) == ("checked", {"lines": 3, "accepted": 3})
    assert not Reading.objects.exists()
    day_file_life.start(day_file, timezone.now())
    assert (day_file.state, counts(day_file)) == ("done", {"lines": 3, "accepted": 3})
    assert (day_file.brought_by, day_file.size, len(day_file.sha256)) == (asha, len(DAY), 64)
    assert Reading.objects.count() == 3 and Arrival.objects.count() == 1
    assert not DayFilePiece.objects.exists()
    entry = LogEntry.objects.get_for_object(day_file).first()
    assert (entry.actor, entry.object_repr) == (asha, "SF-001.csv (3 readings)")
    assert entry.additional_data["factory_id"] == device.factory_id


def test_two_people_start_it_once(device):
    day_file = imported(device, DAY)
    with pytest.raises(day_file_life.NotNow):
        day_file_life.start(day_file, timezone.now())
    with pytest.raises(day_file_life.NotNow):
        day_file_life.discard(day_file)


def test_a_long_file_goes_in_stretches_and_on_after_a_kill(device, settings, monkeypatch):
    settings.INGEST_MAX_READINGS = 10
    lines = "".join(f"2025-01-15T10:{n // 60:02}:{n % 60:02}Z,{n},1\n" for n in range(35))
    day_file = bring(device, HEAD + lines + "broken\n")
    day_file_life.begin(day_file, timezone.now())
    real, kept = intake.note, []

    def killed(day_file, read_bytes, stretch):
        if len(kept) == 2:
            raise KeyboardInterrupt  # in the transaction of the third stretch
        kept.append(stretch)
        real(day_file, read_bytes, stretch)

    monkeypatch.setattr(intake, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        day_file_life.start(day_file, timezone.now())
    day_file.refresh_from_db()
    assert (day_file.state, day_file.lines, day_file.accepted, Reading.objects.count()) == ("importing", 20, 20, 20)
    monkeypatch.setattr(intake, "note", real)
    day_file_life.work(day_file.pk, timezone.now())  # its worker may be alive
    assert Reading.objects.count() == 20
    later = timezone.now() + timedelta(days=1000)
    day_file_life.work(day_file.pk, later)
    day_file.refresh_from_db()
    assert (day_file.state, counts(day_file)) == ("done", {"lines": 36, "accepted": 35, "refused": 1})
    assert Reading.objects.count() == 35 and DayFileLine.objects.count() == 1


def test_a_worker_whose_file_was_taken_over_stops(device, settings, monkeypatch):
    settings.INGEST_MAX_READINGS = 1
    day_file = bring(device, DAY)
    day_file_life.begin(day_file, timezone.now())
    real = intake.tell

    def stolen(day_file, stretch):
        real(day_file, stretch)
        if stretch.last_line == 3:
            DayFile.objects.filter(pk=day_file.pk).update(claim="another")

    monkeypatch.setattr(intake, "tell", stolen)
    day_file_life.start(day_file, timezone.now())
    assert (day_file.state, day_file.accepted, Reading.objects.count()) == ("importing", 1, 1)


def test_the_sweep_resumes_what_was_left_and_forgets_what_nobody_wanted(device, now, monkeypatch):
    sent = []
    monkeypatch.setattr(day_file_life, "send", sent.append)
    waiting, checked = bring(device, DAY), bring(device, DAY)
    day_file_life.begin(checked, now)
    assert day_file_life.sweep(now + timedelta(minutes=4)) == []
    assert day_file_life.sweep(now + timedelta(minutes=6)) == sent == [waiting.pk]
    day_file_life.sweep(now + timedelta(days=8))
    assert not DayFile.objects.filter(pk=checked.pk).exists()


def test_a_large_file_waits_for_the_worker(device, monkeypatch, now):
    sent = []
    monkeypatch.setattr(day_file_life, "send", sent.append)
    monkeypatch.setattr(day_file_life, "AT_ONCE_BYTES", 10)
    day_file = bring(device, DAY)
    day_file_life.begin(day_file, now)
    assert (sent, day_file.state, day_file.percent) == ([day_file.pk], "checking", 0)


def test_nothing_comes_in_for_a_machine_that_was_archived_meanwhile(device, now):
    day_file = bring(device, DAY)
    day_file_life.begin(day_file, now)
    type(device).objects.filter(pk=device.pk).update(archived_at=now)
    day_file_life.start(day_file, now)
    assert (day_file.state, Reading.objects.count()) == ("failed", 0) and "archived" in day_file.error


def test_an_error_of_ours_is_told_and_ends_it(device, monkeypatch):
    monkeypatch.setattr(intake, "foresee", lambda *_: 1 / 0)
    day_file = bring(device, DAY)
    day_file_life.begin(day_file, timezone.now())
    assert day_file.state == "failed" and "error of the service" in day_file.error


# the page


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
    day_file = bring(device, DAY, by=asha)
    client = page(request.getfixturevalue(who))
    assert upload(client, device).status_code == status
    for path in ("", "progress/", "lines/"):
        assert client.get(f"/dashboard/imports/{day_file.pk}/{path}").status_code == status
    for deed in ("start", "discard"):
        assert client.post(f"/dashboard/imports/{day_file.pk}/{deed}/").status_code == status
    assert not Reading.objects.exists() and DayFile.objects.count() == 1


def test_progress_is_a_number_and_the_page_turns_when_it_is_done(asha, page, device):
    day_file = bring(device, DAY, by=asha)
    DayFile.objects.update(read_bytes=len(DAY) // 2, lines=1234)
    client = page(asha)
    assert "50 %" in text_of(client.get(f"/dashboard/imports/{day_file.pk}/progress/"))
    assert "1,234 lines so far" in text_of(client.get(f"/dashboard/imports/{day_file.pk}/"))
    day_file_life.begin(day_file, timezone.now())
    assert client.get(f"/dashboard/imports/{day_file.pk}/progress/")["HX-Refresh"] == "true"


def test_the_machines_page_leads_to_export_and_import(asha, vera, page, device):
    path = f"/dashboard/machines/{device.pk}/?start=2025-01-15T10:00&end=2025-01-16T10:00"
    body = page(asha).get(path).content.decode()
    asked = f"/data/export?device_id={device.pk}&amp;start_time=2025-01-15T04%3A30%3A00%2B00%3A00"
    assert asked in body and f"/dashboard/machines/{device.pk}/import/" in body
    assert "/import/" not in page(vera).get(path).content.decode()
