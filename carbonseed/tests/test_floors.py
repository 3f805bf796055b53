"""The architecture, read from the imports: floors between apps, layers inside them, and no circle between modules."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = [
    {"core", "calculations"},
    {"factories"},
    {"devices"},
    {"telemetry"},
    {"alerts", "registers"},
    {"reports"},
    {"carbonseed"},
]
APPS = [app for floor in FLOORS for app in sorted(floor)]
DOORS = {"views", "api", "admin", "tasks", "urls"}
# Inside an app, lowest layer first: a folder or module imports only layers before its own. Layers are named by the
# first part below the app; serializers stand below the other modules of `api/`, since imports and pages use them too.
ENTRY_POINTS = ["forms", "tables", "api", "views", "admin", "tasks", "urls", "management", "templatetags", "apps"]
LAYERS = {
    "telemetry": [
        *("metrics", "sql", "models", "signal", "payloads", "archive_guards", "etags", "storage", "rollups", "ingest"),
        *("imports", "quarantine", "doubtful_steps", "queries", "analytics", "export", "api.serializers"),
        *ENTRY_POINTS,
    ],
    "alerts": [
        *("rules", "message_text", "models", "maintenance_windows", "service_uptime", "notifications", "lifecycle"),
        *("rule_set", "default_limits", "api.serializers", "rule_import_export", "evaluation", "sparkline_svg"),
        *("kanban", *ENTRY_POINTS),
    ],
    "registers": [
        *(
            "parsers",
            "columns",
            "description",
            "row_validation",
            "plausible_values",
            "models",
            "factors",
            "archive_guards",
            "evidence",
        ),
        *("locks", "lookup_cache", "month_ranges", "forms", "sheet", "imports", "forms.imports", "checks"),
        *ENTRY_POINTS[1:],
    ],
    "reports": [
        *(
            "models",
            "archive_guards",
            "gathering",
            "lock_dependents",
            "documents",
            "printing",
            "issuing",
            "summary_30d",
            "verification",
        ),
        *("calculator", *ENTRY_POINTS),
    ],
}


@cache
def modules() -> dict[str, Path]:
    """{dotted name: file} of every product module; neither tests nor migrations."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    files = [path for path in files if not {"migrations", "tests"} & set(path.relative_to(ROOT).parts)]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def imported_names(path: Path) -> frozenset[str]:
    """Dotted names a module imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def arrows() -> dict[str, frozenset[str]]:
    """{module: the product modules it imports}; a name from a package counts as the package."""
    found = {}
    for name, path in modules().items():
        targets = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                full = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
                targets |= {each if each in modules() else node.module for each in full.values()}
        found[name] = frozenset(targets & set(modules())) - {name}
    return found


def floor_of(name: str) -> int | None:
    app = name.split(".")[0]
    return next((height for height, floor in enumerate(FLOORS) if app in floor), None)


def layer_of(app: str, name: str) -> str:
    """The layer a module of `app` belongs to; the app's own `__init__` has none."""
    parts = name.split(".")[1:]
    if not parts:
        return ""
    two = ".".join(parts[:2])
    return two if two in LAYERS[app] else parts[0]


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_lower_floors(app):
    upwards = {
        f"{name} imports {target}"
        for name, targets in arrows().items()
        for target in targets
        if name.split(".")[0] == app != target.split(".")[0] and floor_of(target) >= floor_of(app)
    }
    assert upwards == set()


@pytest.mark.parametrize("app", LAYERS)
def test_a_folder_imports_only_lower_layers_of_its_app(app):
    layers = LAYERS[app]
    named = {layer_of(app, name) for name in modules() if name.startswith(f"{app}.")}
    assert named <= set(layers), "a new folder or module needs a place in LAYERS"
    upwards = {
        f"{name} imports {target}"
        for name, targets in arrows().items()
        for target in targets
        if name.startswith(f"{app}.") and target.startswith(f"{app}.")
        and layers.index(layer_of(app, target)) > layers.index(layer_of(app, name))
    }  # fmt: skip
    assert upwards == set()


def test_no_modules_import_each_other_in_a_circle():
    left = {name: set(targets) for name, targets in arrows().items()}
    while leaves := {name for name, targets in left.items() if not targets}:
        left = {name: targets - leaves for name, targets in left.items() if name not in leaves}
    circles = {name: sorted(targets) for name, targets in left.items()}
    assert circles == {}


@pytest.mark.parametrize("app", [app for app in APPS if app not in ("carbonseed", "core", "calculations")])
def test_work_never_imports_entry_points(app):
    """Pages, API, admin and tasks call the work below them; `urls` map them; serializers may be shared."""
    found = {
        f"{name} imports {target}"
        for name, targets in arrows().items()
        for target in targets
        if name.split(".")[0] == app and not name.endswith(".urls") and is_entry_point(target)
        and name.split(".")[:2] != target.split(".")[:2]
    }  # fmt: skip
    assert found == set()


def is_entry_point(name: str) -> bool:
    parts = name.split(".")
    return len(parts) > 1 and parts[1] in DOORS and parts[-1] != "serializers"


PURE = [
    "core/svg.py",
    "calculations/**/*.py",
    "devices/keys.py",
    "factories/roles.py",
    "telemetry/signal/energy.py",
    "telemetry/payloads/*.py",
    "telemetry/imports/formats/*.py",
    "alerts/rules/*.py",
]


@pytest.mark.parametrize("pattern", PURE)
def test_parsing_evaluation_and_arithmetic_are_pure(pattern):
    paths = [path for path in ROOT.glob(pattern) if "tests" not in path.parts]
    assert paths
    for path in paths:
        names = {name.split(".")[0] for name in imported_names(path)}
        assert not names & {"django", "rest_framework", "celery", "requests"}, path
