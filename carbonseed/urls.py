"""The map of addresses: each app has its own. The API has no prefix and no trailing slash."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from carbonseed.runtime import health, monitoring

schema = {"permission_classes": [AllowAny], "authentication_classes": []}

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("carbonseed.dashboard.urls")),
    path("", include("factories.urls")),
    path("", include("devices.urls")),
    path("", include("telemetry.urls")),
    path("", include("alerts.urls")),
    path("", include("registers.urls")),
    path("", include("reports.urls")),
    # Operations
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", monitoring.metrics, name="metrics"),
    # The API, described
    path("openapi.json", SpectacularJSONAPIView.as_view(**schema), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi", **schema), name="api_docs"),
]

handler400 = "carbonseed.runtime.error_responses.bad_request"
handler403 = "carbonseed.runtime.error_responses.permission_denied"
handler404 = "carbonseed.runtime.error_responses.page_not_found"
handler500 = "carbonseed.runtime.health.server_error"
