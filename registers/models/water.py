"""Water and wastes."""

from django.db import models

from registers.columns import Quantity, choice, once, one_of, prose, words
from registers.description import FORM_V, SPCB, Kind, Register
from registers.models.fuels import IN_USE
from registers.models.row import Lasting, RegisterRow
from registers.models.unit import Unit
from registers.row_validation import balance, needs


class WaterPoint(RegisterRow, Lasting):
    """A meter or outlet of water, by what the water is for."""

    class Use(models.TextChoices):
        PROCESS = "process", "Process"
        COOLING = "cooling", "Cooling, boiler feed"
        DOMESTIC = "domestic", "Domestic"
        OTHER = "other", "Gardening and other"
        EFFLUENT = "effluent", "Trade effluent discharged"
        SEWAGE = "sewage", "Sewage discharged"

    name = words("meter or outlet", blank=False)
    use = choice("use", Use, blank=False)
    origin = words("from", 80, help_text="MIDC supply, borewell, tanker")
    meter_number = words("meter number", 40)
    consented_m3_per_day = Quantity("consented", "m³/day")

    class Meta:
        verbose_name = "water meter"
        constraints = [once("waterpoint", "name")]

    about = Register(
        slug="water-meters",
        title="Water meters and outlets",
        singular="water meter",
        kind=Kind.STANDING,
        sentence="Where water is metered, for what it is used, and what the consent allows.",
        identity=("name",),
        columns=("use", "origin", "meter_number", "consented_m3_per_day"),
        more=("used_from", "used_until"),
        needed={SPCB: ("consented_m3_per_day",), FORM_V: ("consented_m3_per_day",)},
        rules=(IN_USE,),
    )

    @property
    def label(self):
        return self.name


class WaterUse(RegisterRow):
    """Water of a meter in a month, by its two readings or as a quantity."""

    point = one_of(WaterPoint, "meter or outlet")
    opening_reading_m3 = Quantity("opening reading", "m³")
    closing_reading_m3 = Quantity("closing reading", "m³")
    quantity_m3 = Quantity("quantity", "m³")

    class Meta:
        verbose_name = "water of a month"
        verbose_name_plural = "water"
        constraints = [once("wateruse", "month", "point")]

    about = Register(
        slug="water",
        title="Water",
        singular="water of a month",
        kind=Kind.MONTHLY,
        sentence="Water by meter: opening and closing reading, and what that makes.",
        identity=("point",),
        columns=("opening_reading_m3", "closing_reading_m3", "quantity_m3"),
        needed={SPCB: ("opening_reading_m3", "closing_reading_m3", "quantity_m3"), FORM_V: ("quantity_m3",)},
        lines_from="point",
        carried={"opening_reading_m3": "closing_reading_m3"},
        default_source="meter",
        rules=(
            balance(
                *("opening_reading_m3", ["quantity_m3"], [], "closing_reading_m3"),
                says="Closing reading is opening reading + quantity",
            ),
        ),
    )


class Waste(RegisterRow, Lasting):
    """A waste of the unit, hazardous or not, with what parts D to F of Form V ask of it."""

    class Origin(models.TextChoices):
        PROCESS = "process", "From process"
        ABATEMENT = "abatement", "From pollution control facilities"

    name = words("waste", blank=False)
    is_hazardous = models.BooleanField("hazardous", default=False)
    schedule = words("schedule and category", 40, help_text="Schedule I, 5.1")
    origin = choice("origin", Origin, blank=False, default=Origin.PROCESS)
    unit = choice("unit", Unit, blank=False, default=Unit.T)
    authorised_per_year = Quantity("authorised a year", unit_of="self")
    composition = prose("composition and concentration")
    disposal = prose("disposal practice")
    storage = words("method of storage", 120)

    class Meta:
        constraints = [once("waste", "name")]

    about = Register(
        slug="wastes",
        title="Wastes",
        singular="waste",
        kind=Kind.STANDING,
        sentence="Hazardous and solid wastes, their category, characteristics and disposal.",
        identity=("name",),
        columns=("is_hazardous", "schedule", "origin", "unit", "authorised_per_year"),
        more=("composition", "disposal", "storage", "used_from", "used_until"),
        needed={SPCB: ("disposal",), FORM_V: ("composition", "disposal")},
        fixed_once_used=("unit", "is_hazardous"),
        rules=(
            IN_USE,
            needs(
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
    def unit_said(self):
        return self.get_unit_display()


class WasteMonth(RegisterRow):
    """A waste in a month, in its own unit: what came, what went, what lies there."""

    waste = one_of(Waste, "waste")
    opening = Quantity("opening stock", unit_of="waste")
    generated = Quantity("generated", unit_of="waste")
    dispatched = Quantity("dispatched for disposal", unit_of="waste")
    reused = Quantity("reused inside", unit_of="waste")
    sold = Quantity("sold or recycled outside", unit_of="waste")
    closing = Quantity("closing stock", unit_of="waste")
    manifests = words("manifest numbers (Form 10)", 250)
    destination = words("sent to", 150)

    class Meta:
        verbose_name = "waste of a month"
        verbose_name_plural = "waste register"
        constraints = [once("wastemonth", "month", "waste")]

    about = Register(
        slug="waste",
        title="Waste",
        singular="waste of a month",
        kind=Kind.MONTHLY,
        sentence="Opening + generated − dispatched − reused − sold = closing, with manifests.",
        identity=("waste",),
        columns=("opening", "generated", "dispatched", "reused", "sold", "closing", "manifests"),
        more=("destination",),
        needed={
            SPCB: ("opening", "generated", "dispatched", "closing"),
            FORM_V: ("generated", "dispatched", "closing"),
        },
        lines_from="waste",
        carried={"opening": "closing"},
        rules=(
            balance(
                *("opening", ["generated"], ["dispatched"], "closing"),
                if_given=["reused", "sold"],
                says="Closing stock is opening + generated − dispatched − reused − sold",
            ),
            needs(
                "manifests",
                lambda row: row.dispatched and row.waste_id and row.waste.is_hazardous,
                "Manifest numbers: hazardous waste leaves with a Form 10 manifest.",
            ),
        ),
    )
