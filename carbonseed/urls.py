"""The whole map: every address of the service on one page. The API has no prefix and no trailing slash."""

from django.contrib import admin
from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

from alerts.api import AlertRuleViewSet, AlertViewSet
from alerts.api_maintenance import MaintenanceViewSet
from alerts.api_notices import EscalationStepViewSet, PreferenceViewSet
from alerts.views import alerts as alert_pages
from alerts.views import escalation as escalation_pages
from alerts.views import maintenance as maintenance_pages
from alerts.views import notifications as notification_pages
from alerts.views import rule_files as rule_file_pages
from alerts.views import rules as rule_pages
from alerts.views import taps as tap_pages
from carbonseed import health, monitoring
from carbonseed.views import energy, home, insights, machines
from devices import api as devices_api
from devices.views import keys as key_pages
from devices.views import machines as machine_pages
from factories.api import accounts
from factories.api.factories import FactoryViewSet
from factories.views import history as history_pages
from factories.views import invitation as invitation_pages
from factories.views import profile as profile_pages
from factories.views import session
from factories.views import settings as settings_pages
from factories.views import tariffs as tariff_pages
from factories.views import team as team_pages
from reports import api as reports_api
from reports import views as reports_views
from reports import views_what_if
from reports.registers import api as registers_api
from reports.registers import urls as register_pages
from telemetry import api as telemetry_api
from telemetry import api_bulk, api_quarantine, views_imports, views_quarantine
from telemetry import views_recommendations as recommendation_pages
from telemetry.ingest import IngestView

schema = {"permission_classes": [AllowAny], "authentication_classes": []}

rows = SimpleRouter(trailing_slash=False)
rows.register("factories", FactoryViewSet, basename="api_factory")
rows.register("devices", devices_api.DeviceViewSet, basename="api_device")
rows.register("alerts", AlertViewSet, basename="api_alert")
rows.register("maintenance", MaintenanceViewSet, basename="api_maintenance")
rows.register("escalation-steps", EscalationStepViewSet, basename="api_escalation_step")
rows.register("notification-preferences", PreferenceViewSet, basename="api_preference")
rows.register("alert-rules", AlertRuleViewSet, basename="api_alert_rule")
rows.register("reports", reports_api.ReportViewSet, basename="api_report")
registers_api.add_to(rows)

urlpatterns = [
    path("admin/", admin.site.urls),
    # Landing, overview, machines
    path("", home.landing, name="landing"),
    path("dashboard/", home.overview, name="overview"),
    path("dashboard/live/", home.overview_live, name="overview_live"),
    path("dashboard/choose/", home.choose_factory, name="choose_factory"),
    path("dashboard/machines/", machines.machine_list, name="machine_list"),
    path("dashboard/machines/<int:pk>/", machines.machine, name="machine"),
    path("dashboard/machines/<int:pk>/live/", machines.machine_live, name="machine_live"),
    path("dashboard/insights/energy/", energy.energy_page, name="energy"),
    path("dashboard/insights/", insights.insights_page, name="insights_page"),
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
    # Alerts and rules: pages
    path("dashboard/alerts/", alert_pages.alert_list, name="alert_list"),
    path("dashboard/alerts/live/", alert_pages.alert_live, name="alert_live"),
    path("dashboard/alerts/<int:pk>/", alert_pages.alert_detail, name="alert_detail"),
    path("dashboard/alerts/<int:pk>/acknowledge/", alert_pages.alert_acknowledge, name="alert_acknowledge"),
    path("dashboard/alerts/<int:pk>/resolve/", alert_pages.alert_resolve, name="alert_resolve"),
    path("dashboard/alerts/<int:pk>/comment/", alert_pages.alert_comment, name="alert_comment"),
    path("dashboard/alerts/<int:pk>/respond/", alert_pages.alert_respond, name="alert_respond"),
    path("dashboard/alerts/escalation/", escalation_pages.escalation_list, name="escalation_list"),
    path("dashboard/alerts/escalation/<int:pk>/remove/", escalation_pages.escalation_remove, name="escalation_remove"),
    path("dashboard/alerts/maintenance/", maintenance_pages.maintenance_list, name="maintenance_list"),
    path("dashboard/alerts/maintenance/<int:pk>/end/", maintenance_pages.maintenance_end, name="maintenance_end"),
    path("dashboard/alerts/<int:pk>/snooze/", alert_pages.alert_snooze, name="alert_snooze"),
    path("dashboard/alerts/bulk/", alert_pages.alert_bulk, name="alert_bulk"),
    path("dashboard/profile/notifications/", notification_pages.notifications, name="notifications"),
    path("dashboard/profile/notifications/email/test/", notification_pages.email_test, name="email_test"),
    path("dashboard/profile/notifications/<int:pk>/test/", notification_pages.channel_test, name="channel_test"),
    path("dashboard/profile/notifications/<int:pk>/remove/", notification_pages.channel_remove, name="channel_remove"),
    path("tap/<str:token>/", tap_pages.alert_tap, name="alert_tap"),
    path("dashboard/alerts/rules/", rule_pages.rule_list, name="rule_list"),
    path("dashboard/alerts/rules/new/", rule_pages.rule_new, name="rule_new"),
    path("dashboard/alerts/rules/export/", rule_file_pages.rule_export, name="rule_export"),
    path("dashboard/alerts/rules/import/", rule_file_pages.rule_import, name="rule_import"),
    path("dashboard/alerts/rules/preview/", rule_pages.rule_preview, name="rule_preview"),
    path("dashboard/alerts/rules/copy/", rule_pages.rule_copy, name="rule_copy"),
    path("dashboard/machines/<int:pk>/rules/defaults/", rule_pages.rule_defaults, name="rule_defaults"),
    path("dashboard/alerts/rules/<int:pk>/", rule_pages.rule_edit, name="rule_edit"),
    path("dashboard/alerts/rules/<int:pk>/switch/", rule_pages.rule_switch, name="rule_switch"),
    path("dashboard/alerts/rules/<int:pk>/archive/", rule_pages.rule_archive, name="rule_archive"),
    # Accounts: pages
    path("login/", session.Login.as_view(), name="login"),
    path("logout/", session.Logout.as_view(), name="logout"),
    path("password/reset/", session.ResetPassword.as_view(), name="password_reset"),
    path("password/reset/sent/", session.ResetSent.as_view(), name="password_reset_done"),
    path("password/reset/<uidb64>/<token>/", session.NewPassword.as_view(), name="password_reset_confirm"),
    path("password/reset/done/", session.ResetDone.as_view(), name="password_reset_complete"),
    path("invitations/<str:token>/", invitation_pages.invitation, name="accept_invitation"),
    path("dashboard/profile/", profile_pages.profile, name="profile"),
    path("dashboard/team/", team_pages.team, name="team"),
    path("dashboard/team/<int:pk>/role/", team_pages.member_role, name="member_role"),
    path("dashboard/team/<int:pk>/remove/", team_pages.member_remove, name="member_remove"),
    path("dashboard/invitations/<int:pk>/resend/", team_pages.invitation_resend, name="invitation_resend"),
    path("dashboard/invitations/<int:pk>/withdraw/", team_pages.invitation_withdraw, name="invitation_withdraw"),
    # The factory: pages
    path("dashboard/factory/", settings_pages.factory_settings, name="factory_settings"),
    path("dashboard/factory/logo/remove/", settings_pages.logo_remove, name="logo_remove"),
    path("dashboard/factories/<int:pk>/logo/", settings_pages.factory_logo, name="factory_logo"),
    path(
        "dashboard/recommendations/<int:pk>/dismiss/",
        recommendation_pages.recommendation_dismiss,
        name="recommendation_dismiss",
    ),
    path("dashboard/tariffs/", tariff_pages.tariff_list, name="tariff_list"),
    path("dashboard/tariffs/<int:pk>/", tariff_pages.tariff_edit, name="tariff_edit"),
    path("dashboard/tariffs/<int:pk>/remove/", tariff_pages.tariff_remove, name="tariff_remove"),
    path("dashboard/shifts/<int:pk>/", settings_pages.shift_edit, name="shift_edit"),
    path("dashboard/shifts/<int:pk>/remove/", settings_pages.shift_remove, name="shift_remove"),
    path("dashboard/holidays/<int:pk>/remove/", settings_pages.holiday_remove, name="holiday_remove"),
    path("dashboard/history/", history_pages.history, name="history"),
    # Accounts: API
    path("auth/login", accounts.Login.as_view(), name="api_login"),
    path("auth/refresh", accounts.Refresh.as_view(), name="api_refresh"),
    path("auth/me", accounts.Me.as_view(), name="api_me"),
    path("auth/register", accounts.Register.as_view(), name="api_register"),
    path("auth/users", accounts.Users.as_view(), name="api_users"),
    path("auth/users/<int:pk>/role", accounts.UserRole.as_view(), name="api_user_role"),
    # Factories, devices, keys: API
    path("factories/<int:pk>/keys", devices_api.FactoryKeys.as_view(), name="api_factory_keys"),
    path("factories/<int:pk>/keys/<slug:prefix>", devices_api.FactoryKeyRevoke.as_view(), name="api_factory_key"),
    path("devices/<int:pk>/keys", devices_api.DeviceKeys.as_view(), name="api_device_keys"),
    path("devices/<int:pk>/keys/<slug:prefix>", devices_api.DeviceKeyRevoke.as_view(), name="api_device_key"),
    path("devices/<int:pk>/status", telemetry_api.StatusView.as_view(), name="api_device_status"),
    path(
        "devices/<int:pk>/recommendations",
        recommendation_pages.RecommendationsView.as_view(),
        name="api_recommendations",
    ),
    # Reports: pages, and the public look-up of a digest
    path("dashboard/reports/", reports_views.report_list, name="report_list"),
    path("dashboard/reports/make/", reports_views.report_make, name="report_make"),
    path("dashboard/reports/<int:pk>/", reports_views.report_detail, name="report_detail"),
    path("dashboard/reports/<int:pk>/row/", reports_views.report_row, name="report_row"),
    path("dashboard/reports/<int:pk>/progress/", reports_views.report_progress, name="report_progress"),
    path("dashboard/reports/<int:pk>/pdf/", reports_views.report_pdf, name="report_pdf"),
    path("dashboard/reports/again/", reports_views.report_made_again, name="report_made_again"),
    path("dashboard/reports/<int:pk>/annexure/", reports_views.report_annexure, name="report_annexure"),
    path("dashboard/reports/<int:pk>/finalise/", reports_views.report_finalise, name="report_finalise"),
    path("dashboard/reports/<int:pk>/replace/", reports_views.report_replace, name="report_replace"),
    path("dashboard/reports/<int:pk>/retry/", reports_views.report_retry, name="report_retry"),
    # Registers: pages
    *register_pages.urlpatterns,
    path("dashboard/what-if/", views_what_if.what_if, name="what_if"),
    path("dashboard/what-if/<int:pk>/", views_what_if.what_if_kept, name="what_if_kept"),
    path("dashboard/what-if/<int:pk>/remove/", views_what_if.what_if_remove, name="what_if_remove"),
    path("verify/<str:sha256>", reports_api.Verify.as_view(), name="verify"),
    *rows.urls,
    # Readings: API
    path("data/latest", telemetry_api.LatestView.as_view(), name="api_latest"),
    path("data/timeseries", telemetry_api.TimeseriesView.as_view(), name="api_timeseries"),
    path("data/export", telemetry_api.ExportView.as_view(), name="api_export"),
    path("insights/energy", energy.EnergyView.as_view(), name="api_insights_energy"),
    path("insights", insights.InsightsView.as_view(), name="api_insights"),
    # Operations
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", monitoring.metrics, name="metrics"),
    # Telemetry: ingest (with and without a slash: a redirect turns POST into GET in some clients)
    path("ingest", IngestView.as_view(), name="ingest"),
    path("ingest/", IngestView.as_view(schema=None), name="ingest_slash"),
    path("data/bulk", api_bulk.BulkReadings.as_view(), name="api_data_bulk"),
    path("quarantine", api_quarantine.QuarantineList.as_view(), name="quarantine-list"),
    path("devices/<int:pk>/quarantine", api_quarantine.DeviceQuarantineList.as_view(), name="quarantine-device"),
    path("quarantine/<int:pk>/release", api_quarantine.Release.as_view(), name="quarantine-release"),
    path("quarantine/<int:pk>/discard", api_quarantine.Discard.as_view(), name="quarantine-discard"),
    path("dashboard/quarantine/<int:pk>/release/", views_quarantine.release_held, name="quarantine_release"),
    path("dashboard/quarantine/<int:pk>/discard/", views_quarantine.discard_held, name="quarantine_discard"),
    # Readings that a person brings as a file
    path("dashboard/machines/<int:pk>/import/", views_imports.machine_import, name="machine_import"),
    path("dashboard/imports/<int:pk>/", views_imports.import_detail, name="import_detail"),
    path("dashboard/imports/<int:pk>/progress/", views_imports.import_progress, name="import_progress"),
    path("dashboard/imports/<int:pk>/lines/", views_imports.import_lines, name="import_lines"),
    path("dashboard/imports/<int:pk>/start/", views_imports.import_start, name="import_start"),
    path("dashboard/imports/<int:pk>/discard/", views_imports.import_discard, name="import_discard"),
    # The API, described
    path("openapi.json", SpectacularJSONAPIView.as_view(**schema), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi", **schema), name="api_docs"),
]

handler500 = "carbonseed.health.server_error"
