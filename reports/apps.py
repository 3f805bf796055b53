from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from reports import archive_guards, lock_dependents  # noqa: F401  register on import
