"""No public name of the arithmetic is there for its tests alone."""

from pathlib import Path

import pytest

from calculations.tests.reachability import Tree, unreached

# Modules and packages whose every public name the product must use. They move with the code.
CALCULATIONS = "calculations"
ENERGY = ["telemetry.signal.energy", "telemetry.signal.profile_timeline", "telemetry.signal.plausibility"]
SCANNED = [CALCULATIONS, *ENERGY]
ROOT = next(parent for parent in Path(__file__).resolve().parents if (parent / "manage.py").exists())


def test_every_public_name_of_the_arithmetic_is_reached_by_the_product():
    tree = Tree(ROOT, SCANNED)
    assert [name for name in SCANNED if not any(tree.is_under(module, name) for module in tree.modules)] == []
    found = unreached(tree)
    assert [f"{entry.module}: {entry.name}" for entry in found] == []


PRODUCT = {
    "app/__init__.py": "",
    "app/page.py": "from pure import sums\nTOTAL = sums.used(1)\n",
    "pure/__init__.py": "",
    "pure/sums.py": "def used(x):\n    return inner(x)\n\ndef inner(x):\n    return x\n",
    "app/tests/test_sums.py": "from pure import sums\nsums.tested()\n",
}


def found_in(folder, page=PRODUCT["app/page.py"], more="", init=""):
    """Unreached names of a small product: its page, what `pure.sums` holds besides, and what `pure` hands on."""
    changed = {"app/page.py": page, "pure/sums.py": PRODUCT["pure/sums.py"] + more, "pure/__init__.py": init}
    for name, text in {**PRODUCT, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [entry.name for entry in unreached(Tree(folder, ["pure"]))]


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("", []),
        ("\ndef tested():\n    pass\n", ["tested"]),
        ("\ndef tested():\n    return helper()\n\ndef helper():\n    pass\n", ["tested", "helper"]),
        ("\ndef _private():\n    pass\n", []),
        ("\nLIMIT = 3\n", ["LIMIT"]),
        ("\ndef recursive():\n    return recursive()\n", ["recursive"]),
        ("\nclass Kind:\n    def method(self):\n        pass\n", ["Kind", "Kind.method"]),
    ],
)
def test_what_only_tests_name_is_found(tmp_path, more, names):
    assert found_in(tmp_path, more=more) == names


RULES = """
RULES = []

def _rule(rules):
    return rules.append

@_rule(RULES)
def told():
    return limit()

def limit():
    pass
"""
KIND = "\nclass Kind:\n    @property\n    def shown(self):\n        return 1\n\n    def hidden(self):\n        pass\n"


@pytest.mark.parametrize(
    ("page", "more", "names"),
    [
        ("from pure.sums import used as u\nu(1)\n", "", []),
        ("import pure.sums\npure.sums.used(1)\n", "", []),
        ("def view():\n    from pure import sums\n    return sums.used(1)\n", "", []),
        ("from pure import sums\nWORK = {'sums': sums}\nWORK['sums'].used(1)\n", "", []),
        ("from pure import sums\n", "", ["used", "inner"]),
        ("from pure import sums\nsums.used(1)\nsums.RULES\n", RULES, []),
        ("from pure import sums\nsums.used(sums.Kind().shown)\n", KIND, ["Kind.hidden"]),
        ("from pure import sums\nsums.used(getattr(sums.Kind(), 'shown'))\n", KIND, ["Kind.hidden"]),
    ],
)
def test_names_are_followed_to_their_origin(tmp_path, page, more, names):
    assert found_in(tmp_path, page, more) == names


def test_a_name_is_reached_through_a_package_that_hands_it_on(tmp_path):
    page = "import pure\npure.used(1)\n"
    assert found_in(tmp_path, page, init="from pure.sums import used\n") == []


def test_a_template_asks_for_properties(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{{ kind.shown }} hidden")
    page = "from pure import sums\nsums.used(sums.Kind())\n"
    assert found_in(tmp_path, page, KIND) == ["Kind.hidden"]
