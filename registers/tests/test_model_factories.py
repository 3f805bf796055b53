"""Every register has a model factory whose defaults are a valid row."""

import pytest

from registers.models import ROWS
from registers.tests.model_factories import MAKERS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.register.slug)
def test_the_defaults_of_every_register_make_a_valid_row(model, steel_forge):
    row = MAKERS[model](factory=steel_forge)
    assert row.factory == steel_forge and row.source
    row.refresh_from_db()
    row.full_clean()
