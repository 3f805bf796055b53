"""Day files by command and by workflow: validated as ingest, with a result for every odd line."""

import gzip
import io
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone

from devices.models import Hardware
from devices.tests.cast import make_device
from telemetry.imports import chunked_import, workflow
from telemetry.metrics import IMPLAUSIBLE_BIT, METRIC_NAMES
from telemetry.models import DayFile, DayFileChunk, DayFileLine, DirtySpan, LastSeen, QuarantineItem, Reading
from telemetry.rollups.digest import digest
from telemetry.storage.partitions import existing_months
from telemetry.tests.import_files import DAY, HEAD, counts, import_day_file, upload_day_file
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


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
    assert lines == [
        "SF-001.csv: from 2023-05-15T10:00:00+00:00 to 2023-05-15T10:10:00+00:00; 2023-05 (3)",
        "SF-001.csv: line 2: 2023-05-15T15:30:00+05:30 temperature 850.5, power_consumption 32.5",
        "SF-001.csv: line 3: 2023-05-15T15:35:00+05:30 temperature 851, power_consumption 33",
        "SF-001.csv: line 4: 2023-05-15T15:40:00+05:30 temperature 852, power_consumption 33.5",
        "SF-001.csv: temperature: 3 values, least 850.500 (line 2), greatest 852.000 (line 4), sum 2,553.500",
        "SF-001.csv: power_consumption: 3 values, least 32.500 (line 2), greatest 33.500 (line 4), sum 99.000",
        "SF-001.csv: 3 lines: 3 would be accepted, 0 duplicates, 0 quarantined, 0 refused",
    ]
    assert not Reading.objects.exists() and not DayFile.objects.exists() and existing_months() == months


@pytest.mark.parametrize("is_dry", [True, False])
def test_every_odd_line_is_told_with_its_number_field_and_reason(run, device, now, is_dry):
    store_readings(device, now - timedelta(hours=24, minutes=30), [99.0], metric="temperature")
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
    assert told[:9] == [
        "2: temperature: 99.0 is stored, 850.5 was sent (held in quarantine)",
        "5: timestamp: has no offset; add Z for UTC or +05:30 for India (refused)",
        "6: timestamp: has no offset; add Z for UTC or +05:30 for India (refused)",
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
    assert QuarantineItem.objects.count() == (0 if is_dry else 3)
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
    make_device(chem_works, "ESP32-CW-001")
    other = make_device(steel_forge, "ESP32-SF-002")
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
    make_device(steel_forge, "ESP32-SF-002")
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
    make_device(chem_works, "ESP32-SF-001")
    make_device(chem_works, "ESP32-CW-009")
    with pytest.raises(CommandError, match=words):
        run(DAY, *arguments)


def test_a_file_that_is_none_is_remembered_as_failed(run, device):
    with pytest.raises(CommandError, match="Excel"):
        run(b"PK\x03\x04", "--device", device.device_id)
    assert DayFile.objects.get().state == "failed"


def test_the_device_is_not_heard_by_an_import(run, device, now):
    """Its silence goes on: it was seen when it wrote the line, not when the card was read."""
    run(DAY, "--device", device.device_id)
    digest(now)
    assert LastSeen.objects.get().heard_at == Reading.objects.latest("at").at


# our own export


def test_an_export_imports_again_to_the_last_bit(api, asha, device, run, steel_forge, now):
    store_readings(
        device,
        now - timedelta(hours=5),
        [32.5, 0.1, 1e-7, 33.333333333333336],
        extra={"save_progress": "=1+1", "n": {"deep": [1.5]}},
        clock=1,
    )
    store_readings(device, now - timedelta(hours=4), [850.123456789], metric="temperature", suspect=0)
    store_readings(device, now - timedelta(hours=3, microseconds=123_457), [1], metric="humidity")
    answer = api(asha).get("/data/export", {"device_id": device.pk, "format": "csv"})
    text = b"".join(answer.streaming_content)
    assert run(text, "--device", device.device_id)[0][-1].endswith("0 accepted, 6 duplicates, 0 quarantined, 0 refused")
    before = list(Reading.objects.order_by("at").values_list("at", "clock", "extra", *METRIC_NAMES))
    Reading.objects.all().delete()
    assert "6 accepted" in run(gzip.compress(text), "--device", device.device_id, name="SF-001.csv.gz")[0][-1]
    assert list(Reading.objects.order_by("at").values_list("at", "clock", "extra", *METRIC_NAMES)) == before


# its life


def test_a_file_is_checked_imported_and_remembered(asha, device):
    day_file = upload_day_file(device, DAY, by=asha)
    workflow.run_or_enqueue(day_file, timezone.now())
    assert (day_file.state, counts(day_file)) == ("checked", {"lines": 3, "accepted": 3})
    assert not Reading.objects.exists()
    workflow.start_import(day_file, timezone.now())
    assert (day_file.state, counts(day_file)) == ("done", {"lines": 3, "accepted": 3})
    assert (day_file.uploaded_by, day_file.size, len(day_file.sha256)) == (asha, len(DAY), 64)
    assert Reading.objects.count() == 3 and DirtySpan.objects.count() == 1
    assert not DayFileChunk.objects.exists()
    entry = LogEntry.objects.get_for_object(day_file).first()
    assert (entry.actor, entry.object_repr) == (asha, "SF-001.csv (3 readings)")
    assert entry.additional_data["factory_id"] == device.factory_id


def test_two_people_start_it_once(device):
    day_file = import_day_file(device, DAY)
    with pytest.raises(workflow.WrongState):
        workflow.start_import(day_file, timezone.now())
    with pytest.raises(workflow.WrongState):
        workflow.discard(day_file)


def test_a_long_file_goes_in_stretches_and_on_after_a_kill(device, settings, monkeypatch):
    settings.INGEST_MAX_READINGS = 10
    lines = "".join(f"2025-01-15T10:{n // 60:02}:{n % 60:02}Z,{n},1\n" for n in range(35))
    day_file = upload_day_file(device, HEAD + lines + "broken\n")
    workflow.run_or_enqueue(day_file, timezone.now())
    real, kept = chunked_import.save_progress, []

    def killed(day_file, read_bytes, stretch):
        if len(kept) == 2:
            raise KeyboardInterrupt  # in the transaction of the third stretch
        kept.append(stretch)
        real(day_file, read_bytes, stretch)

    monkeypatch.setattr(chunked_import, "save_progress", killed)
    with pytest.raises(KeyboardInterrupt):
        workflow.start_import(day_file, timezone.now())
    day_file.refresh_from_db()
    assert (day_file.state, day_file.lines, day_file.accepted, Reading.objects.count()) == ("importing", 20, 20, 20)
    monkeypatch.setattr(chunked_import, "save_progress", real)
    workflow.claim_and_run(day_file.pk, timezone.now())  # its worker may be alive
    assert Reading.objects.count() == 20
    later = timezone.now() + timedelta(days=1000)
    workflow.claim_and_run(day_file.pk, later)
    day_file.refresh_from_db()
    assert (day_file.state, counts(day_file)) == ("done", {"lines": 36, "accepted": 35, "refused": 1})
    assert Reading.objects.count() == 35 and DayFileLine.objects.count() == 1


def test_a_worker_whose_file_was_taken_over_stops(device, settings, monkeypatch):
    settings.INGEST_MAX_READINGS = 1
    day_file = upload_day_file(device, DAY)
    workflow.run_or_enqueue(day_file, timezone.now())
    real = chunked_import.save_line_results

    def stolen(day_file, stretch):
        real(day_file, stretch)
        if stretch.last_line == 3:
            DayFile.objects.filter(pk=day_file.pk).update(claim="another")

    monkeypatch.setattr(chunked_import, "save_line_results", stolen)
    workflow.start_import(day_file, timezone.now())
    assert (day_file.state, day_file.accepted, Reading.objects.count()) == ("importing", 1, 1)


def test_a_long_survey_keeps_its_claim_and_stops_when_it_is_lost(device, monkeypatch):
    monkeypatch.setattr("telemetry.imports.formats.table_survey.BEAT_LINES", 2)
    day_file, beats = upload_day_file(device, DAY), []
    real = chunked_import.renew_claim

    def beat(day_file, read_bytes):
        beats.append(read_bytes)
        DayFile.objects.filter(pk=day_file.pk).update(claim="another")
        real(day_file, read_bytes)

    monkeypatch.setattr(chunked_import, "renew_claim", beat)
    workflow.run_or_enqueue(day_file, timezone.now())
    assert (beats, day_file.state, day_file.claim) == ([len(DAY)], "checking", "another")


def test_the_sweep_resumes_what_was_left_and_forgets_what_nobody_wanted(device, now, monkeypatch):
    sent = []
    monkeypatch.setattr(workflow, "enqueue", sent.append)
    waiting, checked = upload_day_file(device, DAY), upload_day_file(device, DAY)
    workflow.run_or_enqueue(checked, now)
    assert workflow.sweep(now + timedelta(minutes=4)) == []
    assert workflow.sweep(now + timedelta(minutes=6)) == sent == [waiting.pk]
    workflow.sweep(now + timedelta(days=8))
    assert not DayFile.objects.filter(pk=checked.pk).exists()


def test_a_large_file_waits_for_the_worker(device, monkeypatch, now):
    sent = []
    monkeypatch.setattr(workflow, "enqueue", sent.append)
    monkeypatch.setattr(workflow, "INLINE_BYTES", 10)
    day_file = upload_day_file(device, DAY)
    workflow.run_or_enqueue(day_file, now)
    assert (sent, day_file.state, day_file.percent) == ([day_file.pk], "checking", 0)


def test_nothing_comes_in_for_a_machine_that_was_archived_meanwhile(device, now):
    day_file = upload_day_file(device, DAY)
    workflow.run_or_enqueue(day_file, now)
    type(device).objects.filter(pk=device.pk).update(archived_at=now)
    workflow.start_import(day_file, now)
    assert (day_file.state, Reading.objects.count()) == ("failed", 0) and "archived" in day_file.error


def test_an_error_of_ours_is_told_and_ends_it(device, monkeypatch):
    monkeypatch.setattr(chunked_import, "preview_batches", lambda *_: 1 / 0)
    day_file = upload_day_file(device, DAY)
    workflow.run_or_enqueue(day_file, timezone.now())
    assert day_file.state == "failed" and "error of the service" in day_file.error
