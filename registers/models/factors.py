"""Emission and conversion factors: a set is one version of an act or database, a factor one value cited from it.

They are shared by all factories.
"""

from decimal import Decimal
from typing import Never

from django.db import models
from django.db.models import F, Q


class FactorImmutableError(TypeError):
    """Raised on a change to a loaded factor: new values come as a new version in a data file."""


class ImmutableModel(models.Model):
    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise FactorImmutableError("A loaded factor never changes; load a new version.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs) -> Never:
        raise FactorImmutableError("A loaded factor is never deleted; load a new version.")


class FactorSet(ImmutableModel):
    """One version, as loaded from its data file; `sha256` is the digest of that file."""

    slug = models.SlugField(max_length=60)
    version = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    act = models.CharField(max_length=200)
    licence = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    published_on = models.DateField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "published_on"]
        constraints = [models.UniqueConstraint(fields=["slug", "version"], name="one_set_per_version")]

    def __str__(self) -> str:
        return f"{self.title}, {self.version}"


class FactorQuerySet(models.QuerySet):
    def in_force(self, on):
        """Rows valid on this day, possibly of several versions."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on))

    def newest_first(self):
        return self.order_by("-factor_set__published_on", "-factor_set_id", F("valid_from").desc(nulls_last=True))


class Factor(ImmutableModel):
    factor_set = models.ForeignKey(FactorSet, on_delete=models.PROTECT, related_name="factors")
    key = models.CharField(max_length=100, db_index=True)
    name = models.CharField(max_length=200)
    value = models.DecimalField(max_digits=24, decimal_places=10)
    decimals = models.PositiveSmallIntegerField(help_text="digits after the point, as the source prints them")
    unit = models.CharField(max_length=60)
    place = models.CharField(max_length=200, help_text="annex, table, page")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="last day it holds")
    is_verified = models.BooleanField(help_text="read in the primary text; otherwise it prints as unverified")
    note = models.CharField(max_length=300, blank=True)
    objects = FactorQuerySet.as_manager()

    class Meta:
        ordering = ["key", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["factor_set", "key", "valid_from"], nulls_distinct=False, name="one_factor_per_set_and_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="factor_holds_for_a_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.amount} {self.unit}"

    @property
    def amount(self) -> Decimal:
        """The value with as many decimals as its source prints: 77.0, not 77.0000000000."""
        return self.value.quantize(Decimal(1).scaleb(-self.decimals))

    @property
    def citation(self) -> str:
        """Act, place and version, marked if not verified in the primary text: printed wherever the value is used."""
        citation = f"{self.factor_set.act}, {self.place} ({self.factor_set.version})"
        if self.is_verified:
            return citation
        why = "; ".join(part for part in [self.note, self.factor_set.note] if part)
        return f"{citation}; unverified: {why}"

    def frozen(self) -> dict:
        """The factor as a report stores it."""
        return {
            "key": self.key,
            "name": self.name,
            "value": format(self.amount, "f"),
            "unit": self.unit,
            "citation": self.citation,
            "version": self.factor_set.version,
            "is_verified": self.is_verified,
            "note": self.note,
        }
