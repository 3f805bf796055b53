"""Day files of the furnace: their texts, upload and import."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from telemetry.imports import workflow
from telemetry.models import DayFile

HEAD = "timestamp,temperature,power_consumption\n"
DAY = HEAD + "2025-01-15T10:00:00Z,850.5,32.5\n2025-01-15T10:05:00Z,851,33\n2025-01-15T10:10:00Z,852,33.5\n"


def upload_day_file(device, text, by=None, zone="", name="SF-001.csv"):
    upload = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return workflow.save_upload(device.factory, device, upload, zone=zone, by=by, now=timezone.now())


def import_day_file(device, text, **options):
    """The DayFile after it was checked and imported."""
    day_file = upload_day_file(device, text, **options)
    workflow.run_or_enqueue(day_file, timezone.now())
    assert day_file.state == "checked", (day_file.state, day_file.error)
    workflow.start_import(day_file, timezone.now())
    return day_file


def counts(day_file):
    return {name: getattr(day_file, name) for name in DayFile.COUNTS if getattr(day_file, name)}
