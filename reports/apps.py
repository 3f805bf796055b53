from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self):
        from reports import resting  # noqa: F401  what archiving asks

        post_migrate.connect(load_factors, sender=self)


def load_factors(plan=(), using="default", **kwargs):
    """A fresh clone, a new data file and a flushed test database all get their factors with the migrations."""
    from django.db import connections

    from reports.factors.load import load
    from reports.factors.models import FactorSet

    if FactorSet._meta.db_table in connections[using].introspection.table_names():  # not while migrating backwards
        load()
