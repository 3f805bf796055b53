from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "telemetry"

    def ready(self):
        from telemetry import restated, resting  # noqa: F401  what archiving asks; corrected profiles
