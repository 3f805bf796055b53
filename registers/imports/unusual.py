"""Figures of an import that are ten times off those of other months of the same line: asked about, never refused."""

from decimal import Decimal
from statistics import median

from core.table_files.choices import Question
from registers.columns import Quantity
from registers.imports.shown_values import text_of

KEY = "unusual"
TIMES_OFF = 10
MAX_NAMED = 8
EARLIER_MONTHS = 24


def questions(register, factory, lines) -> list[Question]:
    """None, or one that names every figure that is TIMES_OFF away from the line's other months."""
    if not register.is_monthly:
        return []
    found = unusual_figures(register, factory, [line for line in lines if line.row is not None])
    if not found:
        return []
    sentence = "Unusual beside other months of the same line: " + "; ".join(found[:MAX_NAMED])
    if len(found) > MAX_NAMED:
        sentence += f"; and {len(found) - MAX_NAMED} more"
    return [Question(KEY, f"{sentence}.", (("yes", "These figures are right"),))]


def unusual_figures(register, factory, lines) -> list[str]:
    names = [name for name in register.columns if isinstance(register.model._meta.get_field(name), Quantity)]
    stored = stored_figures(register, factory, names, {key_of(register, line.row) for line in lines})
    found = []
    for line in lines:
        others = [row for row in stored.get(key_of(register, line.row), []) if row.month != line.row.month]
        for name in names:
            value = getattr(line.row, name) if name in line.values else None
            known = [abs(other) for row in others if (other := getattr(row, name))]
            if not value or not known:
                continue
            usual = median(known)
            if not usual / TIMES_OFF < abs(value) < usual * TIMES_OFF:
                unit = line.values[name].unit
                found.append(
                    f"line {line.number}, {register.heading(name)}: {text_of(value, unit)}, usually about "
                    f"{text_of(rounded(usual), unit)}"
                )
    return found


def stored_figures(register, factory, names, keys) -> dict:
    """{line's identity: its rows}, those of this import included, since it is not committed yet."""
    rows = register.model.objects.for_factory(factory).order_by("-month", "pk")
    found = {}
    for row in rows.iterator():
        key = key_of(register, row)
        if key in keys and len(found.setdefault(key, [])) < EARLIER_MONTHS:
            found[key].append(row)
    return found


def key_of(register, row) -> tuple:
    return tuple(getattr(row, register.model._meta.get_field(name).attname) for name in register.identity)


def rounded(value) -> Decimal:
    """Three digits are enough to compare with."""
    value = Decimal(value)
    return value.quantize(Decimal(1).scaleb(max(value.adjusted() - 2, -3)))
