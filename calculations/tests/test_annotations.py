"""Every public function of the arithmetic says what it takes and gives."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = next(parent for parent in Path(__file__).resolve().parents if (parent / "manage.py").exists())
CALCULATIONS = "calculations/**/*.py"
FILES = [path for path in sorted(ROOT.glob(CALCULATIONS)) if "tests" not in path.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Those of the module and of its classes; what stands inside a function is its own affair."""
    body = ast.parse(path.read_text()).body
    classes = [part for part in body if isinstance(part, ast.ClassDef)]
    for part in [*body, *(inner for holder in classes for inner in holder.body)]:
        if isinstance(part, ast.FunctionDef):
            yield part


def lacks(function: ast.FunctionDef) -> list[str]:
    """Parameters without an annotation, and `return`."""
    told = function.args
    parameters = [*told.posonlyargs, *told.args, *told.kwonlyargs, *filter(None, [told.vararg, told.kwarg])]
    missing = [one.arg for one in parameters if one.annotation is None and one.arg not in ("self", "cls")]
    return missing + (["return"] if function.returns is None and function.name != "__init__" else [])


def test_the_files_are_there():
    assert len(FILES) > 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_are_annotated(path):
    public = [one for one in functions(path) if not one.name.startswith("_") or one.name.startswith("__")]
    assert {one.name: lacks(one) for one in public if lacks(one)} == {}
