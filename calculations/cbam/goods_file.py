"""Reading goods: their composition, and what an importer's obligation for them rests on besides emissions."""

from decimal import Decimal

from calculations.cbam.allocation import Terms, YearFactors
from calculations.cbam.composition import Lot
from calculations.cbam.defaults import Prices
from calculations.cbam.goods import functional_unit
from calculations.cbam.installation import Good, Installation
from calculations.strict_json import Node

ZERO, ONE = Decimal(0), Decimal(1)
CONTENTS = {"clinker_t_per_t": ("clinker", ONE), "nitrogen_kg_per_t": ("nitrogen", Decimal(1000))}  # key: what, most


def good(node: Node, year: YearFactors | None) -> Good:
    process, cn_code = node.text("process", required=True), node.text("cn_code", required=True)
    name, (what, content) = node.text("name"), content_of(node)
    if content is not None and what != functional_unit(cn_code).content:
        node.fault(key_of(what), f"is not used: the functional unit of {cn_code} is {functional_unit(cn_code).name}.")
    found = Good(process, cn_code, name, content, terms(node, year))
    node.close()
    return found


def content_of(node: Node, required: bool = False) -> tuple[str, Decimal | None]:
    """(clinker or nitrogen, content per tonne); of both keys, the second is a fault."""
    known = {key: node.number(key, above=ZERO, most=most) for key, (_, most) in CONTENTS.items()}
    there = [key for key in known if node.has(key)]
    if len(there) > 1:
        node.fault(there[1], f"is not used where {there[0]} stands; give one of them.")
    if not there:
        if required:
            node.fault("", f"needs {' or '.join(CONTENTS)}.")
        return "", None
    return CONTENTS[there[0]][0], known[there[0]]


def key_of(what: str) -> str:
    return next(key for key, (name, _) in CONTENTS.items() if name == what)


def composition(node: Node) -> tuple[Lot, ...]:
    """The compositions a process makes, each with its tonnes."""
    return tuple(lot(row) for row in node.rows("composition"))


def lot(node: Node) -> Lot:
    quantity = node.number("quantity_t", required=True, default=ONE, above=ZERO)
    what, content = content_of(node, required=True)
    node.close()
    return Lot(quantity, content or ONE, what)


def check_contents(node: Node, found: Installation) -> None:
    """A composition is of what its goods are counted in, and a good's own content needs that of its process."""
    for place, process in enumerate(found.processes):
        codes = [entry.cn_code for entry in found.goods if entry.process == process.name]
        for row, made in enumerate(process.composition):
            if other := next((code for code in codes if functional_unit(code).content != made.content), None):
                words = f"is of {made.content}; the functional unit of {other} is {functional_unit(other).name}."
                node.fault(f"processes[{place}].composition[{row}]", words)
    known = {process.name for process in found.processes if process.composition}
    for place, entry in enumerate(found.goods):
        if entry.content_per_t is not None and entry.process not in known:
            words = f"The composition of its process “{entry.process[:80]}” is missing."
            node.fault(f"goods[{place}]", words)


def of_the_year(node: Node, key: str, year: YearFactors | None) -> Decimal | None:
    """A number of the free allocation, which counts for nothing without the factors of its year."""
    value = node.number(key)
    if node.has(key) and year is None:
        node.fault(key, "is not used without free_allocation, the factors of the year.")
    return value


def terms(node: Node, year: YearFactors | None) -> Terms:
    own, chain, paid = (
        of_the_year(node, key, year)
        for key in ("benchmark_a_t_per_t", "benchmark_b_t_per_t", "carbon_price_paid_t_per_t")
    )
    source = node.text("benchmark_source", default="entered")
    if node.has("default_value") and year is None:
        node.fault("default_value", "is not used without free_allocation, the factors of the year.")
    base, mark_up = default_value(node.child("default_value"))
    return Terms(own, chain, source, paid or ZERO, base, mark_up, node.number("quantity_t", above=ZERO))


def default_value(node: Node | None) -> tuple[Decimal | None, Decimal]:
    """(total of the act without its mark-up, mark-up as a fraction)."""
    if node is None:
        return None, ZERO
    found = (
        node.number("total_t_per_t", required=True, default=ZERO),
        node.number("mark_up", required=True, default=ZERO, most=ONE),
    )
    node.close()
    return found


def free_allocation(node: Node | None) -> YearFactors | None:
    if node is None:
        return None
    cbam, correction = (
        node.number(key, required=True, default=ONE, most=ONE) for key in ("cbam_factor", "correction_factor")
    )
    found = YearFactors(cbam, correction, node.text("source", default="entered"))
    node.close()
    return found


def prices(node: Node | None, year: YearFactors | None) -> Prices:
    if node is None:
        return Prices()
    if year is None:
        node.fault("", "are not used without free_allocation, the factors of the year.")
    found = Prices(*(node.number(key, required=True, above=ZERO) for key in ("certificate_eur", "inr_per_eur")))
    node.close()
    return found
