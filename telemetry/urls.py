"""URLs of telemetry: ingest, queries, quarantine, recommendations and imports."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from telemetry.api.bulk import BulkUploadViewSet
from telemetry.api.doubts import DeviceDoubtfulStepViewSet, DeviceUnitDoubtViewSet, DoubtfulStepViewSet
from telemetry.api.imports import DayFileViewSet
from telemetry.api.quarantine import DeviceQuarantineViewSet, QuarantineViewSet
from telemetry.api.readings import IgnoreAcceptHeader, ReadingViewSet
from telemetry.api.recommendations import DeviceRecommendationViewSet, RecommendationViewSet
from telemetry.api.refusals import DeviceRefusalViewSet
from telemetry.api.unread import UnreadViewSet
from telemetry.ingest.views import IngestView
from telemetry.views import doubts, imports, quarantine, recommendations

router = SimpleRouter(trailing_slash=False)
router.register("quarantine", QuarantineViewSet, basename="quarantine")
router.register("doubtful-steps", DoubtfulStepViewSet, basename="api_doubtful_step")
router.register("recommendations", RecommendationViewSet, basename="api_recommendation")
router.register("imports", DayFileViewSet, basename="api_import")

export = ReadingViewSet.as_view({"get": "export"}, content_negotiation_class=IgnoreAcceptHeader)

urlpatterns = [
    # Ingest, with and without a slash: a redirect turns POST into GET in some clients
    path("ingest", IngestView.as_view(), name="ingest"),
    path("ingest/", IngestView.as_view(schema=None), name="ingest_slash"),
    # API
    path("data/latest", ReadingViewSet.as_view({"get": "latest"}), name="api_latest"),
    path("data/timeseries", ReadingViewSet.as_view({"get": "timeseries"}), name="api_timeseries"),
    path("data/export", export, name="api_export"),
    path("data/bulk", BulkUploadViewSet.as_view({"post": "create"}), name="api_data_bulk"),
    path("devices/<int:pk>/status", ReadingViewSet.as_view({"get": "device_status"}), name="api_device_status"),
    path(
        "devices/<int:pk>/recommendations",
        DeviceRecommendationViewSet.as_view({"get": "list"}),
        name="api_recommendations",
    ),
    path("devices/<int:pk>/quarantine", DeviceQuarantineViewSet.as_view({"get": "list"}), name="quarantine-device"),
    path(
        "devices/<int:pk>/doubtful-steps",
        DeviceDoubtfulStepViewSet.as_view({"get": "list", "post": "create"}),
        name="api_device_doubtful_steps",
    ),
    path(
        "devices/<int:pk>/unit-doubts",
        DeviceUnitDoubtViewSet.as_view({"get": "list", "post": "answer"}),
        name="api_unit_doubts",
    ),
    path("devices/<int:pk>/refusals", DeviceRefusalViewSet.as_view({"get": "list"}), name="api_refusals"),
    path("unread", UnreadViewSet.as_view({"get": "list"}), name="api_unread"),
    *router.urls,
    # Pages
    path(
        "dashboard/recommendations/<int:pk>/dismiss/",
        recommendations.recommendation_dismiss,
        name="recommendation_dismiss",
    ),
    path("dashboard/quarantine/", quarantine.quarantine_list, name="quarantine_list"),
    path("dashboard/quarantine/<int:pk>/release/", quarantine.quarantine_release, name="quarantine_release"),
    path("dashboard/quarantine/<int:pk>/discard/", quarantine.quarantine_discard, name="quarantine_discard"),
    path("dashboard/machines/<int:pk>/doubts/", doubts.machine_doubts, name="machine_doubts"),
    path("dashboard/machines/<int:pk>/doubts/decide/", doubts.steps_decide, name="steps_decide"),
    path("dashboard/machines/<int:pk>/unit-answer/", doubts.unit_answer, name="unit_answer"),
    path("dashboard/machines/<int:pk>/void-value/", doubts.value_void, name="value_void"),
    path("dashboard/doubtful-steps/<int:pk>/decide/", doubts.step_decide, name="step_decide"),
    path("dashboard/machines/<int:pk>/import/", imports.machine_import, name="machine_import"),
    path("dashboard/imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("dashboard/imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("dashboard/imports/<int:pk>/lines/", imports.import_lines, name="import_lines"),
    path("dashboard/imports/<int:pk>/layout/", imports.import_layout, name="import_layout"),
    path("dashboard/imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("dashboard/imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
]
