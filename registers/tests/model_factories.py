"""Model factories of the registers: a test names only the fields it is about.

Defaults are generated from the description of a register: its period, and what a row cannot be saved without. Only
values that need a certain form or fit each other are given below. Rows are validated as on every page.
"""

from datetime import date

from django.db.models import BooleanField, DateField, Field, ForeignKey
from factory import LazyAttribute, LazyAttributeSequence, Sequence, SubFactory
from factory.django import DjangoModelFactory

from devices.models import Device
from devices.tests.cast import make_device
from factories.tests.cast import FactoryMaker
from registers import models
from registers.columns import field_label

APRIL, APRIL_9 = date(2024, 4, 1), date(2024, 4, 9)
MAKERS = {}  # {model: its maker}


def save_row(model, factory, **values):
    """A row of a register, with no defaults but the description's. Raises ValidationError."""
    row = model.register.new_row(factory, **values)
    row.full_clean()
    row.save()
    return row


class RowMaker(DjangoModelFactory):
    """A row of a register; without a `factory`, of a new one."""

    class Meta:
        abstract = True

    factory = SubFactory(FactoryMaker)

    @classmethod
    def _create(cls, model_class, *args, **values):
        return save_row(model_class, values.pop("factory"), **values)


def maker(model, **defaults) -> type[RowMaker]:
    """The factory of a register's model, with generated defaults for the fields not among `defaults`."""
    register = model.register
    fields = {field.name: field for field in register.fields() if is_required(field)}
    generated = {name: default_of(field) for name, field in fields.items() if name not in defaults}
    if register.has_period and not register.date_field_name:
        generated["month"] = APRIL
    meta = type("Meta", (), {"model": model})
    MAKERS[model] = type(RowMaker)(f"{model.__name__}Maker", (RowMaker,), {"Meta": meta, **generated, **defaults})
    return MAKERS[model]


def is_required(field: Field) -> bool:
    return not (field.blank or field.null or field.has_default())


def default_of(field: Field):
    if isinstance(field, ForeignKey) and field.related_model is Device:
        return LazyAttributeSequence(lambda row, n: make_device(row.factory, device_id=f"ESP32-REG-{n}"))
    if isinstance(field, ForeignKey):
        return LazyAttribute(lambda row: MAKERS[field.related_model](factory=row.factory))
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, DateField):
        return APRIL_9
    if isinstance(field, BooleanField):
        return False
    return Sequence(lambda n: f"{field_label(field)} {n + 1}")


# What the unit has; first those that others refer to

ParticularsMaker = maker(models.Particulars)
ProcessMaker = maker(models.Process, category="steel_products")
ProductMaker = maker(models.Product, cn_code="73261910")
ConnectionMaker = maker(models.Connection)
FuelMaker = maker(models.Fuel)
GeneratorMaker = maker(models.Generator)
MaterialMaker = maker(models.Material)
PrecursorSupplyMaker = maker(models.PrecursorSupply, cn_code="72142000", basis="default", origin="IN")
WaterPointMaker = maker(models.WaterPoint)
WasteMaker = maker(models.Waste)
EmissionPointMaker = maker(models.EmissionPoint, what="stack")
ConsentMaker = maker(models.Consent, what="cto")
ConsentLimitMaker = maker(models.ConsentLimit, parameter="pm", unit="mg/Nm3")

# Every month

ProductionMaker = maker(models.Production)
OperatingMonthMaker = maker(models.OperatingMonth)
MachineMonthMaker = maker(models.MachineMonth)
ElectricityBillMaker = maker(models.ElectricityBill)
GenerationMaker = maker(models.Generation)
FuelUseMaker = maker(models.FuelUse)
MaterialUseMaker = maker(models.MaterialUse)
PrecursorUseMaker = maker(models.PrecursorUse)
OwnPrecursorUseMaker = maker(models.OwnPrecursorUse)
HeatFlowMaker = maker(models.HeatFlow, way="consumed")
WaterUseMaker = maker(models.WaterUse)
WasteMonthMaker = maker(models.WasteMonth)

# As it happens

LabResultMaker = maker(models.LabResult, parameter="pm", result="BDL", unit="mg/Nm3")
CalibrationMaker = maker(models.Calibration)
ShutdownMaker = maker(models.Shutdown)
LetterMaker = maker(models.Letter)

# Every year

MeasureMaker = maker(models.Measure)
YearStatementMaker = maker(models.YearStatement)
SectorParametersMaker = maker(models.SectorParameters)
CbamYearMaker = maker(models.CbamYear)
