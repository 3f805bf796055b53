"""Readings over the API: the latest, a span of them, everything as a file, and how a device stands."""

from datetime import timedelta

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from core.conditional_get import unless_unchanged
from core.openapi_parameters import ErrorSerializer
from devices.models import Device
from factories.permissions import meant_factory, rights_in, row_or_404
from factories.roles import Right
from telemetry.analytics.baseline import band
from telemetry.api import serializers as shapes
from telemetry.etags import tag_of_device, tag_of_factory, tick
from telemetry.export import streams
from telemetry.metrics import STORED, SUSPECT_BIT
from telemetry.models import Clock, LastWord, Reading
from telemetry.queries import live_status as at_this_moment
from telemetry.queries.timeseries import TooManyReadings, buckets
from telemetry.queries.uptime import uptime

REFUSALS = {400: OpenApiTypes.OBJECT, 401: ErrorSerializer, 403: ErrorSerializer, 404: ErrorSerializer}


def asked(shape, request):
    """The query as `shape` understands it; 400 naming the parameter otherwise."""
    query = shape(data=request.query_params, context={"now": timezone.now()})
    query.is_valid(raise_exception=True)
    return query


def device_asked(request, pk):
    devices = Device.objects.select_related("factory").prefetch_related("profiles", "hardware")
    return row_or_404(devices, request.user, pk, Right.READ_DATA)


class LatestView(APIView):
    @extend_schema(
        operation_id="data_latest",
        parameters=[shapes.LatestQuery],
        responses={200: shapes.LatestSerializer, 304: None, **REFUSALS},
    )
    def get(self, request):
        """The last word of every device of a factory, or of one device; a reading shows as soon as it is stored.

        What depends on the clock (offline, uptime) is as of the last minute. With `If-None-Match` of the last answer's
        `ETag`: 304 while nothing has changed.
        """
        query, now = asked(shapes.LatestQuery, request).validated_data, tick(timezone.now())
        if "device_id" in query:
            device = device_asked(request, query["device_id"])
            devices, tag = [device], tag_of_device(device, said=asker(request, device.factory, now))
        else:
            factory = meant_factory(request, Right.READ_DATA)
            devices = Device.objects.filter(factory=factory).sending().select_related("factory")
            tag = tag_of_factory(factory, said=asker(request, factory, now))
        return unless_unchanged(
            request, tag, lambda: Response(shapes.LatestSerializer(at_this_moment.standing(devices, now)).data)
        )


class TimeseriesView(APIView):
    @extend_schema(
        operation_id="data_timeseries",
        parameters=[shapes.TimeseriesQuery],
        responses={
            200: PolymorphicProxySerializer(
                "Timeseries",
                [shapes.ReadingSerializer(many=True), shapes.SeriesSerializer],
                resource_type_field_name=None,
                many=False,
            ),
            304: None,
            **REFUSALS,
        },
    )
    def get(self, request):
        """Readings as they were sent, oldest first; with points, resolution or metric: columns for a chart.

        With a start, the first `limit` readings from there; without one, the newest `limit` of the span.
        Columns without an end reach to the next whole minute, and come with an `ETag`: sent back as `If-None-Match`
        it gives 304 while nothing has changed.
        """
        query = asked(shapes.TimeseriesQuery, request)
        given = query.validated_data
        device = device_asked(request, given["device_id"])
        if not query.is_columnar:
            return Response(shapes.ReadingSerializer(readings(device, given), many=True).data)
        now = min(tick(timezone.now()), given["end"])  # a span that is over does not change with the clock
        tag = tag_of_device(device, said=asker(request, device.factory, now, given["start"], given["end"]))
        return unless_unchanged(request, tag, lambda: Response(chart(device, given, now)))


def asker(request, factory, *as_of):
    """Who asks for what, and as of when: one person's answer is never another's."""
    rights = sorted(rights_in(request.user, factory))
    return request.user.pk, rights, request.path, sorted(request.query_params.lists()), *as_of


def chart(device, given, now):
    try:
        found = buckets(
            device,
            given["start"],
            given["end"],
            points=given.get("points", 800),
            metrics=list(dict.fromkeys(given.get("metric") or [])) or None,
            resolution=given.get("resolution"),
            now=now,
        )
    except TooManyReadings as error:
        raise ValidationError({"resolution": [str(error)]}) from error
    if given["baseline"]:
        found["baseline"] = band(device, found, given["start"], given["end"])
    return found


def readings(device, given):
    """At most `limit` readings of the span as the API shows them, oldest first."""
    fields = ["at", "received_at", "clock", "suspect", "extra", *STORED]
    wanted = Reading.objects.filter(device=device, at__gte=given["start"], at__lt=given["end"]).values(*fields)
    if "start_time" in given:
        rows = list(wanted.order_by("at")[: given["limit"]])
    else:
        rows = list(wanted.order_by("-at")[: given["limit"]])[::-1]
    for row in rows:
        row |= {"device_id": device.pk, "timestamp": row["at"], "clock": Clock(row["clock"]).label}
        row["suspect"] = [name for name in STORED if row["suspect"] & SUSPECT_BIT[name]]
    return rows


class AnyFormat(DefaultContentNegotiation):
    """`format` is the file's kind here, not DRF's, and errors are JSON whatever the client would accept."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


EXPORT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportView(APIView):
    content_negotiation_class = AnyFormat

    @extend_schema(
        operation_id="data_export",
        parameters=[shapes.ExportQuery],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): OpenApiTypes.BINARY,
            **REFUSALS,
        },
    )
    def get(self, request):
        """Every reading of the span as a file, as it was sent. CSV in UTC, XLSX in the factory's time; no cap."""
        given = asked(shapes.ExportQuery, request).validated_data
        device = device_asked(request, given["device_id"])
        start, end, kind = given["start"], given["end"], given["format"]
        pages = (streams.xlsx_pages if kind == "xlsx" else streams.csv_pages)(device, start, end)
        answer = StreamingHttpResponse(pages, content_type=EXPORT_TYPES[kind])
        name = streams.filename(device, start, end, kind)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Accel-Buffering"] = "no"  # a proxy would collect a page before it lets the first byte go
        return answer


class StatusView(APIView):
    @extend_schema(operation_id="device_status", responses={200: shapes.StatusSerializer, **REFUSALS})
    def get(self, request, pk):
        """Whether a device reports: last word and the share of the last 24 hours in which it reported."""
        device = device_asked(request, pk)
        now = timezone.now()
        percent = uptime([device], now - timedelta(days=1), now)[device.pk]
        last_seen = LastWord.objects.filter(device=device).values_list("heard_at", flat=True).first()
        answer = {
            "id": device.pk,
            "device_id": device.device_id,
            "device_name": device.device_name,
            "is_active": device.is_active,
            "last_seen": last_seen,
            "uptime_percentage": None if percent is None else round(percent, 1),
        }
        return Response(shapes.StatusSerializer(answer).data)
