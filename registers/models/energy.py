"""Electricity bought and generated."""

from collections.abc import Iterator

from django.db import models

from devices.models import Device
from registers.columns import (
    Quantity,
    bool_field,
    char_field,
    choice_field,
    country_field,
    optional_fk,
    required_fk,
    unique_per,
)
from registers.description import CBAM, FORM_V, PAT, SPCB, MeasuredField, Register, RegisterKind
from registers.models.fuels import Fuel
from registers.models.row import RegisterRow, ValidityPeriod
from registers.plausible_values import load_factor, price_of_energy, within_rating
from registers.row_validation import not_above, not_before, sum_not_above


class Connection(RegisterRow, ValidityPeriod):
    """A grid connection, by the consumer number on its bill."""

    class Supply(models.TextChoices):
        GRID = "grid", "Grid"
        WHEELED = "wheeled", "Wheeled renewable"
        LINE = "line", "Dedicated line"
        OUTSIDE = "outside", "Captive plant outside the boundary"

    name = char_field("connection", blank=False, help_text="HT service, colony, second meter")
    consumer_number = char_field("consumer number", 40)
    supplier = char_field("supplier", 120)
    supply = choice_field("supply", Supply, blank=False, default=Supply.GRID)
    origin = country_field("country of origin", default="IN")
    device = optional_fk(Device, "main meter's device", help_text="Blank: all machines together are compared")
    contract_demand_kva = Quantity("contract demand", "kVA")
    connected_load_kw = Quantity("connected load", "kW")
    multiplication_factor = Quantity("meter's multiplication factor")

    class Meta:
        verbose_name = "electricity connection"
        constraints = [unique_per("connection", "name")]

    register = Register(
        slug="connections",
        title="Electricity connections",
        singular="connection",
        kind=RegisterKind.STANDING,
        sentence="Each consumer number, and the device that measures behind it.",
        identity=("name",),
        columns=("consumer_number", "supplier", "supply", "device", "contract_demand_kva", "connected_load_kw"),
        more=("origin", "multiplication_factor", "used_from", "used_until"),
        needed={PAT: ("consumer_number", "contract_demand_kva", "connected_load_kw"), CBAM: ("origin",)},
        default_source="invoice",
    )

    @property
    def label(self):
        return self.name


class ElectricityBill(RegisterRow):
    """The monthly bill of a connection; compared with the meters, never overwritten by them."""

    connection = required_fk(Connection, "connection")
    bill_number = char_field("bill number", 60)
    from_on = models.DateField("read from", null=True, blank=True)
    until_on = models.DateField("read until", null=True, blank=True)
    energy_kwh = Quantity("billed", "kWh")
    apparent_kvah = Quantity("apparent", "kVAh")
    demand_kva = Quantity("billed demand", "kVA")
    amount_rs = Quantity("amount", "₹", low=None)
    excluded_kwh = Quantity("of it colony and construction", "kWh")

    class Meta:
        constraints = [
            unique_per("electricitybill", "month", "connection"),
            models.UniqueConstraint(
                fields=["factory", "connection", "bill_number"],
                condition=~models.Q(bill_number=""),
                name="a_bill_number_stands_once",
                violation_error_message="Bill number: this bill stands in another month already.",
            ),
        ]

    register = Register(
        slug="electricity-bills",
        title="Electricity bills",
        singular="bill",
        kind=RegisterKind.MONTHLY,
        sentence="What was billed, beside what the meters say.",
        identity=("connection",),
        columns=("bill_number", "energy_kwh", "demand_kva", "amount_rs"),
        more=("from_on", "until_on", "apparent_kvah", "excluded_kwh"),
        needed={
            SPCB: ("energy_kwh",),
            FORM_V: ("energy_kwh",),
            PAT: ("bill_number", "energy_kwh", "demand_kva"),
            CBAM: ("bill_number", "energy_kwh"),
        },
        expected_per="connection",
        default_source="invoice",
        validators=(
            not_before("until_on", "from_on", "Read until: this lies before the day it was read from."),
            not_above("excluded_kwh", "energy_kwh", "Colony and construction: more than the whole bill."),
            not_above("energy_kwh", "apparent_kvah", "Billed: more kWh than kVAh; the two may be exchanged."),
            lambda row: bill_touches_month(row),
            load_factor,
            price_of_energy,
        ),
    )


def bill_touches_month(row) -> Iterator:
    """The billing period overlaps the month of the row."""
    if row.month is None or row.until_on is None or row.from_on is None:
        return
    following = row.month.replace(year=row.month.year + row.month.month // 12, month=row.month.month % 12 + 1)
    if row.until_on < row.month or row.from_on >= following:
        yield "until_on", f"Read until: the bill's days do not touch {row.month:%B %Y}."


class Generator(RegisterRow, ValidityPeriod):
    """A generating set or plant inside the boundary."""

    class Plant(models.TextChoices):
        DG = "dg", "Diesel or gas set"
        STG = "stg", "Steam turbine"
        GTG = "gtg", "Gas turbine"
        CHP = "chp", "Cogeneration"
        SOLAR = "solar", "Solar"
        WIND = "wind", "Wind"
        WHR = "whr", "Waste-heat recovery"

    name = char_field("generator", blank=False)
    plant = choice_field("kind", Plant, blank=False)
    fuel = optional_fk(Fuel, "fuel")
    device = optional_fk(Device, "its device")
    rated_kw = Quantity("rated power", "kW")
    heat_rate_kcal_per_kwh = Quantity("design heat rate", "kcal/kWh")
    is_synchronised = bool_field("synchronised with the grid")

    class Meta:
        constraints = [unique_per("generator", "name")]

    register = Register(
        slug="generators",
        title="Generators",
        singular="generator",
        kind=RegisterKind.STANDING,
        sentence="Sets, turbines and solar plants inside the boundary.",
        identity=("name",),
        columns=("plant", "fuel", "device", "rated_kw", "is_synchronised"),
        more=("heat_rate_kcal_per_kwh", "used_from", "used_until"),
        needed={PAT: ("rated_kw", "is_synchronised")},
    )

    @property
    def label(self):
        return self.name


class Generation(RegisterRow):
    """Electricity of a generator in a month. Its fuel is in the fuel register only, to avoid double counting."""

    generator = required_fk(Generator, "generator")
    generated_kwh = Quantity("generated", "kWh")
    auxiliary_kwh = Quantity("used by the plant itself", "kWh")
    exported_kwh = Quantity("exported", "kWh")
    operating_h = Quantity("running hours", "h", high=744)

    class Meta:
        verbose_name_plural = "own generation"
        constraints = [unique_per("generation", "month", "generator")]

    register = Register(
        slug="generation",
        title="Own generation",
        singular="month of generation",
        kind=RegisterKind.MONTHLY,
        sentence="Generated, used by the plant itself, exported.",
        identity=("generator",),
        columns=("generated_kwh", "auxiliary_kwh", "exported_kwh", "operating_h"),
        needed={
            SPCB: ("generated_kwh", "operating_h"),
            PAT: ("generated_kwh", "auxiliary_kwh", "exported_kwh"),
            CBAM: ("generated_kwh", "exported_kwh"),
        },
        expected_per="generator",
        measured_fields={
            "generated_kwh": MeasuredField("energy_kwh", lambda row: row.generator.device_id),
            "operating_h": MeasuredField("operating_h", lambda row: row.generator.device_id),
        },
        default_source="meter",
        validators=(
            sum_not_above(
                ["auxiliary_kwh", "exported_kwh"],
                "generated_kwh",
                "Generated: less than what was used by the plant and exported",
            ),
            within_rating,
        ),
    )
