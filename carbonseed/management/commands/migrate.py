"""Django's migrate, which compares models and migrations as makemigrations does, and refuses a foreign database."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from core.plain_migrations import PlainAutodetector


class Command(migrate.Command):
    autodetector = PlainAutodetector

    def handle(self, *args: Any, database: str, **options: Any) -> None:
        refuse_unknown_migrations(database)
        super().handle(*args, database=database, **options)


def refuse_unknown_migrations(database: str) -> None:
    """Raises CommandError where the database has had migrations of our own apps that this release does not know."""
    unknown = unknown_migrations(database)
    if not unknown:
        return
    remedy = (
        "This demo was made before the tables were laid out anew: `make demo-reset` throws its data away, and the next "
        "`make demo` starts over."
        if settings.DEMO
        else "It belongs to another release of Carbonseed: use that release, or a database of this one."
    )
    raise CommandError(f"This database cannot be migrated. It has had migrations unknown here: {unknown[0]}. {remedy}")


def unknown_migrations(database: str) -> list[str]:
    """`app.migration`, sorted, of what was applied to our apps and is in no file."""
    loader = MigrationLoader(connections[database], ignore_no_migrations=True)
    ours = {config.label for config in apps.get_app_configs() if config.path.startswith(str(settings.BASE_DIR))}
    ours -= {config.label for config in apps.get_app_configs() if "site-packages" in config.path}
    known = set(loader.disk_migrations) | {
        old for migration in loader.disk_migrations.values() for old in migration.replaces
    }
    return sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app in ours and (app, name) not in known
    )
