"""Apps import only lower floors, and doors never import doors."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ["factories", "devices", "telemetry", "alerts", "reports", "carbonseed"]
DOORS = {"views", "api", "admin", "tasks"}


def modules(app):
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts and "tests" not in path.parts]


def imported(path):
    """Dotted names a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("app", FLOORS)
def test_an_app_imports_only_lower_floors(app):
    higher = FLOORS[FLOORS.index(app) + 1 :]
    steps_up = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(app)
        for name in imported(path)
        if name.split(".")[0] in higher
    }
    assert steps_up == set()


@pytest.mark.parametrize("app", FLOORS[:-1])
def test_doors_and_work_never_import_doors(app):
    """Work below the doors knows no door; a door calls work. `factories.permissions` is the frame, not a door."""
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(app)
        for name in imported(path)
        if len(name.split(".")) >= 2 and name.split(".")[0] in FLOORS and name.split(".")[1] in DOORS
    }
    assert found == set()


PURE = [
    "devices/keys.py",
    "factories/roles.py",
    "telemetry/signal/energy.py",
    "telemetry/payloads/*.py",
    "telemetry/imports/formats/*.py",
    "alerts/evaluation/conditions.py",
    "calculations/**/*.py",
]


@pytest.mark.parametrize("pattern", PURE)
def test_judgement_and_arithmetic_are_pure(pattern):
    for path in ROOT.glob(pattern):
        names = {name.split(".")[0] for name in imported(path)}
        assert not names & {"django", "rest_framework", "celery", "requests"}, path
