"""When a factory works: shifts of the week and holidays. A planned stop is not missing data."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from factories.history import remembered
from factories.scoping import FactoryScopedQuerySet

WEEKDAYS = [(1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (7, "Sun")]


@remembered()
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

    def __str__(self):
        return f"{self.name} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"


@remembered()
class Holiday(models.Model):
    """A day on which no shift runs."""

    factory_path = "factory"
    factory = models.ForeignKey("factories.Factory", on_delete=models.CASCADE, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=100)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["factory", "on"], name="one_holiday_per_day")]

    def __str__(self):
        return f"{self.name} ({self.on:%d %b %Y})"
