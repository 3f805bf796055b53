from django.apps import AppConfig


class CarbonseedConfig(AppConfig):
    name = "carbonseed"
