"""Raw materials, and heat and waste gases that cross the boundary of a process."""

from django.db import models

from registers.columns import Quantity, char_field, choice_field, optional_fk, required_fk, unique_per
from registers.description import CBAM, FORM_V, SPCB, Register, RegisterKind
from registers.models.fuels import USE_PERIOD_IN_ORDER, ValueSource
from registers.models.row import RegisterRow, ValidityPeriod
from registers.models.unit import Process, QuantityUnit
from registers.row_validation import balance, required_when


class Material(RegisterRow, ValidityPeriod):
    """A raw material other than CBAM precursors, which have their own register."""

    class Role(models.TextChoices):
        PLAIN = "plain", "No carbon of its own"
        CARBONATE = "carbonate", "Carbonate (process emissions)"
        BALANCE = "balance", "Carbon in the mass balance"
        SCRAP = "scrap", "Scrap"

    name = char_field("raw material", blank=False)
    unit = choice_field("unit", QuantityUnit, blank=False, default=QuantityUnit.T)
    carbon_role = choice_field("role under CBAM", Role)
    code = char_field("code, where the name is confidential", 40)

    class Meta:
        constraints = [unique_per("material", "name")]

    register = Register(
        slug="materials",
        title="Raw materials",
        singular="raw material",
        kind=RegisterKind.STANDING,
        sentence="What goes into the products and is no CBAM precursor: scrap, electrodes, lubricants, chemicals.",
        identity=("name",),
        columns=("unit", "carbon_role", "code"),
        more=("used_from", "used_until"),
        needed={CBAM: ("carbon_role",)},
        immutable_once_referenced=("unit",),
        validators=(USE_PERIOD_IN_ORDER,),
    )

    @property
    def label(self):
        return self.name

    @property
    def unit_label(self):
        return self.get_unit_display()


class MaterialUse(RegisterRow):
    """Stock movement of a raw material in a month, in its own unit."""

    material = required_fk(Material, "raw material")
    process = optional_fk(Process, "process")
    opening = Quantity("opening stock", unit_of="material")
    purchased = Quantity("purchased", unit_of="material")
    used = Quantity("used", unit_of="material")
    closing = Quantity("closing stock", unit_of="material")
    carbon_t_per_t = Quantity("carbon content", "t C/t", high=1)
    factor_t_per_t = Quantity("certified emission factor", "t CO₂/t")
    pre_consumer_percent = Quantity("pre-consumer share of scrap", "%", high=100)
    value_source = choice_field("carbon content from", ValueSource)

    class Meta:
        verbose_name = "raw material of a month"
        verbose_name_plural = "raw materials used"
        constraints = [unique_per("materialuse", "month", "material", "process")]

    register = Register(
        slug="material-use",
        title="Raw materials used",
        singular="raw material of a month",
        kind=RegisterKind.MONTHLY,
        sentence="Purchase, stock and use of raw materials.",
        identity=("material", "process"),
        columns=("opening", "purchased", "used", "closing", "carbon_t_per_t"),
        more=("factor_t_per_t", "pre_consumer_percent", "value_source"),
        needed={SPCB: ("used",), FORM_V: ("used",), CBAM: ("used",)},
        expected_per="material",
        carry_forward={"opening": "closing", "carbon_t_per_t": "carbon_t_per_t", "value_source": "value_source"},
        default_source="invoice",
        validators=(
            balance(
                "opening", ["purchased"], ["used"], "closing", message="Closing stock is opening + purchased − used"
            ),
        ),
    )


class HeatFlow(RegisterRow):
    """Heat or waste gas that enters or leaves a process (Annex IV 1.1 item 17)."""

    class What(models.TextChoices):
        HEAT = "heat", "Heat"
        WASTE_GAS = "waste_gas", "Waste gas"

    class Way(models.TextChoices):
        IMPORTED = "imported", "Imported"
        PRODUCED = "produced", "Produced"
        CONSUMED = "consumed", "Consumed"
        EXPORTED = "exported", "Exported"

    what = choice_field("what", What, blank=False)
    way = choice_field("way", Way, blank=False)
    process = optional_fk(Process, "process")
    energy_tj = Quantity("energy", "TJ")
    factor_t_per_tj = Quantity("emission factor", "t CO₂/TJ")
    partner = char_field("other installation", 150)

    class Meta:
        constraints = [unique_per("heatflow", "month", "what", "way", "process")]

    register = Register(
        slug="heat",
        title="Heat and waste gases",
        singular="flow of heat",
        kind=RegisterKind.MONTHLY,
        sentence="Heat and waste gases that enter or leave a process; empty where there are none.",
        identity=("what", "way", "process"),
        columns=("energy_tj", "factor_t_per_tj", "partner"),
        needed={CBAM: ("energy_tj",)},
        carry_forward={"factor_t_per_tj": "factor_t_per_tj", "partner": "partner"},
        default_source="meter",
        validators=(
            required_when(
                "partner",
                lambda row: row.way in ("imported", "exported"),
                "Other installation: name where it comes from or goes to.",
            ),
        ),
    )
