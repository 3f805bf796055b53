"""The head of a table that particulars may stand above, and the sums that may stand below it. Pure."""

from collections.abc import Callable, Sequence

MAX_LINES_ABOVE = 40  # lines among which the head is looked for
TOTAL_WORDS = ("total", "grand total", "sub total", "subtotal", "sum", "totals", "gross total", "total:", "average")


def find_head(rows: Sequence[Sequence[str]], known: Callable[[str], object]) -> int | None:
    """The index of the row with most headings that are `known`, the first of equals; None where no row has any."""
    best, most = None, 0
    for index, row in enumerate(rows[:MAX_LINES_ABOVE]):
        found = [known(cell) for cell in row if cell.strip()]
        count = len({name for name in found if name})
        if count > most:
            best, most = index, count
    return best


def is_total(cells: Sequence[str]) -> bool:
    """Whether the row is a sum below the table: its first filled cell says so."""
    first = next((cell for cell in cells if cell.strip()), "")
    words = " ".join(first.lower().replace("-", " ").split()).rstrip(":. ")
    return words in TOTAL_WORDS or words.startswith(("total ", "grand total "))
