"""What a section prints besides its items: tables of figures, calculations step by step, factors, findings. Pure.

A block is plain data, frozen with the report: the PDF prints it, the annexure writes its figures as numbers.
"""

from decimal import Decimal

from calculations.quantities import text_of
from calculations.trace import Step
from core.number_format import NOT_PROVIDED
from reports.documents.items import days_in_words


def column(label, unit="", is_number=False):
    return {"label": label, "unit": unit, "is_number": is_number}


def number_column(label, unit=""):
    return column(label, unit, is_number=True)


EMPTY = {"text": "", "is_missing": False}  # beneath a sum


def text(value):
    """A cell of words, days as people write them; "not provided" where nobody has entered any."""
    cleaned = "" if value is None else days_in_words(str(value).strip())
    return {"text": cleaned or NOT_PROVIDED, "is_missing": not cleaned}


def figure(value, decimals=3, missing=NOT_PROVIDED):
    """A cell with a number, unrounded: it is rounded where it is printed. `missing` says why there is none."""
    known = value if value is None or isinstance(value, Decimal) else Decimal(str(value))
    if known is None:
        return {"text": missing, "is_missing": missing == NOT_PROVIDED}
    return {"value": text_of(known), "decimals": decimals}


def yes_or_no(answer: bool | None) -> dict:
    """A cell with an answer; a dash where there is nothing to compare."""
    return text("–" if answer is None else "yes" if answer else "no")


def not_applicable(reason):
    return {"text": f"not applicable ({reason})", "is_missing": False}


def table(caption, columns, rows, foot=None, note="", empty=NOT_PROVIDED):
    """`rows` are lists of cells, one for each column; `foot` a row of sums; `empty` what stands where no row is."""
    return {
        "kind": "table",
        "caption": caption,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "foot": foot,
        "note": note,
        "empty": empty,
    }


def steps(caption, tree: Step):
    """A calculation that can be followed by hand: each step, and beneath it what it rests on."""
    lines = [
        {
            "depth": min(depth, 6),
            "symbol": step.symbol,
            "name": step.name,
            "formula": step.formula,
            "value": text_of(step.value),
            "unit": "" if step.unit == "-" else step.unit,
            "said_by": step.clause or step.source,
        }
        for depth, step in tree.lines()
    ]
    return {"kind": "steps", "caption": caption, "lines": lines}


def factors(frozen):
    """The factors that were used, each once, as `Factor.frozen` gives them."""
    once = {(row["key"], row["citation"]): row for row in frozen}
    return {"kind": "factors", "rows": [once[key] for key in sorted(once)]}


def findings(frozen):
    """What the rules found, with what blocks first."""
    return {"kind": "findings", "rows": list(frozen)}
