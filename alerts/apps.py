from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts import rule_set  # noqa: F401 (its signal receiver adds default rules to a new device)
