"""Migrations with database state only: no labels, help texts, choices or validators.

A changed label or choice then makes no migration, and a migration of 30 tables stays readable.
"""

import copy

from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.utils.module_loading import import_string

PRESENTATION = ("verbose_name", "help_text", "choices", "validators", "error_messages", "blank", "editable")
PRESENTATION_OPTIONS = ("verbose_name", "verbose_name_plural")


class PlainAutodetector(MigrationAutodetector):
    """Compares and writes models without their presentation."""

    def __init__(
        self, from_state: ProjectState, to_state: ProjectState, questioner: MigrationQuestioner | None = None
    ) -> None:
        super().__init__(plain_state(from_state), plain_state(to_state), questioner)


def plain_state(state: ProjectState) -> ProjectState:
    """A copy of `state` in which every model is plain."""
    plain = state.clone()
    for key, model in state.models.items():
        plain.models[key] = plain_model(model)
    return plain


def plain_model(model: ModelState) -> ModelState:
    model = model.clone()
    model.fields = {name: plain_field(field) for name, field in model.fields.items()}
    model.options = {key: value for key, value in model.options.items() if key not in PRESENTATION_OPTIONS}
    if "constraints" in model.options:
        model.options["constraints"] = [plain_constraint(each) for each in model.options["constraints"]]
    return model


def plain_field(field: models.Field) -> models.Field:
    """The same column without label, help text, choices and validators."""
    _name, path, args, options = field.deconstruct()
    options = {key: value for key, value in options.items() if key not in PRESENTATION}
    if isinstance(options.get("base_field"), models.Field):  # an array's elements
        options["base_field"] = plain_field(options["base_field"])
    return import_string(path)(*args, **options)


def plain_constraint(constraint: models.BaseConstraint) -> models.BaseConstraint:
    constraint = copy.copy(constraint)
    constraint.violation_error_message = constraint.default_violation_error_message
    constraint.violation_error_code = None
    return constraint
