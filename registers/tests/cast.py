"""Rows for stories about registers: a forge that makes gears from steel bars, burning diesel."""

from datetime import date
from decimal import Decimal

from devices.models import Device
from registers import models
from registers.models import BY_SLUG, ROWS
from registers.tests.model_factories import MAKERS, FuelMaker, ProductionMaker, ProductMaker
from registers.tests.model_factories import save_row as row  # noqa: F401  for tests that give every field

APRIL, MAY, JUNE = date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)
STORY = {  # beside what the makers fill in
    models.Process: {"name": "Forging"},
    models.Product: {"name": "Gear blanks", "unit": "t"},
    models.Fuel: {"name": "HSD", "fuel_kind": "gas_diesel_oil", "unit": "kL"},
    models.Material: {"name": "Graphite", "unit": "kg"},
    models.Connection: {"name": "HT service"},
    models.Generator: {"name": "DG 1", "plant": "dg"},
    models.PrecursorSupply: {"name": "Steel bars", "supplier": "Mill", "cn_code": "72143000"},
    models.WaterPoint: {"name": "Main meter", "use": "process"},
    models.Waste: {"name": "Used oil", "is_hazardous": True, "schedule": "Schedule I, 5.1", "unit": "kL"},
    models.EmissionPoint: {"name": "Furnace stack"},
    models.Consent: {"number": "CTO-1"},
    models.ConsentLimit: {"high": Decimal(150)},
    models.Production: {
        "opening": Decimal(10),
        "made": Decimal(100),
        "dispatched": Decimal(90),
        "closing": Decimal(20),
    },
    models.OperatingMonth: {"operating_days": Decimal(26)},
    models.MachineMonth: {"energy_kwh": Decimal(900)},
    models.ElectricityBill: {"energy_kwh": Decimal(1000)},
    models.Generation: {"generated_kwh": Decimal(50)},
    models.FuelUse: {"used_process": Decimal(3)},
    models.MaterialUse: {"used": Decimal(40)},
    models.PrecursorUse: {"mass_t": Decimal(130)},
    models.OwnPrecursorUse: {"mass_t": Decimal(2)},
    models.HeatFlow: {"what": "heat", "way": "consumed", "energy_tj": Decimal(1)},
    models.WaterUse: {"quantity_m3": Decimal(300)},
    models.WasteMonth: {"generated": Decimal("0.2")},
    models.Calibration: {"meter": "HT meter"},
    models.Shutdown: {"what": "Furnace", "reason": "planned"},
    models.Letter: {"what": "notice", "subject": "Stack height"},
    models.Measure: {"description": "Recuperator", "stage": "done"},
    models.YearStatement: {"other_particulars": "Trees planted"},
    models.SectorParameters: {"scrap_t_per_t": Decimal("0.3")},
    models.CbamYear: {"plan_title": "Monitoring plan"},
    models.Particulars: {"board": "MPCB"},
}
OPTIONAL_LINKS = {  # relations that a row need not have, but has in the story
    models.Product: ["process"],
    models.Generator: ["fuel"],
    models.FuelUse: ["process"],
    models.PrecursorUse: ["process"],
}


def gears(factory, **values):
    return ProductMaker(factory=factory, **STORY[models.Product], **values)


def diesel(factory, **values):
    return FuelMaker(factory=factory, **STORY[models.Fuel], **values)


def production_row(factory, product, month=APRIL, **values):
    return ProductionMaker(factory=factory, product=product, month=month, **{**STORY[models.Production], **values})


def one_row_per_register(factory) -> dict:
    """{slug: row} with a row in every register of the factory, related to each other."""
    device = Device.objects.filter(factory=factory).first() or Device.objects.create(
        factory=factory, device_id="ESP32-REG-1", device_name="Register press"
    )
    rows = {Device: device}
    for model, maker in MAKERS.items():
        rows[model] = maker(factory=factory, **links(model, rows), **STORY.get(model, {}))
    rows_by_slug = {model.register.slug: rows[model] for model in ROWS}
    assert set(rows_by_slug) == set(BY_SLUG)
    return rows_by_slug


def links(model, rows) -> dict:
    """{field: row already made} of the model's required relations, and of the story's optional ones."""
    fields = [field for field in model.register.fields() if field.is_relation]
    wanted = [field for field in fields if not field.null or field.name in OPTIONAL_LINKS.get(model, [])]
    return {field.name: rows[field.related_model] for field in wanted}
