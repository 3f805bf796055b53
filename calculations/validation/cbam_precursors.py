"""CBAM rules on precursors: common errors 3, 10, 13 and 14."""

from decimal import Decimal

from calculations.cbam import goods
from calculations.validation.cbam_goods import TOLERANCE, category_of, is_definitive
from calculations.validation.finding import BLOCKS, WARNS, Case, Found, Rule, name_of, number, rule

RULES: list[Rule] = []
OUTPUTS_OF_METAL = {goods.STEEL_PRODUCTS, goods.ALUMINIUM_PRODUCTS}
COMPLEX = OUTPUTS_OF_METAL | {goods.CEMENT, goods.MIXED, goods.UREA}
COATING_SHARE = Decimal("0.95")  # zinc and paint may outweigh the loss of a coated product, not by more
NEVER_ACTUAL = {"epd", "pcf", "lca", "iso 14067"}


@rule(RULES, "CBAM-03", "Precursors are entered, with the mass that enters before any loss")
def precursors(case: Case) -> Found:
    for place, process in case.rows("processes"):
        category = category_of(case, process)
        entries = [*(process.get("purchased_precursors") or []), *(process.get("own_precursors") or [])]
        if not entries:
            yield from missing_precursors(place, process, category)
        elif category in OUTPUTS_OF_METAL:
            yield from short_precursors(place, process, entries)


def missing_precursors(place: str, process: dict, category: str | None) -> Found:
    if category not in COMPLEX or process.get("is_joint_process"):
        return
    severity = BLOCKS if category in OUTPUTS_OF_METAL else WARNS
    yield (
        f"{place}.purchased_precursors",
        f"{name_of(process)} makes {category.lower()} and has no precursor: the metal, clinker or ammonia that enters "
        "is missing, unless one joint process makes both (Art. 4(9)).",
        severity,
    )


def short_precursors(place: str, process: dict, entries: list[dict]) -> Found:
    level = number(process, "activity_level_t") or Decimal(0)
    mass = sum((number(entry, "mass_t") or Decimal(0) for entry in entries), Decimal(0))
    if mass < COATING_SHARE * level:
        yield (
            f"{place}.purchased_precursors",
            f"Only {mass} t enter {name_of(process)} for {level} t of product: the mass before any loss counts.",
        )
    elif mass <= level:
        yield (
            f"{place}.purchased_precursors",
            f"{name_of(process)} loses nothing ({mass} t in, {level} t out): is this the mass after cutting?",
            WARNS,
        )


@rule(RULES, "CBAM-10", "Electricity is there where it counts")
def counted_electricity(case: Case) -> Found:
    for place, process in case.rows("processes"):
        if goods.counts_indirect(category_of(case, process)) and not number(process, "electricity", "consumed_mwh"):
            sentence = f"{name_of(process)} makes goods whose indirect emissions count, and has no electricity."
            yield f"{place}.electricity.consumed_mwh", sentence
    for place, entry in case.rows("processes", "purchased_precursors"):
        category = goods.category_named(str(entry.get("category") or ""))
        if goods.counts_indirect(category) and number(entry, "electricity_mwh_per_t") is None:
            sentence = f"The electricity of {name_of(entry)} counts (2025/2547 Annex I 3.1) and is missing."
            yield f"{place}.electricity_mwh_per_t", sentence


@rule(RULES, "CBAM-13", "A supplier's actual value has its verification report")
def supplier_values(case: Case) -> Found:
    if not is_definitive(case):
        return
    for place, entry in case.rows("processes", "purchased_precursors"):
        basis = str(entry.get("basis") or "").lower()
        if basis in NEVER_ACTUAL:
            yield f"{place}.basis", f"{name_of(entry)}: a value from {entry['basis']} is no embedded emission of CBAM."
        elif entry.get("source") == "measured" and not entry.get("is_exempt_origin"):
            report = entry.get("verification") or {}
            missing = [key for key in ("report", "verifier", "accreditation_number") if not report.get(key)]
            if missing:
                yield (
                    f"{place}.verification",
                    f"{name_of(entry)} is entered as actual without {' and '.join(missing).replace('_', ' ')} of its "
                    "verification; without one the default value holds (2025/2547 Annex II A.1(4), (5)).",
                    BLOCKS if case.is_report else WARNS,
                )


@rule(RULES, "CBAM-14", "A default value has its country and its mark-up, once")
def default_values(case: Case) -> Found:
    for place, entry in case.rows("processes", "purchased_precursors"):
        if entry.get("source") != "default":
            continue
        default = entry.get("default") or {}
        if case.is_report and not default.get("country"):
            yield f"{place}.default.country", f"{name_of(entry)} is on default values without a country of origin."
        base, mark_up, used = number(default, "base"), number(default, "mark_up"), number(entry, "see_direct")
        if base is None or mark_up is None or used is None:
            continue
        expected = base * (1 + mark_up)
        if abs(used - expected) <= Decimal("0.0005") + TOLERANCE:  # the act prints three decimals
            continue
        words = f"{name_of(entry)}: {used} stands, {base} × {1 + mark_up} = {expected} is the default value"
        if abs(used - base) <= TOLERANCE:
            yield f"{place}.see_direct", f"{words}; the mark-up is missing."
        elif abs(used - expected * (1 + mark_up)) <= Decimal("0.001"):
            yield f"{place}.see_direct", f"{words}; the mark-up was added twice."
        else:
            yield f"{place}.see_direct", f"{words}; another edition of the act?"
