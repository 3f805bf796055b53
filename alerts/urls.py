"""URLs of alerts, rules, maintenance windows and notifications: pages and API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from alerts.api.alerts import AlertViewSet
from alerts.api.escalation import EscalationStepViewSet
from alerts.api.maintenance import MaintenanceWindowViewSet
from alerts.api.notifications import DeliveryViewSet, NotificationChannelViewSet, PreferenceViewSet
from alerts.api.rules import AlertRuleViewSet
from alerts.views import alerts as alert_pages
from alerts.views import default_limits as default_limit_pages
from alerts.views import escalation as escalation_pages
from alerts.views import maintenance as maintenance_pages
from alerts.views import notifications as notification_pages
from alerts.views import rule_files as rule_file_pages
from alerts.views import rules as rule_pages
from alerts.views import signed_links as signed_link_pages

router = SimpleRouter(trailing_slash=False)
router.register("alerts", AlertViewSet, basename="api_alert")
router.register("maintenance", MaintenanceWindowViewSet, basename="api_maintenance")
router.register("escalation-steps", EscalationStepViewSet, basename="api_escalation_step")
router.register("notification-preferences", PreferenceViewSet, basename="api_preference")
router.register("notification-channels", NotificationChannelViewSet, basename="api_notification_channel")
router.register("deliveries", DeliveryViewSet, basename="api_delivery")
router.register("alert-rules", AlertRuleViewSet, basename="api_alert_rule")

urlpatterns = [
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
    path("tap/<str:token>/", signed_link_pages.alert_tap, name="alert_tap"),
    path("dashboard/alerts/rules/", rule_pages.rule_list, name="rule_list"),
    path("dashboard/alerts/rules/new/", rule_pages.rule_new, name="rule_new"),
    path("dashboard/alerts/rules/export/", rule_file_pages.rule_export, name="rule_export"),
    path("dashboard/alerts/rules/import/", rule_file_pages.rule_import, name="rule_import"),
    path("dashboard/alerts/rules/preview/", rule_pages.rule_preview, name="rule_preview"),
    path("dashboard/alerts/rules/copy/", rule_pages.rule_copy, name="rule_copy"),
    path("dashboard/machines/<int:pk>/limits/", default_limit_pages.machine_limits, name="machine_limits"),
    path("dashboard/machines/<int:pk>/rules/defaults/", rule_pages.rule_defaults, name="rule_defaults"),
    path("dashboard/alerts/rules/<int:pk>/", rule_pages.rule_edit, name="rule_edit"),
    path("dashboard/alerts/rules/<int:pk>/switch/", rule_pages.rule_switch, name="rule_switch"),
    path("dashboard/alerts/rules/<int:pk>/archive/", rule_pages.rule_archive, name="rule_archive"),
    *router.urls,
]
