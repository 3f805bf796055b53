"""How figures are written for people: Indian grouping, a fixed number of decimals, "not provided" for blanks."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.utils.numberformat import format as group_digits

NOT_PROVIDED = "not provided"


def indian(value, decimals: int = 0) -> str:
    """12,34,567.89: the last three digits, then pairs; rounded half up at this, the printed, place only."""
    if value is None or value == "":
        return "–"
    number = Decimal(str(value))
    if not number.is_finite():
        return "–"
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return group_digits(rounded, ".", decimal_pos=decimals, grouping=(3, 2, 0), thousand_sep=",", force_grouping=True)


def share(percent, decimals: int = 1) -> str:
    """99.96 → 99.9: a share is cut, not rounded, so that 100.0 is only ever written when nothing is missing."""
    if percent is None or percent == "":
        return "–"
    exact = Decimal(str(percent))
    if not exact.is_finite():
        return "–"
    denoised = exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)  # sums of floats end a hair below the whole
    return indian(denoised.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR), decimals)
