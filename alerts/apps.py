from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts.default_limits import receivers  # noqa: F401 (default limits follow a machine's kind and rating)
