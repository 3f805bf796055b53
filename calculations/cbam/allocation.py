"""Specific embedded free allocation and what an importer would owe, in t CO2e per t of goods.

Implementing Regulation (EU) 2025/2620, Eq 2 to 6 (known here only through the Commission's questions and answers
and a cross-check note); the CBAM factor of Art. 10a(1a) of Directive 2003/87/EC multiplies the benchmark, never the
emissions. A benchmark that is not known leaves the result not determined.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.trace import Step, given, summed, worked_out

CLAUSE = "2025/2620, Eq 2 to 6 (second-hand)"
OBLIGATION = "Commission, CBAM Questions and Answers, 3.7 and 4.32"
PER_TONNE = "t CO2e/t"
ZERO = Decimal(0)


@dataclass(frozen=True)
class YearFactors:
    """CBAM factor and cross-sectoral correction factor of a year, with where each is from."""

    cbam_factor: Decimal
    correction_factor: Decimal
    source: str = "entered"

    def steps(self) -> tuple[Step, Step]:
        return (
            given("CBAM_y", "CBAM factor", self.cbam_factor, "-", self.source),
            given("CSCF_y", "cross-sectoral correction factor", self.correction_factor, "-", self.source),
        )


@dataclass(frozen=True)
class PrecursorAllocation:
    """m in t per t; the supplier's verified SEFA or that of an own process, else column B's benchmark."""

    name: str
    specific_mass: Decimal
    sefa: Decimal | None = None
    benchmark_b: Decimal | None = None
    source: str = "entered"


@dataclass(frozen=True)
class Terms:
    """What the importer's obligation for a good rests on besides its emissions, per tonne of the good.

    Benchmarks of column A (own process) and B (chain), the emissions whose carbon price is paid, the default value
    with the mark-up it gets as a fraction, and the tonnes that are compared.
    """

    benchmark_a: Decimal | None = None
    benchmark_b: Decimal | None = None
    benchmark_source: str = "entered"
    paid_t_per_t: Decimal = ZERO
    default_t_per_t: Decimal | None = None
    mark_up: Decimal = ZERO
    quantity_t: Decimal | None = None


def allocation(year: YearFactors, benchmark: Decimal | None, source: str = "entered") -> Step | None:
    """CBAM_y × CSCF_y × BM: with column A for a simple good (Eq 2, 3), with column B on default values (Eq 6)."""
    if benchmark is None:
        return None
    value = year.cbam_factor * year.correction_factor * benchmark
    inputs = (*year.steps(), given("BM", "benchmark", benchmark, PER_TONNE, source))
    return worked_out("SEFA", "benchmark", value, PER_TONNE, "CBAM_y × CSCF_y × BM", CLAUSE, *inputs)


def complex_allocation(
    year: YearFactors, benchmark_a: Decimal | None, precursors: list[PrecursorAllocation], source: str = "entered"
) -> Step | None:
    """SFA_proc + Σ m × SEFA_i (Eq 4, 5); None as soon as one benchmark of the chain is not known."""
    own = allocation(year, benchmark_a, source)
    parts = [part for entry in precursors if (part := precursor_allocation(year, entry)) is not None]
    if own is None or len(parts) < len(precursors):
        return None
    brought = summed("SEFA_prec", "precursors", PER_TONNE, CLAUSE, parts, formula="" if parts else "0")
    value = own.value + brought.value
    return worked_out("SEFA", "process and precursors", value, PER_TONNE, "SEFA + SEFA_prec", CLAUSE, own, brought)


def precursor_allocation(year: YearFactors, entry: PrecursorAllocation) -> Step | None:
    mass = given("m", f"specific mass of {entry.name}", entry.specific_mass, "t/t")
    sefa: Step | None
    if entry.sefa is not None:
        sefa = given("SEFA", f"of {entry.name}", entry.sefa, PER_TONNE, entry.source)
    else:
        sefa = allocation(year, entry.benchmark_b, f"{entry.source}, column B of {entry.name}")
    if sefa is None:
        return None
    value = entry.specific_mass * sefa.value
    return worked_out("SEFA_m", entry.name, value, PER_TONNE, "m × SEFA", CLAUSE, mass, sefa)


def obligation(see: Step, sefa: Step | None, paid_t_per_t: Decimal = ZERO) -> Step | None:
    """max(0, SEE − SEFA − emissions whose carbon price is paid); None while the allocation is not determined.

    `see` has the symbol SEE.
    """
    if sefa is None:
        return None
    paid = given("P", "emissions whose carbon price is paid", paid_t_per_t, PER_TONNE)
    value = max(ZERO, see.value - sefa.value - paid_t_per_t)
    formula = "max(0, SEE − SEFA − P)"
    return worked_out("O", "left to pay for", value, PER_TONNE, formula, OBLIGATION, see, sefa, paid)
