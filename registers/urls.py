"""URLs of the register pages and API. `register` is the slug of a register."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from registers.api.rows import register_routes
from registers.views import checklist, imports, overview, rows, sheet

BASE = "dashboard/registers/"
router = SimpleRouter(trailing_slash=False)
register_routes(router)

urlpatterns = [
    path(BASE, overview.register_overview, name="register_overview"),
    path(f"{BASE}checklist/", checklist.register_checklist, name="register_checklist"),
    path(f"{BASE}calendar/", checklist.register_calendar, name="register_calendar"),
    path(f"{BASE}locks/", overview.register_locks, name="register_locks"),
    path(f"{BASE}documents/<int:pk>/", rows.register_document, name="register_document"),
    path(f"{BASE}<slug:register>/", sheet.register_page, name="register"),
    path(f"{BASE}<slug:register>/new/", rows.register_row_new, name="register_row_new"),
    path(f"{BASE}<slug:register>/import/", imports.register_import, name="register_import"),
    path(f"{BASE}<slug:register>/export/", imports.register_export, name="register_export"),
    path(f"{BASE}<slug:register>/not-kept/", overview.register_not_kept, name="register_not_kept"),
    path(f"{BASE}<slug:register>/kept/", overview.register_kept, name="register_kept"),
    path(f"{BASE}<slug:register>/<int:pk>/", rows.register_row, name="register_row"),
    path(f"{BASE}<slug:register>/<int:pk>/document/", rows.register_row_document, name="register_row_document"),
    path(f"{BASE}<slug:register>/<int:pk>/remove/", rows.register_row_remove, name="register_row_remove"),
    *router.urls,
]
