"""Where classes stand: serializers in `api/`, forms in `forms/` or `admin.py`; no module is called `utils`."""

from importlib import import_module

import pytest
from django.forms import BaseForm
from rest_framework.serializers import BaseSerializer

from carbonseed.tests.test_floors import APPS, modules

SERIALIZERS_ELSEWHERE = {
    "core.openapi_parameters",  # the body of an error, which every app describes
    "telemetry.ingest.openapi_schema",  # describe the bodies that ingest parses without DRF; nothing else uses them
}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "services", "service", "managers", "manager"}


def subclasses(base: type) -> set[type]:
    """The product's classes below `base`; those that tests and libraries derive are not its own."""
    for name, path in modules().items():
        if any(f"{word}(" in path.read_text() for word in ("Serializer", "Form")):
            import_module(name)
    found, left = set(), [base]
    while left:
        left += (below := set(left.pop().__subclasses__()) - found)
        found |= below
    return {each for each in found if each.__module__ in modules()}


def misplaced(classes: set[type], folder: str, elsewhere: set[str]) -> list[str]:
    """Those outside `folder`, which stands in the app or, in `carbonseed`, in a part of it."""
    return sorted(
        f"{each.__module__}.{each.__name__}"
        for each in classes
        if folder not in each.__module__.split(".")[1:] and each.__module__ not in elsewhere
    )


def test_serializers_stand_in_the_api():
    classes = subclasses(BaseSerializer)
    assert {"registers", "telemetry", "factories"} <= {each.__module__.split(".")[0] for each in classes}
    assert misplaced(classes, "api", SERIALIZERS_ELSEWHERE) == []
    assert {each.__module__ for each in classes} >= SERIALIZERS_ELSEWHERE, "an exception that is no more"


def test_forms_stand_in_forms_or_the_admin():
    classes = subclasses(BaseForm)
    assert {"registers", "devices", "factories"} <= {each.__module__.split(".")[0] for each in classes}
    assert misplaced(classes, "forms", {f"{app}.admin" for app in APPS}) == []


@pytest.mark.parametrize("app", APPS)
def test_no_module_has_a_vague_name(app):
    names = {name for name in modules() if name.split(".")[0] == app}
    assert names and [name for name in names if set(name.split(".")) & VAGUE_NAMES] == []
