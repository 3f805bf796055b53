from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self):
        from auditlog.registry import auditlog

        from alerts import rulebook
        from alerts.models import AlertRule

        auditlog.register(AlertRule)
        assert rulebook.greet_device  # imported for its receiver: a new device gets the default rules
