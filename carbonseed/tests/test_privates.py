"""What a library keeps for itself (a leading underscore) is left alone, unless the library documents it."""

import ast
from pathlib import Path

import pytest

from carbonseed.tests.test_floors import APPS, modules

DOCUMENTED = {
    *("_meta", "_state", "_db", "_base_manager", "_default_manager"),  # Django
    *("_replace", "_asdict", "_make", "_fields"),  # typing.NamedTuple
    "_exit",  # os
}


def private_names(path: Path) -> list[str]:
    """`request._request`: privates of others that a module reads, sets or looks up by name."""
    tree = ast.parse(path.read_text())
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_private(node.attr)]
    own = {node.attr for node in attributes if ast.unparse(node.value) in ("self", "cls")}
    reached = [ast.unparse(node) for node in attributes if node.attr not in own and not is_super(node.value)]
    return reached + [ast.unparse(call) for call in ast.walk(tree) if looks_up_private(call)]


def is_private(name) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED


def is_super(node) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "super"


def looks_up_private(node) -> bool:
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("getattr", "hasattr", "setattr"):
        return False
    return any(isinstance(word, ast.Constant) and is_private(str(word.value)) for word in node.args[1:2])


@pytest.mark.parametrize("app", APPS)
def test_an_app_leaves_the_privates_of_others_alone(app):
    own = [path for name, path in modules().items() if name.split(".")[0] == app]
    assert own and {str(path): names for path in own if (names := private_names(path))} == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("request._request", ["request._request"]),
        ("getattr(request, '_user', None)", ["getattr(request, '_user', None)"]),
        ("self._rows = {}\npart._rows = {}", []),
        ("super()._update_errors(errors)", []),
        ("row._replace(at=now)", []),
        ("row.__dict__", []),
    ],
)
def test_what_counts_as_reaching_into_another(tmp_path, code, found):
    path = tmp_path / "module.py"
    path.write_text(code)
    assert private_names(path) == found
