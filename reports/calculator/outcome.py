"""The outcome of a calculation for the page: input faults, or figures with traces and findings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from calculations import strict_json
from calculations.cbam import json_input as cbam
from calculations.pat import json_input as pat
from calculations.strict_json import Fault, StructureError
from calculations.trace import Step
from calculations.validation import Case, Finding, findings_of
from registers.factors import lookup
from reports.calculator import cbam_layout, pat_layout
from reports.calculator.layout import FigureCell, FigureTable

SCHEMES = {"cbam": cbam, "pat": pat}
LAYOUTS = {"cbam": cbam_layout, "pat": pat_layout}
MAX_STEPS = 2000  # per page; `manage.py calculate` prints all


@dataclass(frozen=True)
class FlatTrace:
    """A tree of steps as (depth, step) lines; `is_cut` where MAX_STEPS truncated it."""

    title: str
    lines: list[tuple[int, Step]]
    is_cut: bool = False


@dataclass(frozen=True)
class Outcome:
    """Either faults only, or all the other fields."""

    faults: list[Fault] = field(default_factory=list)
    title: str = ""
    figures: list[FigureCell] = field(default_factory=list)
    tables: list[FigureTable] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    traces: list[FlatTrace] = field(default_factory=list)


def calculate(scheme: str, text: str) -> Outcome:
    try:
        data = strict_json.parse(text)
        result = SCHEMES[scheme].work_out(data)
    except StructureError as error:
        return Outcome(faults=error.faults)
    on = last_day(data)
    layout = LAYOUTS[scheme]
    return Outcome(
        title=title_of(data),
        figures=layout.figures(result),
        tables=layout.tables(result, on),
        findings=findings_of(scheme, Case(SCHEMES[scheme].completed(data, result), result, references=references(on))),
        traces=list(limit_traces(layout.traces(result))),
    )


def title_of(data) -> str:
    """The input's title, without unprintable characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(data.get("title") or ""))
    return " ".join(printable.split())[:150]


def last_day(data) -> date | None:
    """The end of the input's period, the day for factor lookups."""
    period = data.get("period")
    return date.fromisoformat(period["end"]) if period else None


def references(on) -> dict[str, Decimal]:
    """Reference factors for the validation rules, where valid on that day."""
    try:
        return {"cbam.grid.in": lookup.factor("cbam.grid.in", on).value} if on else {}
    except lookup.FactorNotFound:
        return {}


def limit_traces(trees: Iterable[tuple[str, Step]]) -> Iterator:
    """The trees as FlatTraces of at most MAX_STEPS lines in total."""
    remaining = MAX_STEPS
    for title, tree in trees:
        lines = []
        for line in tree.lines():
            if len(lines) >= remaining:
                yield FlatTrace(title, lines, is_cut=True)
                return
            lines.append(line)
        remaining -= len(lines)
        yield FlatTrace(title, lines)
