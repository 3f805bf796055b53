"""URLs of machines, devices and keys: pages and API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from devices.api.devices import DeviceViewSet
from devices.api.keys import DeviceKeyViewSet, GatewayKeyViewSet
from devices.views import keys as key_pages
from devices.views import machines as machine_pages

ISSUE, REVOKE = {"post": "create"}, {"delete": "destroy"}
router = SimpleRouter(trailing_slash=False)
router.register("devices", DeviceViewSet, basename="api_device")

urlpatterns = [
    # Machines, their devices and keys: pages
    path("dashboard/machines/new/", machine_pages.machine_new, name="machine_new"),
    path("dashboard/machines/<int:pk>/edit/", machine_pages.machine_edit, name="machine_edit"),
    path("dashboard/machines/<int:pk>/profile/", machine_pages.machine_profile, name="machine_profile"),
    path("dashboard/machines/<int:pk>/pause/", machine_pages.machine_pause, name="machine_pause"),
    path("dashboard/machines/<int:pk>/resume/", machine_pages.machine_resume, name="machine_resume"),
    path("dashboard/machines/<int:pk>/archive/", machine_pages.machine_archive, name="machine_archive"),
    path("dashboard/machines/<int:pk>/swap/", machine_pages.machine_swap, name="machine_swap"),
    path("dashboard/machines/<int:pk>/keys/", key_pages.machine_keys, name="machine_keys"),
    path("dashboard/keys/", key_pages.gateway_keys, name="gateway_keys"),
    path("dashboard/keys/<slug:prefix>/revoke/", key_pages.key_revoke, name="key_revoke"),
    # Factories, devices, keys: API
    path("factories/<int:pk>/keys", GatewayKeyViewSet.as_view(ISSUE), name="api_factory_keys"),
    path("factories/<int:pk>/keys/<slug:prefix>", GatewayKeyViewSet.as_view(REVOKE), name="api_factory_key"),
    path("devices/<int:pk>/keys", DeviceKeyViewSet.as_view(ISSUE), name="api_device_keys"),
    path("devices/<int:pk>/keys/<slug:prefix>", DeviceKeyViewSet.as_view(REVOKE), name="api_device_key"),
    *router.urls,
]
