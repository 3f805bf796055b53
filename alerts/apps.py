from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self):
        from alerts import rule_set  # noqa: F401 (for its receiver: a new device gets the default rules)
