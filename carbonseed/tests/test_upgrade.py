"""A filled database of each earlier release is migrated to this one: no row and no value is lost on the way."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from carbonseed.tests.releases import snapshot
from carbonseed.tests.template_database import connect_to

# What a release moved on purpose: {table or "table.column" of the older release: its name now}.
RENAMED: dict[str, str] = {}
# Tables that `migrate` adds rows to: the ledger holds what its data files hold.
GROWN = {"registers_factor", "registers_factorset"}
OURS = [config for config in apps.get_app_configs() if (settings.BASE_DIR / config.label / "models").exists()]
# Tables that a filled factory need not have rows in.
MAY_BE_EMPTY = {"factories_user_groups", "factories_user_user_permissions"}


@pytest.fixture
def empty_database(django_db_setup, django_db_blocker):
    """The default connection leads to a database without tables."""
    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        name = f"{before}_upgrade"
        execute(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
        connect_to(name)
        try:
            yield
        finally:
            connect_to(before)
            execute(f'DROP DATABASE "{name}"')


def execute(*statements):
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rows_now(table, columns):
    """The rows that `table` of the older release has today, in its own columns."""
    now = RENAMED.get(table, table)
    with connection.cursor() as cursor:
        return snapshot.rows_of(cursor, now, [RENAMED.get(f"{table}.{name}", name) for name in columns])


@pytest.mark.slow
@pytest.mark.parametrize("release", snapshot.releases())
def test_every_row_of_an_earlier_release_is_there_after_migrating(empty_database, release):
    filled = snapshot.read(release)
    snapshot.restore(filled)
    call_command("migrate", verbosity=0, interactive=False)
    for table, content in filled["tables"].items():
        if table.startswith(tuple(f"{config.label}_" for config in OURS)):
            rows = rows_now(table, content["columns"])
            if table in GROWN:
                assert {str(row) for row in content["rows"]} <= {str(row) for row in rows}, table
            else:
                assert rows == content["rows"], table
    for model in (model for config in OURS for model in config.get_models()):
        for row in model._base_manager.all():
            assert str(row)
    call_command("migrate", check_unapplied=True, verbosity=0)  # ends the process where anything is left


def test_each_recorded_release_holds_rows_of_every_table_of_ours():
    for release in snapshot.releases():
        tables = snapshot.read(release)["tables"]
        ours = {name for name in tables if name.startswith(tuple(f"{config.label}_" for config in OURS))}
        assert {name for name in ours if not tables[name]["rows"]} <= MAY_BE_EMPTY


def test_this_release_or_one_before_it_is_recorded():
    assert snapshot.releases()
    newest = max([int(part) for part in name.split(".")] for name in snapshot.releases())
    assert newest <= [int(part) for part in settings.VERSION.split(".")]
