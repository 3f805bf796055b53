"""Specific embedded free allocation and what an importer would owe, in t CO2e per t of goods.

Implementing Regulation (EU) 2025/2620, Eq 2 to 6 (known here only through the Commission's questions and answers
and a cross-check note); the CBAM factor of Art. 10a(1a) of Directive 2003/87/EC multiplies the benchmark, never the
emissions. A benchmark that is not known leaves the result not determined.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.trace import Step, given, summed, worked_out

CLAUSE = "2025/2620, Eq 2 to 6 (second-hand)"
ZERO = Decimal(0)


@dataclass(frozen=True)
class YearFactors:
    """CBAM factor and cross-sectoral correction factor of a year, with where each is from."""

    cbam_factor: Decimal
    correction_factor: Decimal
    source: str = "entered"

    def steps(self):
        return (
            given("CBAM_y", "CBAM factor", self.cbam_factor, "-", self.source),
            given("CSCF_y", "cross-sectoral correction factor", self.correction_factor, "-", self.source),
        )


@dataclass(frozen=True)
class PrecursorAllocation:
    """m in t per t; the supplier's verified SEFA, or column B's benchmark where there is none."""

    name: str
    specific_mass: Decimal
    sefa: Decimal | None = None
    benchmark_b: Decimal | None = None
    source: str = "entered"


def allocation(year: YearFactors, benchmark: Decimal | None, source="entered") -> Step | None:
    """CBAM_y × CSCF_y × BM: with column A for a simple good (Eq 2, 3), with column B on default values (Eq 6)."""
    if benchmark is None:
        return None
    value = year.cbam_factor * year.correction_factor * benchmark
    inputs = (*year.steps(), given("BM", "benchmark", benchmark, "t CO2e/t", source))
    return worked_out("SEFA", "benchmark", value, "t CO2e/t", "CBAM_y × CSCF_y × BM", CLAUSE, *inputs)


def complex_allocation(year, benchmark_a: Decimal | None, precursors: list[PrecursorAllocation]) -> Step | None:
    """SFA_proc + Σ m × SEFA_i (Eq 4, 5); None as soon as one benchmark of the chain is not known."""
    own = allocation(year, benchmark_a)
    parts = [precursor_allocation(year, entry) for entry in precursors]
    if own is None or any(part is None for part in parts):
        return None
    brought = summed("SEFA_prec", "precursors", "t CO2e/t", CLAUSE, parts, formula="" if parts else "0")
    value = own.value + brought.value
    return worked_out("SEFA", "process and precursors", value, "t CO2e/t", "SEFA + SEFA_prec", CLAUSE, own, brought)


def precursor_allocation(year, entry: PrecursorAllocation) -> Step | None:
    mass = given("m", f"specific mass of {entry.name}", entry.specific_mass, "t/t")
    if entry.sefa is not None:
        sefa = given("SEFA_i", f"of {entry.name}, verified", entry.sefa, "t CO2e/t", entry.source)
    else:
        found = allocation(year, entry.benchmark_b, entry.source)
        if found is None:
            return None
        sefa = given("SEFA_i", f"of {entry.name}, column B", found.value, "t CO2e/t", entry.source)
    value = entry.specific_mass * sefa.value
    return worked_out("SEFA_m", entry.name, value, "t CO2e/t", "m × SEFA_i", CLAUSE, mass, sefa)


def obligation_t_per_t(see: Decimal, sefa: Decimal | None, paid_t_per_t: Decimal = ZERO) -> Decimal | None:
    """max(0, SEE − SEFA − emissions whose carbon price is paid); None while the allocation is not determined."""
    return None if sefa is None else max(ZERO, see - sefa - paid_t_per_t)
