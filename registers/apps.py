from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistersConfig(AppConfig):
    name = "registers"

    def ready(self) -> None:
        from registers import archive_guards  # noqa: F401  registers its guard on import

        post_migrate.connect(load_factors, sender=self)


def load_factors(using: str = "default", **kwargs: object) -> None:
    """After every migrate: loads new data files, also into a fresh or flushed database."""
    from django.db import connections

    from registers.factors.loader import load
    from registers.models.factors import FactorSet

    if FactorSet._meta.db_table in connections[using].introspection.table_names():  # not while migrating backwards
        load()
