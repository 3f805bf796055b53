"""The registers' models, and the list of registers in the order people keep them."""

from factories.history import remembered
from reports.registers.models.emissions import Consent, ConsentLimit, EmissionPoint, LabResult
from reports.registers.models.energy import Connection, ElectricityBill, Generation, Generator
from reports.registers.models.evidence import Evidence
from reports.registers.models.fuels import Fuel, FuelUse
from reports.registers.models.locks import MonthLock, NotKept, PeriodLocked
from reports.registers.models.materials import HeatFlow, Material, MaterialUse
from reports.registers.models.notes import Calibration, Letter
from reports.registers.models.precursors import OwnPrecursorUse, PrecursorSupply, PrecursorUse
from reports.registers.models.production import MachineMonth, OperatingMonth, Production, Shutdown
from reports.registers.models.row import RegisterRow, Source
from reports.registers.models.unit import Particulars, Process, Product, SectorParameters
from reports.registers.models.water import Waste, WasteMonth, WaterPoint, WaterUse
from reports.registers.models.years import CbamYear, Measure, YearStatement

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
REGISTERS = [model.about for model in ROWS]
BY_SLUG = {register.slug: register for register in REGISTERS}

for model in ROWS:
    remembered(exclude=["changed_at"])(model)

__all__ = ["BY_SLUG", "REGISTERS", "ROWS", "Evidence", "MonthLock", "NotKept", "PeriodLocked", "RegisterRow", "Source"]
__all__ += [model.__name__ for model in ROWS]
