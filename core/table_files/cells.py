"""A cell of a table as text, with what a workbook says besides. Pure."""

from typing import Any, Self


class Cell(str):
    """Text of a cell. `is_exact`: a number that the workbook holds as one, with a decimal point whatever its column.

    `problem`: why the workbook has no value for it, such as a formula that was never calculated.
    """

    problem: str
    is_exact: bool
    __slots__ = ("is_exact", "problem")

    def __new__(cls, text: str = "", *, problem: str = "", is_exact: bool = False) -> Self:
        cell = super().__new__(cls, text)
        cell.problem, cell.is_exact = problem, is_exact
        return cell


def is_exact(cell: str) -> bool:
    return getattr(cell, "is_exact", False)


def problem_of(cell: str) -> str:
    return getattr(cell, "problem", "")


def cell_as_json(cell: str) -> Any:
    """A text, or [text, is exact, problem] for what a text alone would lose."""
    if is_exact(cell) or problem_of(cell):
        return [str(cell), is_exact(cell), problem_of(cell)]
    return str(cell)


def cell_from_json(data: Any) -> str:
    """Raises ValueError."""
    if isinstance(data, str):
        return data
    match data:
        case [str(text), bool(exact), str(problem)]:
            return Cell(text, is_exact=exact, problem=problem)
    raise ValueError("This is no cell.")
