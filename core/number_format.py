"""Number formatting: Indian digit grouping, a fixed number of decimals, "not provided" for blanks."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.numberformat import format as group_digits

INDIAN_GROUPS, THOUSANDS = (3, 2, 0), (3, 0)
GROUPS: ContextVar[tuple[int, ...]] = ContextVar("digit groups", default=INDIAN_GROUPS)
NOT_PROVIDED = "not provided"


@contextmanager
def grouped_by_thousands() -> Iterator[None]:
    """335,570.8 instead of 3,35,570.8, for a document whose readers are in the Union."""
    token = GROUPS.set(THOUSANDS)
    try:
        yield
    finally:
        GROUPS.reset(token)


def indian(value: Any, decimals: int = 0) -> str:
    """12,34,567.89: the last three digits, then pairs; rounded half up, once, at the printed place."""
    if value is None or value == "":
        return "–"
    number = Decimal(str(value))
    if not number.is_finite():
        return "–"
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return group_digits(
        rounded, ".", decimal_pos=decimals, grouping=GROUPS.get(), thousand_sep=",", force_grouping=True
    )


def share(percent: Any, decimals: int = 1) -> str:
    """99.96 → 99.9: a percentage is truncated, not rounded, so that 100.0 is printed only when nothing is missing."""
    if percent is None or percent == "":
        return "–"
    exact = Decimal(str(percent))
    if not exact.is_finite():
        return "–"
    denoised = exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)  # float sums end slightly low
    return indian(denoised.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR), decimals)
