"""Production, operating days, machine use and shutdowns."""

from django.db import models

from devices.models import Device
from registers.columns import Quantity, bool_field, char_field, choice_field, optional_fk, required_fk, unique_per
from registers.description import CBAM, FORM_V, PAT, SPCB, MeasuredField, Register, RegisterKind
from registers.models.row import RegisterRow
from registers.models.unit import Process, Product
from registers.row_validation import balance, days_in_month, hours_in_month, not_before, required_when


class Production(RegisterRow):
    """Production of a product in a month. Quantities in the product's own unit; stocks at midnight of the last day."""

    product = required_fk(Product, "product")
    opening = Quantity("opening stock", unit_of="product")
    made = Quantity("made", unit_of="product")
    dispatched = Quantity("dispatched", unit_of="product")
    used_inside = Quantity("used in own processes", unit_of="product")
    closing = Quantity("closing stock", unit_of="product")
    off_grade = Quantity("of it off grade or scrap", unit_of="product")
    clinker_t = Quantity("clinker contained", "t")
    nitrogen_kg = Quantity("nitrogen contained", "kg")

    class Meta:
        verbose_name_plural = "production"
        constraints = [unique_per("production", "month", "product")]

    register = Register(
        slug="production",
        title="Production",
        singular="month of production",
        kind=RegisterKind.MONTHLY,
        sentence="Made, dispatched and in stock: the denominator of every specific figure.",
        identity=("product",),
        columns=("opening", "made", "dispatched", "used_inside", "closing"),
        more=("off_grade", "clinker_t", "nitrogen_kg"),
        needed={
            SPCB: ("made",),
            FORM_V: ("made",),
            PAT: ("opening", "made", "dispatched", "closing"),
            CBAM: ("opening", "made", "dispatched", "closing"),
        },
        expected_per="product",
        carry_forward={"opening": "closing"},
        validators=(
            balance(
                *("opening", ["made"], ["dispatched"], "closing"),
                optional_minus=["used_inside"],
                message="Closing stock is opening + made − dispatched − used in own processes",
            ),
        ),
    )


class OperatingMonth(RegisterRow):
    """Operating days and hours of a month: the divisor of all figures per day."""

    operating_days = Quantity("operating days", "d", high=31)
    operating_hours = Quantity("operating hours", "h", high=744)
    ambient_c = Quantity("mean ambient temperature", "°C", low=-30, high=60)

    class Meta:
        verbose_name_plural = "operating days"
        constraints = [unique_per("operatingmonth", "month")]

    register = Register(
        slug="operating-days",
        title="Operating days",
        singular="month of operating days",
        kind=RegisterKind.MONTHLY,
        sentence="Days and hours the unit worked; figures per day are divided by these days.",
        columns=("operating_days", "operating_hours"),
        needed={SPCB: ("operating_days", "operating_hours"), FORM_V: ("operating_days",)},
        validators=(
            days_in_month("operating_days", "Operating days"),
            hours_in_month("operating_hours", "Operating hours"),
        ),
    )


class MachineMonth(RegisterRow):
    """Electricity and running hours of a machine, and the process they belong to."""

    device = required_fk(Device, "machine")
    energy_kwh = Quantity("electricity", "kWh", low=None)
    operating_h = Quantity("running hours", "h", high=744)
    process = optional_fk(Process, "process")

    class Meta:
        verbose_name = "machine's month"
        verbose_name_plural = "machines' months"
        constraints = [unique_per("machinemonth", "month", "device")]

    register = Register(
        slug="machines",
        title="Machines",
        singular="machine's month",
        kind=RegisterKind.MONTHLY,
        sentence="Electricity and running hours of each machine, and the process they belong to.",
        identity=("device",),
        columns=("energy_kwh", "operating_h", "process"),
        needed={SPCB: ("operating_h",), CBAM: ("energy_kwh", "process")},
        expected_per="device",
        carry_forward={"process": "process"},
        measured_fields={
            "energy_kwh": MeasuredField("energy_kwh", lambda row: row.device_id),
            "operating_h": MeasuredField("operating_h", lambda row: row.device_id),
        },
        default_source="meter",
        validators=(hours_in_month("operating_h", "Running hours"),),
    )

    def display_value(self, name):
        return self.device.label if name == "device" else super().display_value(name)


class Shutdown(RegisterRow):
    """A period without production, to distinguish standstill from missing data."""

    class Reason(models.TextChoices):
        PLANNED = "planned", "Planned maintenance"
        BREAKDOWN = "breakdown", "Breakdown"
        POWER = "power", "Power failure"
        NO_ORDERS = "no_orders", "No orders"
        STRIKE = "strike", "Labour"
        AUTHORITY = "authority", "Order of an authority"
        OTHER = "other", "Other"

    what = char_field("what stood still", blank=False)
    from_on = models.DateField("from")
    until_on = models.DateField("until")
    hours = Quantity("length", "h")
    reason = choice_field("reason", Reason, blank=False)
    is_external = bool_field("cause outside the unit (PAT)")

    class Meta:
        constraints = [unique_per("shutdown", "from_on", "what")]

    register = Register(
        slug="shutdowns",
        title="Shutdowns",
        singular="shutdown",
        kind=RegisterKind.DATED,
        sentence="Times without production, with their reason.",
        date_field_name="from_on",
        identity=("from_on", "what"),
        columns=("until_on", "hours", "reason", "is_external"),
        validators=(
            not_before("until_on", "from_on", "Until: this lies before the first day."),
            required_when("remark", lambda row: row.reason == "other", "Remark: say what the other reason was."),
        ),
    )
