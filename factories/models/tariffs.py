"""Electricity tariffs of a factory, each valid from a day on. There are no default rates."""

from datetime import time
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.audit_log import audited
from core.dates import format_day
from core.validators import ONE_LINE
from factories.tenancy import FactoryScopedQuerySet

MAX_BANDS = 8  # of one tariff
NOT_NEGATIVE = [MinValueValidator(Decimal(0))]


def rate_field(label, **options):
    return models.DecimalField(label, max_digits=10, decimal_places=4, **options)


def optional_decimal_field(label, digits=10, places=2, validators=NOT_NEGATIVE, **options):
    return models.DecimalField(
        label, max_digits=digits, decimal_places=places, null=True, blank=True, validators=validators, **options
    )


@audited()
class Tariff(models.Model):
    """Rates of the supplier's tariff order or bill, valid from a day until the next tariff's."""

    factory_path = "factory"
    factory = models.ForeignKey("factories.Factory", on_delete=models.CASCADE, related_name="tariffs")
    valid_from = models.DateField("Holds from")
    name = models.CharField("Tariff", max_length=100, validators=[ONE_LINE], help_text="as the bill names it: HT I(A)")
    energy_rs_per_kwh = rate_field("Energy charge, ₹/kWh", validators=NOT_NEGATIVE)
    demand_rs_per_kva = optional_decimal_field("Demand charge, ₹/kVA a month")
    contract_demand_kva = optional_decimal_field("Contract demand, kVA")
    least_billed_percent = optional_decimal_field(
        "Least billed share of it, %", validators=[*NOT_NEGATIVE, MaxValueValidator(Decimal(100))]
    )
    power_factor = optional_decimal_field(
        "Power factor of the last bill", digits=4, places=3,
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(Decimal(1))],
    )  # fmt: skip
    factor_target = optional_decimal_field(
        "Power factor without penalty", digits=4, places=3,
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(Decimal(1))],
    )  # fmt: skip
    factor_percent = optional_decimal_field("Penalty for each 0.01 below, % of the energy charge", digits=6, places=3)
    bonus_percent = optional_decimal_field("Incentive for each 0.01 above, % of the energy charge", digits=6, places=3)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "valid_from"],
                name="one_tariff_from_a_day",
                violation_error_message="Another tariff holds from this day.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} from {format_day(self.valid_from)}"

    def band_at(self, clock: time):
        return next((band for band in self.bands.all() if band.covers(clock)), None)


class TariffBand(models.Model):
    """Time-of-day band with a surcharge or rebate on the energy charge."""

    factory_path = "tariff__factory"
    tariff = models.ForeignKey(Tariff, on_delete=models.CASCADE, related_name="bands")
    name = models.CharField("Time of day", max_length=40, validators=[ONE_LINE])
    starts_at = models.TimeField("From")
    ends_at = models.TimeField("To")
    change_rs_per_kwh = rate_field("Change, ₹/kWh", help_text="negative for a rebate")
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    def covers(self, clock: time) -> bool:
        """Whether `clock` is in the band. Ends before it begins: past midnight; ends where it begins: all day."""
        if self.starts_at < self.ends_at:
            return self.starts_at <= clock < self.ends_at
        return clock >= self.starts_at or clock < self.ends_at


def validate_bands(bands) -> None:
    """Raises ValidationError if two bands of a tariff overlap or have the same name."""
    names = [band.name.casefold() for band in bands]
    if len(set(names)) < len(names):
        raise ValidationError("Two times of day have the same name.")
    for clock in sorted(band.starts_at for band in bands):  # of two that overlap, one contains the other's start
        overlapping = [band.name for band in bands if band.covers(clock)]
        if len(overlapping) > 1:
            raise ValidationError(f"{overlapping[0]} and {overlapping[1]} overlap at {clock:%H:%M}.")
