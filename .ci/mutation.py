"""Mutation test of the arithmetic: the pure tests against a sample of small changes of the code.

A mutant that no test notices survives: there a test may be missing. The tree is copied to var/mutation and mutated
there by mutmut, on one core. Mutants that change nothing but a text (a step's name, a sentence) are left out: there are
nearly as many of them as of all others, and the tests do not pin words. EVERY=n takes every n-th of the rest, in the
order of their names; after MINUTES no further part is begun. docs/mutation.md says what was found.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "var" / "mutation"
COPIED = (
    *("core", "calculations", "factories", "devices", "telemetry", "alerts", "registers", "reports", "carbonseed"),
    *("benchmarks", "templates", "static"),
)
PART = 60
SMALLEST = "calculations.pat.toe*"  # any few mutants: the first run makes all of them and times the tests
MUTANT = re.compile(r"(.+)__mutmut_(\d+)")
VERDICTS = {
    0: "survived",
    1: "killed",
    3: "killed",
    33: "not reached",
    36: "killed",
    -24: "killed",
}  # 36, -24: too slow


def main(every: int, minutes: float) -> None:
    copy_tree()
    mutmut(SMALLEST)
    names = [name for name, is_text in sorted(mutants().items()) if not is_text][::every]
    until, tried = time.monotonic() + minutes * 60, set[str]()
    parts = max(1, len(names) // PART)
    for part in range(parts):  # each part takes from all modules: a run that is cut short is a smaller sample
        mutmut(*names[part::parts])
        tried.update(names[part::parts])
        print(f"{len(tried)} of {len(names)} mutants tried", file=sys.stderr, flush=True)
        if time.monotonic() > until:
            break
    report(tried)


def copy_tree() -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    skipped = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        shutil.copytree(ROOT / name, WORK / name, ignore=skipped)
    for name in ("conftest.py", "manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, WORK / name)


def mutmut(*names: str) -> None:
    cheap = {"PROPERTY_EXAMPLES": "12"}  # each mutant that survives runs every test that reaches it
    environment = {**os.environ, **cheap, "DATABASE_URL": "", "CARBONSEED_MODE": "development"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
    done = subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])


def mutants() -> dict[str, bool]:
    """{name of a mutant: whether it changes nothing but a text}"""
    found = {}
    for path in sorted((WORK / "mutants").rglob("*.py")):
        source = path.read_text()
        if "__mutmut_orig" in source:
            module = ".".join(path.relative_to(WORK / "mutants").with_suffix("").parts)
            found |= {f"{module}.{name}": is_text for name, is_text in mutants_of(ast.parse(source))}
    return found


def mutants_of(tree: ast.Module):
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for name, node in functions.items():
        if mutant := MUTANT.fullmatch(name):
            before = functions[f"{mutant[1]}__mutmut_orig"]
            changes = list(differences([before.args, before.body], [node.args, node.body]))
            yield name, bool(changes) and all(is_text(change) for change in changes)


def differences(before, after):
    """What of `before` is otherwise in `after`: the smallest parts, and arguments that are gone."""
    if type(before) is not type(after):
        yield before
    elif isinstance(before, ast.Call) and arguments(before, len) != arguments(after, len):
        yield from gone(before, after)
    elif isinstance(before, ast.AST):
        for field in before._fields:
            yield from differences(getattr(before, field, None), getattr(after, field, None))
    elif isinstance(before, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from differences(one, other)
    elif before != after:
        yield before


def arguments(call: ast.Call, made):
    return made([*call.args, *(keyword.value for keyword in call.keywords)])


def gone(before: ast.Call, after: ast.Call):
    left = arguments(after, lambda found: [ast.dump(one) for one in found])
    had = arguments(before, list)
    yield next(
        (one for place, one in enumerate(had) if [ast.dump(x) for x in had[:place] + had[place + 1 :]] == left), before
    )


def is_text(node) -> bool:
    return isinstance(node, str | ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def report(names: set[str]) -> None:
    """A table by module, and the survivors by name: `mutmut show NAME` in var/mutation prints one."""
    by_module: dict[str, Counter] = {}
    survivors = []
    for path in sorted((WORK / "mutants").rglob("*.meta")):
        for name, code in json.loads(path.read_text())["exit_code_by_key"].items():
            if name in names:
                verdict = VERDICTS.get(code, f"exit {code}")
                by_module.setdefault(name.rpartition(".")[0], Counter())[verdict] += 1
                survivors += [name] if verdict == "survived" else []
    verdicts = ["killed", "survived", "not reached"]
    print(f"| module | {' | '.join(verdicts)} |\n|---|{'---:|' * len(verdicts)}")
    whole = sum(by_module.values(), Counter())
    for module, counts in [*sorted(by_module.items()), ("all", whole)]:
        print(f"| {module} | {' | '.join(str(counts[verdict]) for verdict in verdicts)} |")
    print({verdict: count for verdict, count in whole.items() if verdict not in verdicts} or "")
    print("\n".join(survivors))


if __name__ == "__main__":
    main(int(os.environ.get("EVERY", "6")), float(os.environ.get("MINUTES", "25")))
