"""URLs of reports, verification and the calculator: pages and API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from reports.api.reports import ReportViewSet, VerifyView
from reports.views import calculator, decisions
from reports.views import reports as report_pages

router = SimpleRouter(trailing_slash=False)
router.register("reports", ReportViewSet, basename="api_report")

urlpatterns = [
    # Reports: pages
    path("dashboard/reports/", report_pages.report_list, name="report_list"),
    path("dashboard/reports/make/", report_pages.report_make, name="report_make"),
    path("dashboard/reports/<int:pk>/", report_pages.report_detail, name="report_detail"),
    path("dashboard/reports/<int:pk>/row/", report_pages.report_row, name="report_row"),
    path("dashboard/reports/<int:pk>/progress/", report_pages.report_progress, name="report_progress"),
    path("dashboard/reports/<int:pk>/pdf/", report_pages.report_pdf, name="report_pdf"),
    path("dashboard/reports/again/", report_pages.report_made_again, name="report_made_again"),
    path("dashboard/reports/<int:pk>/annexure/", report_pages.report_annexure, name="report_annexure"),
    path("dashboard/reports/<int:pk>/waive/", decisions.report_waive, name="report_waive"),
    path(
        "dashboard/reports/<int:pk>/waivers/<int:waiver>/take-back/",
        decisions.report_take_waiver_back,
        name="report_take_waiver_back",
    ),
    path("dashboard/reports/<int:pk>/finalise/", decisions.report_finalise, name="report_finalise"),
    path("dashboard/reports/<int:pk>/replace/", decisions.report_replace, name="report_replace"),
    path("dashboard/reports/<int:pk>/retry/", decisions.report_retry, name="report_retry"),
    # Calculator: pages
    path("dashboard/what-if/", calculator.what_if, name="what_if"),
    path("dashboard/what-if/<int:pk>/", calculator.what_if_kept, name="what_if_kept"),
    path("dashboard/what-if/<int:pk>/remove/", calculator.what_if_remove, name="what_if_remove"),
    path("verify/<str:sha256>", VerifyView.as_view(), name="verify"),
    *router.urls,
]
