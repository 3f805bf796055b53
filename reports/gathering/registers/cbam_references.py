"""Reference values of goods by CN code: benchmarks and default values, in the form that a report freezes."""

from collections.abc import Iterable
from datetime import date

from registers.factors import lookup


def benchmarks(cn_codes: Iterable[str], on: date) -> dict[str, dict]:
    """Benchmark column A of each good with the year's factors, from secondary sources only."""
    try:
        year = {name: lookup.factor(f"cbam.{name}", on).frozen() for name in ("factor", "cscf")}
    except lookup.FactorNotFound:
        return {}
    by_code = {}
    for code in cn_codes:
        try:
            by_code[code] = {"benchmark": lookup.benchmark(code, "a", on).frozen(), **year}
        except lookup.FactorNotFound:
            continue
    return by_code


def default_values(cn_codes: Iterable[str], on: date) -> dict[str, dict]:
    """Default value and mark-up of each good; goods without one are left out."""
    values = lookup.default_values_on(on)
    by_code = {}
    for code in cn_codes:
        try:
            by_code[code] = {"base": values.value(code).frozen(), "mark_up": values.mark_up(code).frozen()}
        except lookup.FactorNotFound:
            continue
    return by_code
