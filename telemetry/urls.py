"""Addresses of readings: ingest, queries, imports, quarantine and recommendations."""

from django.urls import path

from telemetry.api import bulk, readings
from telemetry.api import quarantine as quarantine_api
from telemetry.ingest.views import IngestView
from telemetry.views import imports, recommendations
from telemetry.views import quarantine as quarantine_pages

urlpatterns = [
    # Recommendations
    path(
        "dashboard/recommendations/<int:pk>/dismiss/",
        recommendations.recommendation_dismiss,
        name="recommendation_dismiss",
    ),
    # Factories, devices, keys: API
    path("devices/<int:pk>/status", readings.StatusView.as_view(), name="api_device_status"),
    path(
        "devices/<int:pk>/recommendations",
        recommendations.RecommendationsView.as_view(),
        name="api_recommendations",
    ),
    # Readings: API
    path("data/latest", readings.LatestView.as_view(), name="api_latest"),
    path("data/timeseries", readings.TimeseriesView.as_view(), name="api_timeseries"),
    path("data/export", readings.ExportView.as_view(), name="api_export"),
    # Telemetry: ingest (with and without a slash: a redirect turns POST into GET in some clients)
    path("ingest", IngestView.as_view(), name="ingest"),
    path("ingest/", IngestView.as_view(schema=None), name="ingest_slash"),
    path("data/bulk", bulk.BulkReadings.as_view(), name="api_data_bulk"),
    path("quarantine", quarantine_api.QuarantineList.as_view(), name="quarantine-list"),
    path("devices/<int:pk>/quarantine", quarantine_api.DeviceQuarantineList.as_view(), name="quarantine-device"),
    path("quarantine/<int:pk>/release", quarantine_api.ReleaseView.as_view(), name="quarantine-release"),
    path("quarantine/<int:pk>/discard", quarantine_api.DiscardView.as_view(), name="quarantine-discard"),
    path("dashboard/quarantine/<int:pk>/release/", quarantine_pages.quarantine_release, name="quarantine_release"),
    path("dashboard/quarantine/<int:pk>/discard/", quarantine_pages.quarantine_discard, name="quarantine_discard"),
    # Readings that a person brings as a file
    path("dashboard/machines/<int:pk>/import/", imports.machine_import, name="machine_import"),
    path("dashboard/imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("dashboard/imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("dashboard/imports/<int:pk>/lines/", imports.import_lines, name="import_lines"),
    path("dashboard/imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("dashboard/imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
]
