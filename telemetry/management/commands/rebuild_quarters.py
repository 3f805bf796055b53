"""Rebuild quarter hours, and the days summed from them, from raw readings."""

from datetime import UTC, datetime, time
from functools import partial

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from devices.models import Device
from telemetry.etags import bump_edition
from telemetry.models import Reading
from telemetry.rollups.digest import rebuild_quarters

BAR_WIDTH = 30  # characters of the bar


class Command(BaseCommand):
    help = "Rebuild quarter hours and days of one device, or of all, from raw readings. Quarters without raw ones stay."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--device", type=int, action="append", help="the device's number; repeatable; default: all")
        parser.add_argument(
            "--start", type=parse_moment, help="date or moment (UTC without an offset); default: the first reading"
        )
        parser.add_argument("--end", type=parse_moment, help="date or moment; default: the last reading")

    def handle(self, *, device, start, end, **options) -> None:
        devices = Device.objects.filter(pk__in=device) if device else Device.objects.all()
        missing = set(device or []) - {one_device.pk for one_device in devices}
        if missing:
            raise CommandError(f"There is no device {', '.join(map(str, sorted(missing)))}.")
        for one_device in devices.order_by("pk"):
            self.rebuild(one_device, start, end)

    def rebuild(self, device, start, end) -> None:
        moments = Reading.objects.filter(device=device).order_by("at").values_list("at", flat=True)
        first, last = moments.first(), moments.last()
        if first is None:
            self.stdout.write(f"{device}: no raw readings")
            return
        first, last = max(start or first, first), min(end or last, last)
        if first > last:
            self.stdout.write(f"{device}: no raw readings in this span")
            return
        written = rebuild_quarters(device, first, last, timezone.now(), partial(self.print_progress, device))
        bump_edition(Device.objects.filter(pk=device.pk))
        self.stdout.write(f"\r{device}: {written} quarter hours written{' ' * BAR_WIDTH}")

    def print_progress(self, device, share) -> None:
        bar = round(share * BAR_WIDTH)
        self.stdout.write(f"\r{device}: [{'#' * bar}{'.' * (BAR_WIDTH - bar)}] {share:4.0%}", ending="")
        self.stdout.flush()


def parse_moment(text) -> datetime:
    """A date (midnight UTC) or moment; argparse turns the ValueError into a message."""
    parsed = parse_datetime(text)
    if parsed is None:
        date = parse_date(text)
        if date is None:
            raise ValueError(text)
        parsed = datetime.combine(date, time())
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
