"""What comes of an input: faults, or figures with their traces and findings, laid out for a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reports.calculations import structure
from reports.calculations.cbam import file as cbam
from reports.calculations.pat import file as pat
from reports.calculations.rules import Case, Finding, findings_of
from reports.calculations.structure import Fault, StructureError
from reports.calculations.trace import Step
from reports.factors import ledger
from reports.what_if import cbam_layout, pat_layout
from reports.what_if.layout import Figure, Table

SCHEMES = {"cbam": cbam, "pat": pat}
LAYOUTS = {"cbam": cbam_layout, "pat": pat_layout}
MOST_STEPS = 2000  # of a page; a file may hold more, and the command prints them all


@dataclass(frozen=True)
class Trace:
    """A tree of steps as lines, each with its depth; `is_cut` where it was longer than a page can hold."""

    title: str
    lines: list[tuple[int, Step]]
    is_cut: bool = False


@dataclass(frozen=True)
class Outcome:
    """Faults alone, or everything else."""

    faults: list[Fault] = field(default_factory=list)
    title: str = ""
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)


def work_out(scheme: str, text: str) -> Outcome:
    try:
        data = structure.parse(text)
        found = SCHEMES[scheme].work_out(data)
    except StructureError as error:
        return Outcome(faults=error.faults)
    on = last_day(data)
    layout = LAYOUTS[scheme]
    return Outcome(
        title=title_of(data),
        figures=layout.figures(found),
        tables=layout.tables(found, on),
        findings=findings_of(scheme, Case(SCHEMES[scheme].completed(data, found), found, references=references(on))),
        traces=list(cut(layout.traces(found))),
    )


def title_of(data) -> str:
    """The input's own title, in letters that can be printed."""
    words = "".join(letter if letter.isprintable() else " " for letter in str(data.get("title") or ""))
    return " ".join(words.split())[:150]


def last_day(data) -> date | None:
    """The end of the input's period, on which its factors are looked up."""
    period = data.get("period")
    return date.fromisoformat(period["end"]) if period else None


def references(on) -> dict[str, Decimal]:
    """Factors that the rules compare with, as far as they hold on that day."""
    try:
        return {"cbam.grid.in": ledger.factor("cbam.grid.in", on).value} if on else {}
    except ledger.NoFactor:
        return {}


def cut(trees: Iterable[tuple[str, Step]]):
    """The trees as lines, all of them together within MOST_STEPS."""
    left = MOST_STEPS
    for title, tree in trees:
        lines = []
        for line in tree.lines():
            if len(lines) >= left:
                yield Trace(title, lines, is_cut=True)
                return
            lines.append(line)
        left -= len(lines)
        yield Trace(title, lines)
