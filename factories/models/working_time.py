"""Working time of a factory: weekly shifts and holidays. A planned stop is not missing data."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from core.audit_log import audited
from core.dates import format_day
from factories.tenancy import FactoryScopedQuerySet

DAY = timedelta(days=1)
WEEKDAYS = [(1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (7, "Sun")]


@audited()
class Shift(models.Model):
    """A recurring shift in the factory's own time; one that ends before it starts runs past midnight."""

    factory_path = "factory"
    factory = models.ForeignKey("factories.Factory", on_delete=models.CASCADE, related_name="shifts")
    name = models.CharField(max_length=60)
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    weekdays = ArrayField(models.PositiveSmallIntegerField(choices=WEEKDAYS), help_text="ISO: 1 is Monday")
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    def clean(self) -> None:
        if self.starts_at is not None and self.starts_at == self.ends_at:
            raise ValidationError({"ends_at": "A shift needs a length: 06:00 to 14:00."})

    @property
    def days(self) -> str:
        """Mon, Tue, …: the days it runs on."""
        return ", ".join(name for number, name in WEEKDAYS if number in self.weekdays)


@audited()
class Holiday(models.Model):
    """A day on which no shift runs."""

    factory_path = "factory"
    factory = models.ForeignKey("factories.Factory", on_delete=models.CASCADE, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=100)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "on"],
                name="one_holiday_per_day",
                violation_error_message="This day is a holiday already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({format_day(self.on)})"

    def clean(self) -> None:
        if isinstance(self.on, date) and not 2000 <= self.on.year <= 2100:
            raise ValidationError({"on": "Choose a day from 2000 to 2100."})


def working_spans(factory, start, end) -> list[tuple[datetime, datetime]] | None:
    """Working time of `factory` between two moments, in time order; None if it has no shifts."""
    shifts = list(factory.shifts.all())
    if not shifts:
        return None
    holidays = set(
        factory.holidays.filter(on__gte=(start - DAY).date(), on__lte=(end + DAY).date()).values_list("on", flat=True)
    )
    return shift_spans(shifts, holidays, factory.zone, start, end)


def shift_spans(shifts, holidays, zone, start, end) -> list[tuple[datetime, datetime]]:
    """Occurrences of the shifts, merged and clipped to `start`–`end`; one that begins on a holiday is left out."""
    spans = []
    day = start.astimezone(zone).date() - DAY  # a night shift of the day before may reach into the span
    while day <= end.astimezone(zone).date():
        for shift in shifts:
            if day.isoweekday() in shift.weekdays and day not in holidays:
                last_day = day if shift.ends_at > shift.starts_at else day + DAY
                begins = datetime.combine(day, shift.starts_at, zone).astimezone(UTC)
                ends = datetime.combine(last_day, shift.ends_at, zone).astimezone(UTC)
                if begins < end and ends > start:
                    spans.append((max(begins, start), min(ends, end)))
        day += DAY
    return merge_spans(sorted(spans))


def merge_spans(spans) -> list[tuple[datetime, datetime]]:
    """Union of sorted spans, without overlap."""
    merged = []
    for begins, ends in spans:
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


def seconds_within(spans, start, end) -> float:
    """Seconds between two moments that lie inside `spans`."""
    return sum(
        max(0.0, (min(ends, end) - max(begins, start)).total_seconds())
        for begins, ends in spans
        if begins < end and ends > start
    )
