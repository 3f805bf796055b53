"""Blocks of a section besides its items: tables, calculation steps, factors, findings. Pure.

A block is plain data, frozen with the report; the PDF renders it, the XLSX annexure writes its figures as numbers.
"""

from decimal import Decimal

from calculations.quantities import text_of
from calculations.trace import Step
from core.number_format import NOT_PROVIDED
from reports.documents.items import days_in_words


def column(label, unit="", is_number=False) -> dict:
    return {"label": label, "unit": unit, "is_number": is_number}


def number_column(label, unit="") -> dict:
    return column(label, unit, is_number=True)


EMPTY = {"text": "", "is_missing": False}  # for cells of the foot row without a sum


def text(value) -> dict:
    """A text cell, ISO dates written out; "not provided" where the value is blank."""
    cleaned = "" if value is None else days_in_words(str(value).strip())
    return {"text": cleaned or NOT_PROVIDED, "is_missing": not cleaned}


def figure(value, decimals=3, missing=NOT_PROVIDED, months="") -> dict:
    """A numeric cell, unrounded; rendering rounds to `decimals`. `missing` is the text without a value.

    `months` ("3 of 12 months") stands beside a sum over fewer months than its period.
    """
    known = value if value is None or isinstance(value, Decimal) else Decimal(str(value))
    if known is None:
        return {"text": missing, "is_missing": missing == NOT_PROVIDED}
    return {"value": text_of(known), "decimals": decimals, **({"months": months} if months else {})}


def share_measured(percent, missing=NOT_PROVIDED) -> dict:
    """A share of a period that was measured: printed cut to a tenth, as everywhere, so that 100.0 means all of it."""
    cell = figure(percent, 1, missing)
    return {**cell, "is_share": True} if "value" in cell else cell


def months_said(entered, of) -> str:
    """ "3 of 12 months"; empty where every month is entered, or it is not known how many are."""
    return "" if entered is None or entered >= of else f"{entered} of {of} months"


def yes_or_no(answer: bool | None) -> dict:
    """A yes/no cell; a dash for None."""
    return text("–" if answer is None else "yes" if answer else "no")


def not_applicable(reason) -> dict:
    return {"text": f"not applicable ({reason})", "is_missing": False}


def table(caption, columns, rows, foot=None, note="", empty=NOT_PROVIDED) -> dict:
    """`rows` are lists of cells, one for each column; `foot` a row of sums; `empty` the text without rows."""
    return {
        "kind": "table",
        "caption": caption,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "foot": foot,
        "note": days_in_words(note),
        "empty": empty,
    }


def steps(caption, tree: Step) -> dict:
    """A calculation trace: each step, followed by the steps it depends on, indented."""
    lines = [
        {
            "depth": min(depth, 6),
            "symbol": step.symbol,
            "name": step.name,
            "formula": step.formula,
            "kind": step.kind,
            "value": text_of(step.value),
            "unit": "" if step.unit == "-" else step.unit,
            "said_by": days_in_words(step.clause or step.source),
        }
        for depth, step in tree.lines()
    ]
    return {"kind": "steps", "caption": caption, "lines": lines}


def factors(frozen) -> dict:
    """The factors used (as `Factor.frozen` returns them), deduplicated."""
    once = {(row["key"], row["citation"]): row for row in frozen}
    return {"kind": "factors", "rows": [once[key] for key in sorted(once)]}


def findings(frozen) -> dict:
    """Findings of the validation rules, in the order given."""
    return {"kind": "findings", "rows": list(frozen)}
