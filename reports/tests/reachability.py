"""Which public names of the arithmetic only tests reach: read from the source, nothing is imported.

A function, class or constant of a scanned module is *reached* when code of the product that is itself reached names it:
code of the modules that are not scanned, what runs when a module is imported, and so on from name to name. Methods and
properties are followed by their name alone, also from templates, because their objects' classes are not known here.
"""

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TEMPLATE_TAG = re.compile(r"{[{%](.*?)[}%]}", re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")
NOT_PRODUCT = {"tests", "benchmarks", "migrations", "conftest.py", "var", "static", "node_modules"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class Definition:
    """A top-level name of a module, or a method as `Class.method`, with what its body names."""

    module: str
    name: str
    nodes: list[ast.AST]
    is_callable: bool
    owner: str = ""  # the class of a method
    members: list[str] = field(default_factory=list)  # of a class: its methods

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.name.split("."))


class Module:
    """One source file: its definitions, its imported names, and what runs when it is imported."""

    def __init__(self, name: str, tree: ast.Module, is_package: bool):
        self.name, self.package = name, name if is_package else name.rpartition(".")[0]
        self.imports: dict[str, str] = {}
        self.definitions: dict[str, Definition] = {}
        self.on_import: list[ast.AST] = []
        for node in ast.walk(tree):
            self.read_import(node)
        for node in tree.body:
            self.read(node)

    def read_import(self, node: ast.AST) -> None:
        """Imports anywhere in the file, also inside functions: `{name here: dotted origin}`."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*self.package.split(".")[: len(self.package.split(".")) - node.level + 1], base])
            for alias in node.names:
                self.imports[alias.asname or alias.name] = f"{base.strip('.')}.{alias.name}"

    def read(self, node: ast.stmt) -> None:
        if isinstance(node, DEFINITIONS):
            self.define(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self.assign(node)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            self.on_import.append(node)

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        registers = [entry for entry in node.decorator_list if isinstance(entry, ast.Call)]
        if isinstance(node, ast.ClassDef):
            self.define_class(node)
        else:
            self.definitions[node.name] = Definition(self.name, node.name, [node], True)
        # `@rule(RULES, …)` puts the function into a list: naming the list is naming the function.
        lists = [name.id for entry in registers for name in entry.args if isinstance(name, ast.Name)]
        for name in lists:
            if name in self.definitions:
                self.definitions[name].nodes.append(ast.Name(node.name, ast.Load()))

    def define_class(self, node: ast.ClassDef) -> None:
        inner = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
        rest = [part for part in node.body if part not in inner] + node.bases + node.decorator_list
        found = Definition(self.name, node.name, rest, True)
        self.definitions[node.name] = found
        for part in inner:
            if part.name.startswith("__"):
                found.nodes.append(part)
                continue
            name = f"{node.name}.{part.name}"
            self.definitions[name] = Definition(self.name, name, [part], True, owner=node.name)
            found.members.append(name)

    def assign(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        for name in names:
            if name != "__all__":
                self.definitions[name] = Definition(self.name, name, [node], False)


class Tree:
    """The product's source below `root`; `scanned` are dotted names of modules or packages whose names are judged."""

    def __init__(self, root: Path, scanned: Iterable[str]):
        self.root, self.scanned = root, tuple(scanned)
        self.modules = {module.name: module for module in self.read()}
        self.words = self.read_templates()

    def files(self, suffix: str) -> Iterator[Path]:
        """The product's files of a kind, in order; what is no product is not even looked into."""
        for folder, inner, names in os.walk(self.root):
            inner[:] = sorted(name for name in inner if name not in NOT_PRODUCT and not name.startswith("."))
            yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffix))

    def read(self) -> Iterator[Module]:
        for path in self.files(".py"):
            parts = path.relative_to(self.root).parts
            if parts[-1] in NOT_PRODUCT:
                continue
            names = [*parts[:-1], path.stem]
            is_package = names[-1] == "__init__"
            name = ".".join(names[:-1] if is_package else names)
            yield Module(name, ast.parse(path.read_bytes()), is_package)

    def read_templates(self) -> set[str]:
        """Every word of a template's tags: attributes are looked up by them."""
        found: set[str] = set()
        for path in self.files(".html"):
            for tag in TEMPLATE_TAG.findall(path.read_text(errors="replace")):
                found.update(WORD.findall(tag))
        return found

    def is_scanned(self, module: str) -> bool:
        return any(self.is_under(module, name) for name in self.scanned)

    @staticmethod
    def is_under(module: str, name: str) -> bool:
        """Whether a module is the one of that name, or lies in the package of that name."""
        return module == name or module.startswith(f"{name}.")

    def judged(self) -> list[Definition]:
        """Public functions, classes, methods and constants of the scanned modules."""
        return [
            entry
            for module in self.modules.values()
            if self.is_scanned(module.name)
            for entry in module.definitions.values()
            if entry.is_public
        ]

    def resolve(self, dotted: str) -> Definition | str | None:
        """The definition that a dotted name means, through re-exports; a module's name; None for what is not ours."""
        for _ in range(10):
            holder, _, name = dotted.rpartition(".")
            module = self.modules.get(holder)
            if module is not None and name in module.definitions:
                return module.definitions[name]
            if module is not None and name in module.imports and module.imports[name] != dotted:
                dotted = module.imports[name]
                continue
            return dotted if dotted in self.modules else None
        return None


def unreached(tree: Tree) -> list[Definition]:
    """The judged definitions that no code of the product reaches, in the order of the source."""
    walk = Walk(tree)
    return [entry for entry in tree.judged() if (entry.module, entry.name) not in walk.reached]


class Walk:
    """From the product's other code to every name it needs, by a list of what is still to be looked at."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self.reached: set[tuple[str, str]] = set()
        self.attributes: set[str] = set(tree.words)
        self.imported: set[str] = set()
        self.passed_about: set[str] = set()
        self.waiting: list[tuple[str, ast.AST]] = []
        self.methods: dict[str, list[Definition]] = {}
        for entry in tree.judged():
            if entry.owner:
                self.methods.setdefault(entry.short, []).append(entry)
        for module in tree.modules.values():
            if not tree.is_scanned(module.name):
                self.enter(module, whole=True)
        self.run()

    def enter(self, module: Module, whole: bool = False) -> None:
        """What runs on import is reached; of a module that is not scanned, all of it."""
        if module.name in self.imported:
            return
        self.imported.add(module.name)
        self.waiting += [(module.name, node) for node in module.on_import]
        if whole:
            for entry in module.definitions.values():
                self.reach(entry)

    def reach(self, entry: Definition) -> None:
        if (entry.module, entry.name) in self.reached:
            return
        self.reached.add((entry.module, entry.name))
        self.enter(self.tree.modules[entry.module])
        self.waiting += [(entry.module, node) for node in entry.nodes]
        if not self.tree.is_scanned(entry.module):
            return
        for member in entry.members:
            if member.rpartition(".")[2] in self.attributes or member.rpartition(".")[2].startswith("_"):
                self.reach(self.tree.modules[entry.module].definitions[member])

    def run(self) -> None:
        while self.waiting:
            module, node = self.waiting.pop()
            self.look_at(self.tree.modules[module], node)

    def look_at(self, module: Module, node: ast.AST) -> None:
        """Every name that `node` reads; names that it only sets are no use of anything."""
        if isinstance(node, ast.Name):
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                self.name(module, node.id)
            return
        if isinstance(node, ast.Attribute) and self.attribute(module, node):
            return
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
            for argument in node.args[1:2]:
                if isinstance(argument, ast.Constant):
                    self.named(str(argument.value))
        for part in ast.iter_child_nodes(node):
            self.look_at(module, part)

    def name(self, module: Module, name: str) -> None:
        if name in module.definitions:
            self.reach(module.definitions[name])
        elif name in module.imports:
            self.follow(module.imports[name], is_value=True)

    def attribute(self, module: Module, node: ast.Attribute) -> bool:
        """Whether this is `module.name`, followed to its origin; else it is some object's, known by its name alone."""
        first, _, rest = dotted_name(node).partition(".")
        if first in module.imports and first not in module.definitions and rest:
            parts = rest.split(".")
            for length in range(len(parts), 0, -1):
                if self.follow(".".join([module.imports[first], *parts[:length]])):
                    for attribute in parts[length:]:
                        self.named(attribute)
                    return True
        self.named(node.attr)
        return False

    def follow(self, dotted: str, is_value: bool = False) -> bool:
        """Whether a dotted name is a module or definition of ours; it is reached then.

        A module that is passed about as a value (`{"cbam": cbam}`) is asked for any of its names.
        """
        found = self.tree.resolve(dotted)
        if isinstance(found, str):
            self.enter(self.tree.modules[found], whole=not self.tree.is_scanned(found))
            if is_value:
                self.pass_about(found)
        elif found is not None:
            self.reach(found)
        return found is not None

    def pass_about(self, module: str) -> None:
        if module in self.passed_about:
            return
        self.passed_about.add(module)
        for name in [*self.tree.modules[module].definitions, *self.tree.modules[module].imports]:
            if name in self.attributes:
                self.name(self.tree.modules[module], name)

    def named(self, attribute: str) -> None:
        """An attribute's name is used: methods of that name in every class that is reached are, too."""
        if attribute in self.attributes:
            return
        self.attributes.add(attribute)
        for module in list(self.passed_about):
            self.name(self.tree.modules[module], attribute)
        for entry in self.methods.get(attribute, []):
            if (entry.module, entry.owner) in self.reached:
                self.reach(entry)


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` of an attribute of a plain name; empty for the attribute of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
