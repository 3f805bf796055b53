"""Fuels and their monthly consumption."""

from collections.abc import Iterator
from decimal import Decimal

from django.db import models

from calculations.plausibility import OXIDATION_PERCENT
from registers.columns import Quantity, char_field, choice_field, optional_fk, required_fk, unique_per
from registers.description import CBAM, FORM_V, PAT, SPCB, Register, RegisterKind
from registers.models.row import RegisterRow, ValidityPeriod
from registers.models.unit import Per, Process, QuantityUnit
from registers.plausible_values import plausible, plausible_fuel, standard_is_the_tables
from registers.row_validation import balance, not_before, required_when

KCAL_PER_KG_IN_GJ_PER_T = Decimal("0.0041868")  # the international table calorie
USE_PERIOD_IN_ORDER = not_before("used_until", "used_from", "In use until: this lies before in use from.")


class FuelKind(models.TextChoices):
    """The kind of a fuel, by which its standard factors are looked up."""

    DIESEL = "gas_diesel_oil", "Diesel (HSD, LDO)"
    FURNACE_OIL = "residual_fuel_oil", "Furnace oil, LSHS"
    NATURAL_GAS = "natural_gas", "Natural gas (PNG)"
    LPG = "lpg", "LPG"
    KEROSENE = "kerosene", "Kerosene"
    NAPHTHA = "naphtha", "Naphtha"
    PETROL = "motor_gasoline", "Petrol"
    BITUMINOUS = "other_bituminous_coal", "Coal, bituminous"
    SUB_BITUMINOUS = "sub_bituminous_coal", "Coal, sub-bituminous"
    COKING = "coking_coal", "Coking coal"
    LIGNITE = "lignite", "Lignite"
    COKE = "coke_oven_coke", "Coke"
    PETCOKE = "petroleum_coke", "Petroleum coke"
    CHARCOAL = "charcoal", "Charcoal"
    WOOD = "wood", "Wood, bagasse, rice husk"
    BIOGAS = "biogas", "Biogas"
    WASTE = "waste", "Waste as fuel"
    OTHER = "other", "Other"


class Fuel(RegisterRow, ValidityPeriod):
    """A fuel burnt in the unit."""

    name = char_field("fuel", blank=False)
    fuel_kind = choice_field("kind", FuelKind, blank=False)
    unit = choice_field("unit", QuantityUnit, blank=False, default=QuantityUnit.T)
    consented_quantity = Quantity("consented quantity", unit_of="self")
    consented_per = choice_field("consented per", Per)
    biomass_proof = char_field("proof of sustainability (biomass)", 200)

    class Meta:
        constraints = [unique_per("fuel", "name")]

    register = Register(
        slug="fuels",
        title="Fuels",
        singular="fuel",
        kind=RegisterKind.STANDING,
        sentence="What the unit burns, and what the consent allows.",
        identity=("name",),
        columns=("fuel_kind", "unit", "consented_quantity", "consented_per"),
        more=("biomass_proof", "used_from", "used_until"),
        needed={SPCB: ("consented_quantity",), FORM_V: ("consented_quantity",)},
        immutable_once_referenced=("unit",),
        validators=(USE_PERIOD_IN_ORDER,),
    )

    @property
    def label(self):
        return self.name

    @property
    def unit_label(self):
        return self.get_unit_display()


class ValueSource(models.TextChoices):
    """The source of a calorific value or factor, in the rules' order of preference."""

    OWN_LAB = "own_lab", "Own or NABL laboratory"
    SUPPLIER = "supplier", "Supplier certificate"
    NATIONAL = "national", "National inventory"
    STANDARD = "standard", "Standard value"


class FuelUse(RegisterRow):
    """Consumption of a fuel in a month, per process where several burn it, in the fuel's own unit."""

    fuel = required_fk(Fuel, "fuel")
    process = optional_fk(Process, "process")
    opening = Quantity("opening stock", unit_of="fuel")
    purchased = Quantity("purchased", unit_of="fuel")
    closing = Quantity("closing stock", unit_of="fuel")
    used_process = Quantity("used for process", unit_of="fuel")
    used_power = Quantity("used for power", unit_of="fuel")
    used_elsewhere = Quantity("used outside the boundary", unit_of="fuel", help_text="Trucks, forklifts, colony")
    gcv_kcal_per_kg = Quantity("GCV", "kcal/kg")
    gcv_kcal_per_sm3 = Quantity("GCV of a gas", "kcal/Sm³")
    ncv_gj_per_t = Quantity("NCV", "GJ/t")
    ncv_gj_per_1000nm3 = Quantity("NCV of a gas", "GJ/1000 Nm³")
    value_source = choice_field("calorific value from", ValueSource)
    density_kg_per_l = Quantity("density", "kg/L", high=3)
    moisture_percent = Quantity("moisture", "%", high=100)
    carbon_t_per_t = Quantity("carbon content", "t C/t", high=1)
    factor_t_per_tj = Quantity("certified emission factor", "t CO₂/TJ")
    oxidation_percent = Quantity("oxidation", "%", high=100)
    biomass_percent = Quantity("biomass share", "%", high=100)
    amount_rs = Quantity("amount", "₹", low=None)
    bill_number = char_field("bill number", 60)

    class Meta:
        verbose_name = "fuel of a month"
        verbose_name_plural = "fuels used"
        constraints = [
            unique_per("fueluse", "month", "fuel", "process"),
            models.UniqueConstraint(
                fields=["factory", "fuel", "process", "bill_number"],
                condition=~models.Q(bill_number=""),
                nulls_distinct=False,
                name="a_fuel_bill_number_stands_once",
                violation_error_message="Bill number: this bill stands in another month already.",
            ),
        ]

    register = Register(
        slug="fuel-use",
        title="Fuels used",
        singular="fuel of a month",
        kind=RegisterKind.MONTHLY,
        sentence="Purchase, stock and use, for process or power, with calorific values and where they come from.",
        identity=("fuel", "process"),
        columns=(
            *("opening", "purchased", "used_process", "used_power", "closing", "gcv_kcal_per_kg", "ncv_gj_per_t"),
            "value_source",
        ),
        more=(
            *("used_elsewhere", "gcv_kcal_per_sm3", "ncv_gj_per_1000nm3", "density_kg_per_l", "moisture_percent"),
            *("carbon_t_per_t", "factor_t_per_tj", "oxidation_percent", "biomass_percent", "bill_number", "amount_rs"),
        ),
        needed={
            SPCB: ("used_process",),
            FORM_V: ("used_process",),
            PAT: ("opening", "purchased", "used_process", "used_power", "closing", "value_source"),
            CBAM: ("used_process", "used_power", "value_source"),
        },
        expected_per="fuel",
        carry_forward={
            "opening": "closing",
            **{
                name: name
                for name in (
                    *("gcv_kcal_per_kg", "gcv_kcal_per_sm3", "ncv_gj_per_t", "ncv_gj_per_1000nm3", "value_source"),
                    *("density_kg_per_l", "moisture_percent", "carbon_t_per_t", "oxidation_percent", "biomass_percent"),
                )
            },
        },
        default_source="invoice",
        validators=(
            balance(
                *("opening", ["purchased"], ["used_process", "used_power"], "closing"),
                optional_minus=["used_elsewhere"],
                message="Closing stock is opening + purchased − used",
            ),
            required_when(
                "value_source",
                lambda row: row.gcv_kcal_per_kg is not None or row.ncv_gj_per_t is not None,
                "Calorific value from: say where GCV and NCV come from.",
            ),
            lambda row: net_below_gross(row),
            plausible_fuel,
            standard_is_the_tables,
            plausible("oxidation_percent", OXIDATION_PERCENT),
        ),
    )


def net_below_gross(row) -> Iterator:
    """The net calorific value does not exceed the gross one (else swapped, or in another unit)."""
    if row.ncv_gj_per_t is None or row.gcv_kcal_per_kg is None:
        return
    if row.ncv_gj_per_t > row.gcv_kcal_per_kg * KCAL_PER_KG_IN_GJ_PER_T:
        yield "ncv_gj_per_t", "NCV: higher than the GCV beside it; the two may be exchanged, or the unit is not GJ/t."
