"""Number formatting: Indian digit grouping, a fixed number of decimals, "not provided" for blanks."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.numberformat import format as group_digits

NOT_PROVIDED = "not provided"


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
    return group_digits(rounded, ".", decimal_pos=decimals, grouping=(3, 2, 0), thousand_sep=",", force_grouping=True)


def share(percent: Any, decimals: int = 1) -> str:
    """99.96 → 99.9: a percentage is truncated, not rounded, so that 100.0 is printed only when nothing is missing."""
    if percent is None or percent == "":
        return "–"
    exact = Decimal(str(percent))
    if not exact.is_finite():
        return "–"
    denoised = exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)  # float sums end slightly low
    return indian(denoised.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR), decimals)
