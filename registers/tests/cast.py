"""Rows for stories about registers: a forge that makes gears from steel bars, burning diesel."""

from datetime import date
from decimal import Decimal

from devices.models import Device
from registers import models as kept
from registers.models import BY_SLUG

APRIL, MAY, JUNE = date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)


def row(model, factory, **values):
    """A saved row of a register, checked as at any door."""
    new = model.register.new_row(factory, **values)
    new.full_clean()
    new.save()
    return new


def gears(factory, **values):
    return row(kept.Product, factory, name="Gear blanks", unit="t", cn_code="73261910", **values)


def diesel(factory, **values):
    return row(kept.Fuel, factory, name="HSD", fuel_kind="gas_diesel_oil", unit="kL", **values)


def production_row(factory, product, month=APRIL, **values):
    figures = {"opening": 10, "made": 100, "dispatched": 90, "closing": 20}
    figures = {name: Decimal(value) for name, value in figures.items()}
    return row(kept.Production, factory, product=product, month=month, **{**figures, **values})


def one_row_per_register(factory) -> dict:
    """{slug: row} with a row in every register of the factory."""
    device = Device.objects.filter(factory=factory).first() or Device.objects.create(
        factory=factory, device_id="ESP32-REG-1", device_name="Register press"
    )
    process = row(kept.Process, factory, name="Forging", category="steel_products")
    product, fuel = gears(factory, process=process), diesel(factory)
    material = row(kept.Material, factory, name="Graphite", unit="kg")
    connection = row(kept.Connection, factory, name="HT service")
    generator = row(kept.Generator, factory, name="DG 1", plant="dg", fuel=fuel)
    supply = row(
        kept.PrecursorSupply,
        factory,
        name="Steel bars",
        supplier="Mill",
        cn_code="72143000",
        basis="default",
        origin="IN",
    )
    point = row(kept.WaterPoint, factory, name="Main meter", use="process")
    waste = row(kept.Waste, factory, name="Used oil", is_hazardous=True, schedule="Schedule I, 5.1", unit="kL")
    stack = row(kept.EmissionPoint, factory, name="Furnace stack", what="stack")
    consent = row(kept.Consent, factory, number="CTO-1", what="cto")
    rows = [
        *(process, product, fuel, material, connection, generator, supply, point, waste, stack, consent),
        production_row(factory, product),
        row(kept.OperatingMonth, factory, month=APRIL, operating_days=Decimal(26)),
        row(kept.MachineMonth, factory, month=APRIL, device=device, energy_kwh=Decimal(900)),
        row(kept.ElectricityBill, factory, month=APRIL, connection=connection, energy_kwh=Decimal(1000)),
        row(kept.Generation, factory, month=APRIL, generator=generator, generated_kwh=Decimal(50)),
        row(kept.FuelUse, factory, month=APRIL, fuel=fuel, process=process, used_process=Decimal(3)),
        row(kept.MaterialUse, factory, month=APRIL, material=material, used=Decimal(40)),
        row(kept.PrecursorUse, factory, month=APRIL, supply=supply, process=process, mass_t=Decimal(130)),
        row(kept.OwnPrecursorUse, factory, month=APRIL, product=product, mass_t=Decimal(2)),
        row(kept.HeatFlow, factory, month=APRIL, what="heat", way="consumed", energy_tj=Decimal(1)),
        row(kept.WaterUse, factory, month=APRIL, point=point, quantity_m3=Decimal(300)),
        row(kept.WasteMonth, factory, month=APRIL, waste=waste, generated=Decimal("0.2")),
        row(
            *(kept.LabResult, factory),
            **{"point": stack, "sampled_on": date(2024, 4, 9), "parameter": "pm", "result": "BDL", "unit": "mg/Nm3"},
        ),
        row(kept.Calibration, factory, meter="HT meter", calibrated_on=date(2024, 4, 2)),
        row(
            *(kept.Shutdown, factory),
            **{"what": "Furnace", "from_on": date(2024, 4, 14), "until_on": date(2024, 4, 15), "reason": "planned"},
        ),
        row(kept.Letter, factory, received_on=date(2024, 4, 20), what="notice", subject="Stack height"),
        row(kept.Measure, factory, month=APRIL, description="Recuperator", stage="done"),
        row(kept.YearStatement, factory, month=APRIL, other_particulars="Trees planted"),
        row(kept.SectorParameters, factory, month=APRIL, product=product, scrap_t_per_t=Decimal("0.3")),
        row(kept.CbamYear, factory, month=APRIL, plan_title="Monitoring plan"),
        row(kept.Particulars, factory, board="MPCB"),
        row(
            *(kept.ConsentLimit, factory),
            **{"consent": consent, "point": stack, "parameter": "pm", "high": Decimal(150), "unit": "mg/Nm3"},
        ),
    ]
    rows_by_slug = {one.register.slug: one for one in rows}
    assert set(rows_by_slug) == set(BY_SLUG)
    return rows_by_slug
