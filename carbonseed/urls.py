"""The whole map: every address of the service on one page. The API has no prefix and no trailing slash."""

from django.contrib import admin
from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from carbonseed import views

schema = {"permission_classes": [AllowAny], "authentication_classes": []}

urlpatterns = [
    path("admin/", admin.site.urls),
    # Landing, overview, machines
    path("", views.landing, name="landing"),
    path("dashboard/", views.overview, name="overview"),
    # The API, described
    path("openapi.json", SpectacularJSONAPIView.as_view(**schema), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi", **schema), name="api_docs"),
]
