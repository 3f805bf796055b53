from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "telemetry"

    def ready(self) -> None:
        from telemetry import archive_guards  # noqa: F401  registers the guards
        from telemetry.analytics import unit_doubts  # noqa: F401  receiver: a profile that answers a question
        from telemetry.rollups import reprocessing  # noqa: F401  receiver: a corrected profile
