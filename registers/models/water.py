"""Water and wastes."""

from django.db import models

from registers.columns import Quantity, char_field, choice_field, required_fk, text_field, unique_per
from registers.description import FORM_V, SPCB, Register, RegisterKind
from registers.models.fuels import USE_PERIOD_IN_ORDER
from registers.models.row import RegisterRow, ValidityPeriod
from registers.models.unit import QuantityUnit
from registers.row_validation import balance, required_when


class WaterPoint(RegisterRow, ValidityPeriod):
    """A water meter or outlet, with the use of its water."""

    class Use(models.TextChoices):
        PROCESS = "process", "Process"
        COOLING = "cooling", "Cooling, boiler feed"
        DOMESTIC = "domestic", "Domestic"
        OTHER = "other", "Gardening and other"
        EFFLUENT = "effluent", "Trade effluent discharged"
        SEWAGE = "sewage", "Sewage discharged"

    name = char_field("meter or outlet", blank=False)
    use = choice_field("use", Use, blank=False)
    origin = char_field("from", 80, help_text="MIDC supply, borewell, tanker")
    meter_number = char_field("meter number", 40)
    consented_m3_per_day = Quantity("consented", "m³/day")

    class Meta:
        verbose_name = "water meter"
        constraints = [unique_per("waterpoint", "name")]

    register = Register(
        slug="water-meters",
        title="Water meters and outlets",
        singular="water meter",
        kind=RegisterKind.STANDING,
        sentence="Where water is metered, for what it is used, and what the consent allows.",
        identity=("name",),
        columns=("use", "origin", "meter_number", "consented_m3_per_day"),
        more=("used_from", "used_until"),
        needed={SPCB: ("consented_m3_per_day",), FORM_V: ("consented_m3_per_day",)},
        validators=(USE_PERIOD_IN_ORDER,),
    )

    @property
    def label(self):
        return self.name


class WaterUse(RegisterRow):
    """Monthly water consumption of a meter, by its two readings or as a quantity."""

    point = required_fk(WaterPoint, "meter or outlet")
    opening_reading_m3 = Quantity("opening reading", "m³")
    closing_reading_m3 = Quantity("closing reading", "m³")
    quantity_m3 = Quantity("quantity", "m³")

    class Meta:
        verbose_name = "water of a month"
        verbose_name_plural = "water"
        constraints = [unique_per("wateruse", "month", "point")]

    register = Register(
        slug="water",
        title="Water",
        singular="water of a month",
        kind=RegisterKind.MONTHLY,
        sentence="Water by meter: opening and closing reading, and what that makes.",
        identity=("point",),
        columns=("opening_reading_m3", "closing_reading_m3", "quantity_m3"),
        needed={SPCB: ("opening_reading_m3", "closing_reading_m3", "quantity_m3"), FORM_V: ("quantity_m3",)},
        expected_per="point",
        carry_forward={"opening_reading_m3": "closing_reading_m3"},
        default_source="meter",
        validators=(
            balance(
                *("opening_reading_m3", ["quantity_m3"], [], "closing_reading_m3"),
                message="Closing reading is opening reading + quantity",
            ),
        ),
    )


class Waste(RegisterRow, ValidityPeriod):
    """A waste, hazardous or not, with the attributes required by parts D to F of Form V."""

    class Origin(models.TextChoices):
        PROCESS = "process", "From process"
        ABATEMENT = "abatement", "From pollution control facilities"

    name = char_field("waste", blank=False)
    is_hazardous = models.BooleanField("hazardous", default=False)
    schedule = char_field("schedule and category", 40, help_text="Schedule I, 5.1")
    origin = choice_field("origin", Origin, blank=False, default=Origin.PROCESS)
    unit = choice_field("unit", QuantityUnit, blank=False, default=QuantityUnit.T)
    authorised_per_year = Quantity("authorised a year", unit_of="self")
    composition = text_field("composition and concentration")
    disposal = text_field("disposal practice")
    storage = char_field("method of storage", 120)

    class Meta:
        constraints = [unique_per("waste", "name")]

    register = Register(
        slug="wastes",
        title="Wastes",
        singular="waste",
        kind=RegisterKind.STANDING,
        sentence="Hazardous and solid wastes, their category, characteristics and disposal.",
        identity=("name",),
        columns=("is_hazardous", "schedule", "origin", "unit", "authorised_per_year"),
        more=("composition", "disposal", "storage", "used_from", "used_until"),
        needed={SPCB: ("disposal",), FORM_V: ("composition", "disposal")},
        immutable_once_referenced=("unit", "is_hazardous"),
        validators=(
            USE_PERIOD_IN_ORDER,
            required_when(
                "schedule",
                lambda row: row.is_hazardous,
                "Schedule and category: a hazardous waste has one, such as Schedule I, 5.1.",
            ),
        ),
    )

    @property
    def label(self):
        return self.name

    @property
    def unit_label(self):
        return self.get_unit_display()


class WasteMonth(RegisterRow):
    """Stock movement of a waste in a month, in its own unit: generated, disposed of, in storage."""

    waste = required_fk(Waste, "waste")
    opening = Quantity("opening stock", unit_of="waste")
    generated = Quantity("generated", unit_of="waste")
    dispatched = Quantity("dispatched for disposal", unit_of="waste")
    reused = Quantity("reused inside", unit_of="waste")
    sold = Quantity("sold or recycled outside", unit_of="waste")
    closing = Quantity("closing stock", unit_of="waste")
    manifests = char_field("manifest numbers (Form 10)", 250)
    destination = char_field("sent to", 150)

    class Meta:
        verbose_name = "waste of a month"
        verbose_name_plural = "waste register"
        constraints = [unique_per("wastemonth", "month", "waste")]

    register = Register(
        slug="waste",
        title="Waste",
        singular="waste of a month",
        kind=RegisterKind.MONTHLY,
        sentence="Opening + generated − dispatched − reused − sold = closing, with manifests.",
        identity=("waste",),
        columns=("opening", "generated", "dispatched", "reused", "sold", "closing", "manifests"),
        more=("destination",),
        needed={
            SPCB: ("opening", "generated", "dispatched", "closing"),
            FORM_V: ("generated", "dispatched", "closing"),
        },
        expected_per="waste",
        carry_forward={"opening": "closing"},
        validators=(
            balance(
                *("opening", ["generated"], ["dispatched"], "closing"),
                optional_minus=["reused", "sold"],
                message="Closing stock is opening + generated − dispatched − reused − sold",
            ),
            required_when(
                "manifests",
                lambda row: row.dispatched and row.waste_id and row.waste.is_hazardous,
                "Manifest numbers: hazardous waste leaves with a Form 10 manifest.",
            ),
        ),
    )
