"""Migrations: plain files, and a database of another plan of tables is named instead of broken."""

import re

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState

from core.plain_migrations import PRESENTATION, PlainAutodetector, plain_state
from factories.models import Factory

GRAPH = MigrationLoader(None).graph


@pytest.fixture
def old_plan(db):
    MigrationRecorder(connection).record_applied("reports", "0003_registers")


def test_a_demo_of_an_older_plan_is_named_with_the_command_that_renews_it(old_plan, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match=r"reports\.0003_registers.*make demo-reset"):
        call_command("migrate", verbosity=0, interactive=False)


def test_outside_the_demo_nobody_is_told_to_throw_data_away(old_plan, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="another release") as refusal:
        call_command("migrate", verbosity=0, interactive=False)
    assert "demo-reset" not in str(refusal.value)


def test_migrating_a_current_database_changes_nothing(db):
    before = MigrationRecorder(connection).applied_migrations()
    call_command("migrate", verbosity=0, interactive=False)
    assert MigrationRecorder(connection).applied_migrations() == before


def test_a_changed_label_or_choice_makes_no_migration():
    before, after = (ProjectState({("factories", "factory"): ModelState.from_model(Factory)}) for _ in range(2))
    model = after.models["factories", "factory"]
    name, industry = model.fields["name"].clone(), model.fields["industry"].clone()
    name.verbose_name, industry.choices = "another label", [("mining", "Mining")]
    model.fields |= {"name": name, "industry": industry}
    assert PlainAutodetector(before, after).changes(GRAPH) == {}


def test_a_changed_column_makes_one():
    before, after = (ProjectState({("factories", "factory"): ModelState.from_model(Factory)}) for _ in range(2))
    name = after.models["factories", "factory"].fields["name"].clone()
    name.max_length = 99
    after.models["factories", "factory"].fields["name"] = name
    assert list(PlainAutodetector(before, after).changes(GRAPH)) == ["factories"]


def test_plain_states_leave_the_given_state_as_it_was():
    state = ProjectState({("factories", "factory"): ModelState.from_model(Factory)})
    plain_state(state)
    assert state.models["factories", "factory"].fields["industry"].choices


def test_no_migration_holds_labels_choices_or_validators():
    words = re.compile(rf"\b({'|'.join(PRESENTATION)})=")
    files = django_settings.BASE_DIR.glob("*/migrations/0*.py")
    lines = (line for path in files for line in path.read_text().splitlines() if "CompositePrimaryKey" not in line)
    assert [line for line in lines if words.search(line)] == []  # Django writes a composite key's own two
