"""Every test asserts something: itself, or in a function of the tests that it calls by name."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["testpaths"]
OF_PYTEST = {"raises", "warns", "fail"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules_of_tests() -> dict[str, ast.Module]:
    """{dotted name: tree} of every module in a folder of tests."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "tests" in path.parts]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text()) for path in paths}


def without_assertion(name: str, modules: dict[str, ast.Module]) -> list[str]:
    """Names of the tests in module `name` that assert nothing."""
    here = functions_of(modules[name])
    known = here | imported_functions(modules[name], modules)
    return [
        test
        for test, function in here.items()
        if test.startswith("test_") and not any(map(asserts, [function, *called(function, known)]))
    ]


def functions_of(tree) -> dict[str, ast.AST]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)}


def imported_functions(tree, modules) -> dict[str, ast.AST]:
    """Functions of other test modules, by the name they have here: `made`, or `running.wait_until`."""
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.level:
            continue
        for alias in node.names:
            name, module = alias.asname or alias.name, modules.get(node.module)
            if module and alias.name in (its := functions_of(module)):
                found[name] = its[alias.name]
            elif whole := modules.get(f"{node.module}.{alias.name}"):
                found |= {f"{name}.{function}": its for function, its in functions_of(whole).items()}
    return found


def called(function, known) -> list[ast.AST]:
    names = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return [known[name] for name in names & known.keys()]


def asserts(function) -> bool:
    """A statement, pytest's own, or whatever has it in its name: a mock's, Django's number of queries."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in OF_PYTEST or "assert" in name:
                return True
    return False


def test_every_test_asserts():
    modules = modules_of_tests()
    found = [f"{name}.{test}" for name in sorted(modules) for test in without_assertion(name, modules)]
    assert modules and found == []


@pytest.mark.parametrize(
    ("body", "is_enough"),
    [
        ("assert 1", True),
        ("client.get('/')", False),
        ("with pytest.raises(ValueError): int('x')", True),
        ("with django_assert_num_queries(2): work()", True),
        ("mock.assert_called_once()", True),
        ("checked()", True),
        ("made()", False),
        ("running.wait_until(ready)", True),
        ("running.manage()", False),
        ("other.checked()", False),
    ],
)
def test_what_counts_as_an_assertion(body, is_enough):
    helpers = ast.parse("def wait_until(ready):\n assert ready\ndef manage():\n pass")
    ours = ast.parse(
        "from a.tests import running\ndef checked():\n assert 1\ndef made():\n checked()\n"
        f"def test_it(client, django_assert_num_queries):\n {body}"
    )
    found = without_assertion("a.tests.test_a", {"a.tests.test_a": ours, "a.tests.running": helpers})
    assert found == ([] if is_enough else ["test_it"])
