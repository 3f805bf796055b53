"""CBAM rules on goods, production and processes: common errors 1, 2, 11, 15 to 17 and 22."""

from decimal import Decimal
from typing import Any

from calculations.cbam import composition, goods
from calculations.cbam.processes import ProcessEmissions
from calculations.cbam.stream_values import produced_t
from calculations.quantities import decimal_places
from calculations.validation.finding import BLOCKS, WARNS, Case, Found, Rule, name_of, number, rule

RULES: list[Rule] = []
TOLERANCE = Decimal("1e-6")


def is_definitive(case: Case) -> bool:
    """Whether the period lies in the definitive period; a file without one is judged by today's rules."""
    start = (case.data.get("period") or {}).get("start")
    return start is None or str(start) >= "2026"


def category_of(case: Case, process: dict) -> str | None:
    """By the CN codes of its goods, else by the category written on the process."""
    name: Any = process.get("name")
    codes = case.codes_by_process.get(name, [])
    by_code = next((found for code in codes if (found := goods.category_of(code))), None)
    return by_code or goods.category_named(str(process.get("category") or ""))


@rule(RULES, "CBAM-01", "CN codes have eight digits and are in scope")
def cn_codes(case: Case) -> Found:
    for place, good in case.rows("goods"):
        yield from code_faults(f"{place}.cn_code", str(good.get("cn_code") or ""))
    for place, entry in case.rows("processes", "purchased_precursors"):
        if entry.get("cn_code"):
            yield from code_faults(f"{place}.cn_code", str(entry["cn_code"]), is_precursor=True)


def code_faults(place: str, code: str, is_precursor: bool = False) -> Found:
    if not goods.is_code(code):
        yield place, f"“{code}” is not a CN code: eight digits as on the customs declaration, not the HS's four or six."
    elif goods.category_of(code) is None:
        what = "no precursor: it carries no embedded emissions" if is_precursor else "not in scope of CBAM"
        yield place, f"{code} is {what}.{hint(goods.digits_of(code))}"


def hint(code: str) -> str:
    if code.startswith("7325"):
        return " Cast articles of 7325 are outside; forged ones are 7326."
    if code.startswith("7204"):
        return " Scrap counts zero."
    return " Machined parts of chapters 84, 85 and 87 are outside." if code[:2] in ("84", "85", "87") else ""


@rule(RULES, "CBAM-01b", "The category of a process is that of its goods", WARNS)
def categories(case: Case) -> Found:
    for place, process in case.rows("processes"):
        written = goods.category_named(str(process.get("category") or ""))
        by_code = category_of(case, process)
        if written and by_code and written != by_code:
            sentence = f"{name_of(process)} is entered as {written}, but the CN codes of its goods are {by_code}."
            yield f"{place}.category", sentence
    yield from gases(case)


def gases(case: Case) -> Found:
    """Streams of other gases than CO2 that none of the goods counts."""
    categories = {category_of(case, process) for _, process in case.rows("processes")}
    counted = {gas for category in categories if category for gas in goods.gases(category)}
    for place, entry in enumerate(getattr(case.found, "streams", ())):
        gas = entry.stream.gas
        if gas != "CO2" and gas not in counted:
            words = f"{entry.stream.name} emits {gas}, which none of these goods counts (2025/2547 Annex I.2, Table 1)."
            yield f"source_streams[{place}]", words


@rule(RULES, "CBAM-02", "The activity level is what was produced, saleable and whole")
def production(case: Case) -> Found:
    for place, process in case.rows("processes"):
        level = number(process, "activity_level_t")
        if not level:
            yield f"{place}.activity_level_t", f"{name_of(process)} has no production in tonnes."
            continue
        made, sold = number(process, "production", "made_t"), number(process, "production", "sold_t")
        if made is None:
            continue
        saleable = made - (number(process, "production", "scrap_t") or Decimal(0))
        yield from stock_faults(place, process, saleable, sold)
        if level > saleable * (1 + TOLERANCE):
            words = f"The activity level of {name_of(process)} includes scrap or off-spec: {saleable} t are saleable."
            yield f"{place}.activity_level_t", words
        elif level == sold and abs(saleable - sold) > TOLERANCE * level:
            words = f"The activity level of {name_of(process)} is what was sold; what was produced counts."
            yield f"{place}.activity_level_t", words


def stock_faults(place: str, process: dict, saleable: Decimal, sold: Decimal | None) -> Found:
    """Production = sold − opening + closing (2025/2547 Annex II B.4.1(b))."""
    opening, closing = (number(process, "production", key) for key in ("opening_stock_t", "closing_stock_t"))
    if sold is None or opening is None or closing is None:
        return
    expected = produced_t(sold, Decimal(0), opening, closing)
    if abs(saleable - expected) > TOLERANCE * max(saleable, Decimal(1)):
        yield (
            f"{place}.production",
            f"Production of {name_of(process)} does not agree with sales and stocks: sold − opening + closing is "
            f"{expected} t, saleable are {saleable} t.",
        )


@rule(RULES, "CBAM-11", "The processes add up to the installation")
def reconciliation(case: Case) -> Found:
    found = getattr(case.found, "reconciliation", None)
    if found and not found.adds_up:
        yield (
            "processes",
            f"Installation and processes differ by {found.difference_t:.6g} t CO2e ({found.difference_pct:.3g} %, "
            "at most 0.5 % may be rounding): something is left out or stands twice.",
        )
    used: dict[Any, Decimal] = {}
    for _place, entry in case.rows("processes", "own_precursors"):
        used[entry.get("process")] = used.get(entry.get("process"), Decimal(0)) + (number(entry, "mass_t") or 0)
    for place, process in case.rows("processes"):
        level, mass = number(process, "activity_level_t"), used.get(process.get("name"))
        if mass and level and mass > level * (1 + TOLERANCE):
            yield (
                f"{place}.activity_level_t",
                f"Other processes take {mass} t from {name_of(process)}, which makes {level} t.",
            )


@rule(RULES, "CBAM-15", "The share of default values is the one worked out")
def default_share(case: Case) -> Found:
    for row, (place, good) in enumerate(case.rows("goods")):
        told, found = number(good, "reported", "default_share"), worked_out(case, row)
        share = (found.default_share or Decimal(0)) if found else None
        if told is not None and share is not None and abs(told - share) > TOLERANCE:
            sentence = f"The share of defaults of {name_of(good)} is told as {told}; worked out it is {share:.6f}."
            yield f"{place}.reported.default_share", sentence


def worked_out(case: Case, row: int) -> ProcessEmissions | None:
    found = getattr(case.found, "goods", None)
    return found[row].process if found and row < len(found) else None


@rule(
    RULES, "CBAM-16", "Free allocation is determined with its precursors, or told as not determined", reports_only=True
)
def free_allocation(case: Case) -> Found:
    with_precursors = {
        process.get("name")
        for _, process in case.rows("processes")
        if process.get("purchased_precursors") or process.get("own_precursors")
    }
    for place, good in case.rows("goods"):
        told = good.get("free_allocation") or {}
        if told.get("value") is None:
            if not told.get("not_determined"):
                sentence = f"{name_of(good)} has neither a free allocation nor the reason why it is not determined."
                yield f"{place}.free_allocation", sentence
        elif good.get("process") in with_precursors and not told.get("includes_precursors"):
            sentence = (
                f"The free allocation of {name_of(good)} leaves out its precursors: actual looks worse than default."
            )
            yield f"{place}.free_allocation.includes_precursors", sentence


@rule(RULES, "CBAM-17", "One CN code, one process, one figure a year")
def one_figure(case: Case) -> Found:
    if is_definitive(case):
        first: dict[str, str] = {}
        for place, good in case.rows("goods"):
            code = goods.digits_of(str(good.get("cn_code") or ""))
            other = first.setdefault(code, str(good.get("process")))
            if code and other != good.get("process"):
                yield (
                    f"{place}.process",
                    f"{code} comes from {other} and from {good.get('process')}: goods of one functional unit have one "
                    "process (2025/2547 Art. 4(6)).",
                    BLOCKS if case.is_report else WARNS,
                )
    for place, good in case.rows("goods"):
        for key in ("see_direct", "see_indirect"):
            told = number(good, "reported", key)
            if told is not None and decimal_places(told) > 5:
                yield f"{place}.reported.{key}", f"{told} has more than five digits after the comma.", WARNS
    yield from wide_ranges(case)


def wide_ranges(case: Case) -> Found:
    """Averages over more than one range of composition."""
    for place, process in case.rows("processes"):
        for key, what in (("clinker_t_per_t", "clinker"), ("nitrogen_kg_per_t", "nitrogen")):
            contents = [found for row in process.get("composition") or [] if (found := number(row, key)) is not None]
            if contents and not composition.is_one_range(what, min(contents), max(contents)):
                span = f"{min(contents)} to {max(contents)} {composition.CONTENT_UNITS[what]}"
                words = "a range of composition spans at most 10 % (2025/2547 Annex III B)."
                yield f"{place}.composition", f"{name_of(process)} averages {span}: {words}"


@rule(RULES, "CBAM-22", "Bought-out and job-work steps are counted", WARNS, reports_only=True)
def outsourced_steps(case: Case) -> Found:
    for place, process in case.rows("processes"):
        steps = process.get("outsourced_steps")
        if steps is None:
            yield f"{place}.outsourced_steps", f"Say whether steps of {name_of(process)} are done outside, or none."
            continue
        for number_of, step in enumerate(steps):
            if not step.get("is_counted"):
                yield (
                    f"{place}.outsourced_steps[{number_of}]",
                    f"The emissions of {name_of(step)} are not counted; goods that come back count as made here.",
                    BLOCKS,
                )
