"""An installation's year: source streams, processes, goods, and whether the processes add up to the installation.

Implementing Regulation (EU) 2025/2547: Eq 4 for the installation, `processes` for what is attributed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.calculations.cbam.allocation import Terms, YearFactors
from reports.calculations.cbam.defaults import Prices
from reports.calculations.cbam.heat import EnergyUnit
from reports.calculations.cbam.processes import Process, ProcessEmissions, work_out
from reports.calculations.cbam.streams import SourceStream, StreamEmissions, emissions_of
from reports.calculations.quantities import share_pct
from reports.calculations.trace import Step, summed

RECONCILIATION_LIMIT_PCT = Decimal("0.5")
EQ_4 = "2025/2547 Annex II B.2, Eq 4"


NO_TERMS, NO_PRICES = Terms(), Prices()


@dataclass(frozen=True)
class Good:
    process: str
    cn_code: str
    name: str = ""
    content_per_t: Decimal | None = None  # t clinker or kg N per tonne of this good, of its own composition
    terms: Terms = NO_TERMS


@dataclass(frozen=True)
class Installation:
    """What is entered for a period: names of processes are unique, goods and own precursors name one of them."""

    streams: tuple[SourceStream, ...]
    processes: tuple[Process, ...]
    goods: tuple[Good, ...]
    title: str = ""
    source: str = ""
    name: str = ""
    country: str = ""
    start_on: date | None = None
    end_on: date | None = None
    energy_units: tuple[EnergyUnit, ...] = ()
    year: YearFactors | None = None  # free allocation is worked out where it is entered
    prices: Prices = NO_PRICES

    @property
    def contents(self) -> dict[str, Decimal]:
        """t clinker or kg N per tonne by process, where a composition is entered."""
        known = {process.name: process.content_per_t for process in self.processes}
        return {name: content for name, content in known.items() if content is not None}


@dataclass(frozen=True)
class Reconciliation:
    """Installation against processes, t CO2e. Heat from boilers that serve several processes stands in no DirEm*,
    nor does electricity of energy units, so the installation may lie anywhere between the sum of DirEm* and that sum
    plus the heat the processes imported and the electricity they took from such units.
    """

    installation_t: Decimal
    processes_t: Decimal
    shared_heat_t: Decimal

    @property
    def difference_t(self) -> Decimal:
        """What neither the processes nor shared heat explains; positive: attributed to no process."""
        unexplained = self.installation_t - self.processes_t
        if unexplained > 0:
            return max(Decimal(0), unexplained - self.shared_heat_t)
        return unexplained

    @property
    def difference_pct(self) -> Decimal | None:
        """Of the installation's total; of the processes' where the installation has none; None where both are zero."""
        return share_pct(abs(self.difference_t), abs(self.installation_t) or self.processes_t)

    @property
    def adds_up(self) -> bool:
        return self.difference_pct is None or self.difference_pct <= RECONCILIATION_LIMIT_PCT


@dataclass(frozen=True)
class GoodEmissions:
    good: Good
    process: ProcessEmissions


@dataclass(frozen=True)
class Emissions:
    """An installation worked out: totals and their traces, processes by name, goods in the order they were entered."""

    installation: Installation
    streams: tuple[StreamEmissions, ...]
    direct: Step
    biomass: Step
    fuel_input: Step
    indirect: Step
    processes: dict[str, ProcessEmissions]
    goods: tuple[GoodEmissions, ...]
    reconciliation: Reconciliation


def calculate(installation: Installation) -> Emissions:
    """Works an installation out. Raises `processes.ProcessCycle`."""
    processes = work_out(installation.processes)
    streams = tuple(emissions_of(stream) for stream in installation.streams)
    direct = summed("Em_inst", "direct emissions", "t CO2e", EQ_4, [found.fossil for found in streams])
    energy = [found.energy for found in streams if found.energy is not None]
    consumed = [processes[process.name].attributed_indirect for process in installation.processes]
    return Emissions(
        installation,
        streams,
        direct,
        summed("Em_bio", "zero-rated biomass", "t CO2", EQ_4, [found.biomass for found in streams]),
        summed("E_in", "fuel input", "TJ", "2025/2547 Annex II C.1.2.2, Eq 33", energy),
        summed("Em_ind", "indirect emissions", "t CO2", "2025/2547 Annex III A.3, Eq 56", consumed),
        processes,
        tuple(GoodEmissions(good, processes[good.process]) for good in installation.goods),
        reconcile(installation, direct.value),
    )


def reconcile(installation: Installation, direct_t: Decimal) -> Reconciliation:
    attributed = [process.directly_attributable_emissions_t for process in installation.processes]
    shared = [
        process.heat.imported_tj * process.heat.imported_emission_factor
        + process.heat.imported_losses_t
        + process.electricity.of_units_t
        - process.heat.exported_tj * process.heat.exported_emission_factor
        for process in installation.processes
    ]
    return Reconciliation(direct_t, sum(attributed, Decimal(0)), max(Decimal(0), sum(shared, Decimal(0))))
