from django.apps import AppConfig


class CarbonseedConfig(AppConfig):
    name = "carbonseed"

    def ready(self) -> None:
        from carbonseed import checks  # noqa: F401 registers them
