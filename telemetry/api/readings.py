"""Readings over the API: latest values, time series, export, and the status of a device."""

from datetime import timedelta

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from core.conditional_get import conditional_response
from core.openapi_parameters import ErrorSerializer
from devices.models import Device
from factories.permissions import factory_from_request, rights_in, row_or_404
from factories.roles import Right
from telemetry.analytics.baseline import band
from telemetry.api import serializers as shapes
from telemetry.etags import device_etag, factory_etag, whole_minute
from telemetry.export import streams
from telemetry.metrics import METRIC_NAMES, SUSPECT_BIT
from telemetry.models import Clock, LastSeen, Reading
from telemetry.queries import live_status
from telemetry.queries.timeseries import TooManyReadings, buckets
from telemetry.queries.uptime import uptime

ERROR_RESPONSES = {400: OpenApiTypes.OBJECT, 401: ErrorSerializer, 403: ErrorSerializer, 404: ErrorSerializer}


def validate_query(serializer_class, request) -> Serializer:
    """The validated query parameters; 400 naming the parameter otherwise."""
    query = serializer_class(data=request.query_params, context={"now": timezone.now()})
    query.is_valid(raise_exception=True)
    return query


def readable_device(request, pk) -> Device:
    devices = Device.objects.select_related("factory").prefetch_related("profiles", "hardware")
    return row_or_404(devices, request.user, pk, Right.READ_DATA)


def etag_variant(request, factory, *as_of) -> tuple:
    """The user, the parameters, and as of when: a response is never reused for another user."""
    rights = sorted(rights_in(request.user, factory))
    return request.user.pk, rights, request.path, sorted(request.query_params.lists()), *as_of


def chart_series(device, params, now) -> dict:
    try:
        series = buckets(
            device,
            params["start"],
            params["end"],
            points=params.get("points", 800),
            metrics=list(dict.fromkeys(params.get("metric") or [])) or None,
            resolution=params.get("resolution"),
            now=now,
        )
    except TooManyReadings as error:
        raise ValidationError({"resolution": [str(error)]}) from error
    if params["baseline"]:
        series["baseline"] = band(device, series, params["start"], params["end"])
    return series


def readings(device, params) -> list[dict]:
    """At most `limit` readings of the span, as the API shows them, oldest first."""
    fields = ["at", "received_at", "clock", "suspect", "extra", *METRIC_NAMES]
    rows_in_span = Reading.objects.filter(device=device, at__gte=params["start"], at__lt=params["end"]).values(*fields)
    if "start_time" in params:
        rows = list(rows_in_span.order_by("at")[: params["limit"]])
    else:
        rows = list(rows_in_span.order_by("-at")[: params["limit"]])[::-1]
    for row in rows:
        row |= {"device_id": device.pk, "timestamp": row["at"], "clock": Clock(row["clock"]).label}
        row["suspect"] = [name for name in METRIC_NAMES if row["suspect"] & SUSPECT_BIT[name]]
    return rows


class IgnoreAcceptHeader(DefaultContentNegotiation):
    """`format` is the type of the file here, not of DRF's renderer, and errors are JSON whatever the Accept header."""

    def select_renderer(self, request, renderers, format_suffix=None) -> tuple:
        return renderers[0], renderers[0].media_type


EXPORT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ReadingViewSet(viewsets.GenericViewSet):
    """Queries over stored readings and rollups; each with query parameters and a response of its own."""

    @extend_schema(
        operation_id="data_latest",
        parameters=[shapes.LatestQuery],
        responses={200: shapes.LatestSerializer, 304: None, **ERROR_RESPONSES},
    )
    def latest(self, request) -> HttpResponseBase:
        """The latest values of every device of a factory, or of one device; a reading shows as soon as it is stored.

        What depends on the clock (offline, uptime) is as of the last minute. With `If-None-Match` of the last
        response's `ETag`: 304 while nothing has changed.
        """
        query, now = validate_query(shapes.LatestQuery, request).validated_data, whole_minute(timezone.now())
        if "device_id" in query:
            device = readable_device(request, query["device_id"])
            devices, tag = [device], device_etag(device, variant=etag_variant(request, device.factory, now))
        else:
            factory = factory_from_request(request, Right.READ_DATA)
            devices = Device.objects.filter(factory=factory).sending().select_related("factory")
            tag = factory_etag(factory, variant=etag_variant(request, factory, now))
        return conditional_response(
            request, tag, lambda: Response(shapes.LatestSerializer(live_status.factory_status(devices, now)).data)
        )

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
            **ERROR_RESPONSES,
        },
    )
    def timeseries(self, request) -> HttpResponseBase:
        """Readings as they were sent, oldest first; with points, resolution or metric: columns for a chart.

        With a start, the first `limit` readings from there; without one, the newest `limit` of the span.
        Columns without an end reach to the next whole minute, and come with an `ETag`: sent back as `If-None-Match`
        it gives 304 while nothing has changed.
        """
        query = validate_query(shapes.TimeseriesQuery, request)
        params = query.validated_data
        device = readable_device(request, params["device_id"])
        if not query.is_columnar:
            return Response(shapes.ReadingSerializer(readings(device, params), many=True).data)
        now = min(whole_minute(timezone.now()), params["end"])  # a span that is over does not change with the clock
        tag = device_etag(device, variant=etag_variant(request, device.factory, now, params["start"], params["end"]))
        return conditional_response(request, tag, lambda: Response(chart_series(device, params, now)))

    @extend_schema(
        operation_id="data_export",
        parameters=[shapes.ExportQuery],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): OpenApiTypes.BINARY,
            **ERROR_RESPONSES,
        },
    )
    def export(self, request) -> StreamingHttpResponse:
        """Every reading of the span as a file, as it was sent. CSV in UTC, XLSX in the factory's time; no cap."""
        params = validate_query(shapes.ExportQuery, request).validated_data
        device = readable_device(request, params["device_id"])
        start, end, kind = params["start"], params["end"], params["format"]
        pages = (streams.xlsx_pages if kind == "xlsx" else streams.csv_pages)(device, start, end)
        response = StreamingHttpResponse(pages, content_type=EXPORT_TYPES[kind])
        name = streams.filename(device, start, end, kind)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Accel-Buffering"] = "no"  # a proxy would buffer a page before it forwards the first byte
        return response

    @extend_schema(operation_id="device_status", responses={200: shapes.StatusSerializer, **ERROR_RESPONSES})
    def device_status(self, request, pk) -> Response:
        """Whether a device reports: when it was last seen, and its uptime in the last 24 hours."""
        device = readable_device(request, pk)
        now = timezone.now()
        percent = uptime([device], now - timedelta(days=1), now)[device.pk]
        last_seen = LastSeen.objects.filter(device=device).values_list("heard_at", flat=True).first()
        status = {
            "id": device.pk,
            "device_id": device.device_id,
            "device_name": device.device_name,
            "is_active": device.is_active,
            "last_seen": last_seen,
            "uptime_percentage": None if percent is None else round(percent, 1),
        }
        return Response(shapes.StatusSerializer(status).data)
