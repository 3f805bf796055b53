"""The registers' models, and the list of registers in display order."""

from core.audit_log import audited
from registers.models.calibrations_and_letters import Calibration, Letter
from registers.models.emissions import Consent, ConsentLimit, EmissionPoint, LabResult
from registers.models.energy import Connection, ElectricityBill, Generation, Generator
from registers.models.evidence import Evidence
from registers.models.factors import Factor, FactorSet
from registers.models.fuels import Fuel, FuelUse
from registers.models.locks import MonthLock, PeriodLocked, RegisterExemption
from registers.models.materials import HeatFlow, Material, MaterialUse
from registers.models.precursors import OwnPrecursorUse, PrecursorSupply, PrecursorUse
from registers.models.production import MachineMonth, OperatingMonth, Production, Shutdown
from registers.models.row import RegisterRow, Source
from registers.models.unit import Particulars, Process, Product, SectorParameters
from registers.models.water import Waste, WasteMonth, WaterPoint, WaterUse
from registers.models.years import CbamYear, Measure, YearStatement

ROWS = [
    # every month
    *(Production, OperatingMonth, MachineMonth, ElectricityBill, Generation, FuelUse, MaterialUse, PrecursorUse),
    *(OwnPrecursorUse, HeatFlow, WaterUse, WasteMonth),
    # as it happens
    *(LabResult, Calibration, Shutdown, Letter),
    # every year
    *(Measure, YearStatement, SectorParameters, CbamYear),
    # what the unit has
    *(Particulars, Process, Product, Connection, Generator, Fuel, Material, PrecursorSupply, WaterPoint, Waste),
    *(EmissionPoint, Consent, ConsentLimit),
]
REGISTERS = [model.register for model in ROWS]
BY_SLUG = {register.slug: register for register in REGISTERS}

for model in ROWS:
    audited(exclude=["changed_at"])(model)

__all__ = [
    "BY_SLUG",
    "REGISTERS",
    "ROWS",
    "Evidence",
    "Factor",
    "FactorSet",
    "MonthLock",
    "PeriodLocked",
    "RegisterExemption",
    "RegisterRow",
    "Source",
]
__all__ += [model.__name__ for model in ROWS]
