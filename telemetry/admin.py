"""Read-only admin of telemetry. Readings and quarter hours have pages of their own, since the admin does not support
composite primary keys: a proxy of the device stands for its rows, filtered by span and paginated."""

from datetime import datetime, timedelta

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from core.read_only_admin import ReadOnlyAdmin
from devices.models import Device
from telemetry.metrics import METRIC_NAMES, ROLLED_UP_METRICS, SUSPECT_BIT
from telemetry.models import (
    Clock,
    DayFile,
    DeviceQuarterHours,
    DeviceReadings,
    DirtySpan,
    DoubtfulStep,
    KeyUse,
    LastSeen,
    ProcessedSpan,
    QuarantineItem,
    QuarterHour,
    Reading,
    Recommendation,
    RefusalCount,
    UnitDoubt,
    UnreadStreak,
)

PAGE_SIZE = 100
MAX_PAYLOAD_CHARACTERS = 4_000  # characters


class TelemetryAdmin(ReadOnlyAdmin):
    """Without the full result count, which would scan large tables."""

    show_full_result_count = False


@admin.register(QuarantineItem)
class QuarantineItemAdmin(TelemetryAdmin):
    list_display = ["received_at", "factory", "device", "reason", "detail", "state", "decided_by", "decided_at"]
    list_filter = ["state", "reason", "factory"]
    search_fields = ["detail", "device__device_id", "device__device_name"]
    date_hierarchy = "received_at"
    list_select_related = ["factory", "device", "decided_by"]
    exclude = ["payload"]
    readonly_fields = ["as_sent"]

    @admin.display(description="as it was sent")
    def as_sent(self, row) -> str:
        return bytes(row.payload).decode("utf-8", "backslashreplace")[:MAX_PAYLOAD_CHARACTERS]


@admin.register(DoubtfulStep)
class DoubtfulStepAdmin(TelemetryAdmin):
    list_display = ["after_at", "device", "metric", "gained_kwh", "possible_kwh", "reason", "decision", "decided_by"]
    list_filter = ["decision", "reason", "metric", "device__factory"]
    search_fields = ["device__device_id", "device__device_name", "note"]
    date_hierarchy = "after_at"
    list_select_related = ["device", "decided_by"]


@admin.register(UnitDoubt)
class UnitDoubtAdmin(TelemetryAdmin):
    list_display = ["opened_at", "device", "kind", "seen", "expected", "state", "decided_by", "decided_at"]
    list_filter = ["state", "kind", "device__factory"]
    search_fields = ["device__device_id", "device__device_name", "note"]
    date_hierarchy = "opened_at"
    list_select_related = ["device", "decided_by"]


@admin.register(DayFile)
class DayFileAdmin(TelemetryAdmin):
    list_display = ["uploaded_at", "factory", "device", "uploaded_by", "name", "state", *DayFile.COUNTS]
    list_filter = ["state", "factory"]
    search_fields = ["name", "sha256", "device__device_id"]
    date_hierarchy = "uploaded_at"
    list_select_related = ["factory", "device", "uploaded_by"]


@admin.register(RefusalCount)
class RefusalCountAdmin(TelemetryAdmin):
    list_display = ["on", "device", "status", "count", "last_at"]
    list_filter = ["status", "device__factory"]
    search_fields = ["device__device_id", "device__device_name"]
    date_hierarchy = "on"
    list_select_related = ["device"]


@admin.register(UnreadStreak)
class UnreadStreakAdmin(TelemetryAdmin):
    list_display = ["key", "since", "requests", "last_at", "status", "detail"]
    list_filter = ["status", "key__factory"]
    search_fields = ["key__prefix", "key__device__device_id", "detail"]
    list_select_related = ["key__device", "key__factory"]


@admin.register(LastSeen)
class LastSeenAdmin(TelemetryAdmin):
    list_display = ["device", "heard_at", "reading_at"]
    list_filter = ["device__factory"]
    search_fields = ["device__device_id", "device__device_name"]
    ordering = ["-heard_at"]
    list_select_related = ["device"]


@admin.register(KeyUse)
class KeyUseAdmin(TelemetryAdmin):
    list_display = ["key", "used_at"]
    search_fields = ["key__prefix"]
    ordering = ["-used_at"]
    list_select_related = ["key"]


class SpanLogAdmin(TelemetryAdmin):
    ordering = ["pk"]
    list_select_related = ["device"]
    search_fields = ["device__device_id", "device__device_name"]


@admin.register(DirtySpan)
class DirtySpanAdmin(SpanLogAdmin):
    list_display = ["pk", "device", "first_at", "last_at", "readings", "received_at", "key_prefix", "is_present"]


@admin.register(ProcessedSpan)
class ProcessedSpanAdmin(SpanLogAdmin):
    list_display = ["pk", "device", "first_at", "last_at", "received_at", "digested_at", "is_present"]


class SpanForm(forms.Form):
    """The span of rows to show; the last day by default."""

    start = forms.DateTimeField(required=False)
    end = forms.DateTimeField(required=False)

    def span(self, newest) -> tuple[datetime, datetime]:
        query = self.cleaned_data if self.is_valid() else {}
        end = query.get("end") or newest or timezone.now()
        try:
            return query.get("start") or end - timedelta(days=1), end
        except OverflowError:
            return end, end


def format_cell(cell) -> object:
    """Datetimes to the second in the admin's time zone; everything else unchanged."""
    return f"{timezone.localtime(cell):%Y-%m-%d %H:%M:%S}" if hasattr(cell, "tzinfo") else cell


class DeviceRowsAdmin(TelemetryAdmin):
    """A list of devices; each links to the page of its rows."""

    list_display = ["__str__", "factory", "machine_name", "location", "is_active"]
    list_filter = ["factory", "is_active"]
    search_fields = ["device_id", "device_name", "machine_name"]
    list_select_related = ["factory"]
    rows, moment, columns = None, "", []

    def change_view(self, request, object_id, form_url="", extra_context=None) -> TemplateResponse:
        device = get_object_or_404(Device, pk=object_id if object_id.isdecimal() and len(object_id) < 19 else 0)
        rows = self.rows.filter(device=device)
        form = SpanForm(request.GET)
        newest = rows.order_by(f"-{self.moment}").values_list(self.moment, flat=True).first()
        start, end = form.span(newest)
        span = {f"{self.moment}__gte": start, f"{self.moment}__lte": end}
        paginator = Paginator(rows.filter(**span).order_by(f"-{self.moment}"), PAGE_SIZE)
        page = paginator.get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{self.opts.verbose_name_plural.capitalize()} of {device}",
            "device": device,
            "form": form,
            "start": start,
            "end": end,
            "columns": self.columns,
            "page": page,
            "lines": [[format_cell(cell) for cell in self.cells(row)] for row in page],
        }
        return TemplateResponse(request, "admin/telemetry/rows.html", context)

    def cells(self, row) -> list:
        """Cells in the order of `columns`."""
        raise NotImplementedError


@admin.register(DeviceReadings)
class ReadingsAdmin(DeviceRowsAdmin):
    rows, moment = Reading.objects.all(), "at"
    columns = ["at", "received", "clock", *METRIC_NAMES, "suspect", "extra"]

    def cells(self, row) -> list:
        suspect = [name for name in METRIC_NAMES if row.suspect & SUSPECT_BIT[name]]
        values = [getattr(row, name) for name in METRIC_NAMES]
        return [row.at, row.received_at, Clock(row.clock).label, *values, ", ".join(suspect), row.extra or ""]


@admin.register(DeviceQuarterHours)
class QuarterHoursAdmin(DeviceRowsAdmin):
    rows, moment = QuarterHour.objects.all(), "starts_at"
    columns = ["starts at", "received", "expected", "suspect", "kWh", "bridged kWh", "covered s"] + [
        f"{metric.name} {part}" for metric in ROLLED_UP_METRICS for part in ("count", "min", "mean", "max")
    ]

    def cells(self, row) -> list:
        cells = [row.starts_at, row.received, row.expected, row.suspect, row.energy_kwh, row.bridged_kwh, row.covered_s]
        for metric in ROLLED_UP_METRICS:
            count, total = getattr(row, f"{metric.name}_count"), getattr(row, f"{metric.name}_sum")
            mean = total / count if count and total is not None else None
            cells += [count, getattr(row, f"{metric.name}_min"), mean, getattr(row, f"{metric.name}_max")]
        return cells


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    list_display = ["device", "detector", "kind", "since", "until", "confidence", "dismissed_at", "dismissed_by"]
    list_filter = ["detector", "kind", ("dismissed_at", admin.EmptyFieldListFilter), "device__factory"]
    list_select_related = ["device", "dismissed_by"]
    search_fields = ["device__device_id", "words"]
