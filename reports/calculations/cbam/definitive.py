"""What of an installation's emissions counts for which goods since 1 January 2026.

Regulation (EU) 2023/956, Annex II as amended by (EU) 2025/2083: for iron and steel, aluminium, hydrogen and
electricity direct emissions alone. 2025/2547 Annex I 3.1: such a good still carries the indirect emissions of
precursors that are not in Annex II (pellets), and a good that is not in Annex II leaves out those of precursors
that are.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.calculations.cbam import goods
from reports.calculations.cbam.composition import PerUnit, in_functional_unit
from reports.calculations.cbam.installation import Emissions, Good
from reports.calculations.cbam.processes import Process, ProcessEmissions, in_order

ZERO = Decimal(0)
SEE_DECIMALS = Decimal("0.00001")  # Annex II A.1(8): at most five digits after the comma


@dataclass(frozen=True)
class CountedGood:
    """One CN code's row of the result. `see_indirect` is None for a good of Annex II, which shows
    `see_indirect_of_precursors` apart: Annex IV has no row for it.
    """

    good: Good
    category: str | None
    see_direct: PerUnit
    own_direct: PerUnit
    see_indirect: PerUnit | None
    see_indirect_of_precursors: PerUnit | None
    default_share: Decimal | None

    @property
    def see(self) -> Decimal | None:
        """What an obligation rests on, in the functional unit: direct, and the indirect emissions that count."""
        indirect = self.see_indirect or self.see_indirect_of_precursors
        if self.see_direct.value is None or indirect is None or indirect.value is None:
            return None
        return self.see_direct.value + indirect.value


def counted_goods(found: Emissions, contents: dict[str, Decimal] | None = None) -> list[CountedGood]:
    """One row per good in the order entered; `contents` gives t clinker or kg N per tonne by process name."""
    counted = counted_indirect(found)
    return [row(entry.good, entry.process, counted, contents or {}) for entry in found.goods]


def row(
    good: Good, process: ProcessEmissions, counted: dict[str, Decimal], contents: dict[str, Decimal]
) -> CountedGood:
    category = goods.category_of(good.cn_code) or goods.category_named(process.process.category)
    content = contents.get(good.process)
    indirect = in_functional_unit(counted[good.process], good.cn_code, content)
    is_counted = goods.counts_indirect(category) if category else None
    return CountedGood(
        good,
        category,
        in_functional_unit(process.see_direct.value, good.cn_code, content),
        in_functional_unit(process.own_direct_t_per_t, good.cn_code, content),
        indirect if is_counted else None,
        indirect if is_counted is False else None,
        process.default_share,
    )


def counted_indirect(found: Emissions) -> dict[str, Decimal]:
    """Per process, the indirect emissions that count, t CO2e/t: its own electricity where its goods are outside
    Annex II, and those of precursors by the cross rule of Annex I 3.1.
    """
    categories = categories_of(found)
    done: dict[str, Decimal] = {}
    for process in in_order(found.installation.processes):
        counts_own = goods.counts_indirect(categories[process.name]) is True
        own = found.processes[process.name].attributed_indirect.value if counts_own else ZERO
        brought = bought_indirect(process) + sum(
            (
                entry.mass_t * done[entry.process]
                for entry in process.own
                if passes_on(categories[entry.process], counts_own)
            ),
            ZERO,
        )
        done[process.name] = (own + brought) / process.activity_level_t
    return done


def categories_of(found: Emissions) -> dict[str, str | None]:
    """Each process's category: by the CN code of its goods, else as written on the process."""
    by_code: dict[str, str] = {}
    for good in found.installation.goods:
        if category := goods.category_of(good.cn_code):
            by_code.setdefault(good.process, category)
    return {
        process.name: by_code.get(process.name) or goods.category_named(process.category)
        for process in found.installation.processes
    }


def bought_indirect(process: Process) -> Decimal:
    """Of precursors that are not in Annex II; their category must be known."""
    return sum(
        (
            entry.mass_t * entry.see_indirect
            for entry in process.purchased
            if goods.counts_indirect(goods.category_named(entry.category)) is True
        ),
        ZERO,
    )


def passes_on(category: str | None, receiver_counts_own: bool) -> bool:
    """An own precursor outside Annex II passes its indirect emissions on; one of Annex II passes on only what it
    carries itself, and only to another good of Annex II.
    """
    return goods.counts_indirect(category) is True or not receiver_counts_own


def printed_see(see: Decimal) -> Decimal:
    """At most five digits after the comma (Annex II A.1(8))."""
    return see.quantize(SEE_DECIMALS, ROUND_HALF_UP)


def printed_emissions_t(emissions_t: Decimal) -> Decimal:
    """Full tonnes (Annex II A.1(6))."""
    return emissions_t.quantize(Decimal(1), ROUND_HALF_UP)
