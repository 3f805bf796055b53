"""The abstract row of all registers: month, source, document, validation, and the checks against locked months."""

from collections.abc import Iterator
from itertools import chain
from typing import Never

from django.core.exceptions import ValidationError
from django.db import models, transaction

from factories.models import Factory
from factories.tenancy import FactoryScopedQuerySet
from registers.columns import char_field, field_label
from registers.description import RegisterKind
from registers.models.evidence import Evidence
from registers.models.locks import require_unlocked


class Source(models.TextChoices):
    """The source of a row's figures; printed beside them everywhere."""

    DEVICE = "device", "Metered by a device"  # set only by accepting a measured suggestion
    METER = "meter", "Meter, read by a person"
    INVOICE = "invoice", "Invoice"
    RECORD = "record", "Own record"
    LABORATORY = "laboratory", "Laboratory"
    SUPPLIER = "supplier", "Supplier certificate"
    AUTHORITY = "authority", "Authority's document"
    FACTOR = "factor", "Standard factor"
    ESTIMATE = "estimate", "Estimate"
    DEFAULT = "default", "Default value"


class RegisterQuerySet(FactoryScopedQuerySet):
    def in_months(self, first, last):
        return self.filter(month__gte=first, month__lte=last)

    def with_related(self):
        """Select related rows, so that rendering needs no further query; document contents are deferred."""
        names = [f.name for f in self.model._meta.concrete_fields if f.is_relation and f.name not in ("factory",)]
        return self.select_related(*names).defer("evidence__content")

    def update(self, **values) -> Never:
        raise TypeError("Rows of a register change one by one, by save(): locks and the history hang on it.")

    bulk_create = bulk_update = update

    def delete(self):
        with transaction.atomic():
            for factory_id, month in self.order_by().values_list("factory_id", "month").distinct():
                require_unlocked(factory_id, [month])
            return super().delete()


class RegisterRow(models.Model):
    """Abstract. `register` is the description that pages, forms and API follow; locking `month` freezes the row.

    A yearly row is governed by the last month of its year, a dated one by that of its date, a standing one by none.
    """

    factory_path = "factory"
    register = None
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="+")
    month = models.DateField("month", null=True, blank=True)
    source = models.CharField("source", max_length=12, choices=Source)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="document"
    )
    remark = char_field("remark", 300)
    taken_over = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    objects = RegisterQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def label(self):
        """The identity as text: HSD, Process 1."""
        parts = [self.display_value(name) for name in self.register.identity]
        return ", ".join(part for part in parts if part) or self.register.verbose

    def display_value(self, name):
        field = self._meta.get_field(name)
        if field.choices:
            return getattr(self, f"get_{name}_display")()
        value = getattr(self, name)
        return "" if value is None else f"{value:%d-%m-%Y}" if hasattr(value, "strftime") else str(value)

    @property
    def period_label(self) -> str:
        if self.month is None:
            return ""
        if self.register.kind == RegisterKind.YEARLY:
            return f"FY {self.month.year - 1}-{self.month.year % 100:02d}"
        return str(self.month.year) if self.register.kind == RegisterKind.CALENDAR else f"{self.month:%b %Y}"

    @property
    def version(self) -> str:
        """Version token for the optimistic lock; "" for a new row."""
        return self.changed_at.isoformat() if self.pk else ""

    def __str__(self) -> str:
        return f"{self.label} · {self.period_label}" if self.period_label else self.label

    def governing_month(self):
        register = self.register
        if register.kind == RegisterKind.DATED:
            on = getattr(self, register.date_field_name)
            return on.replace(day=1) if on else None
        if not register.has_period or self.month is None:
            return None
        return register.month_of_year(self.month) if register.is_yearly else self.month.replace(day=1)

    # Validation

    def clean(self) -> None:
        self.month = self.governing_month()
        self.discard_edited_device_values()
        errors = {}
        faults = (self.period_faults(), self.tenancy_faults(), self.referenced_faults(), self.rule_faults())
        for field, sentence in chain(*faults):
            errors.setdefault(field, []).append(sentence)
        if self.factory_id:
            require_unlocked(self.factory_id, self.affected_months())
        if errors:
            raise ValidationError(errors)

    def stored_row(self):
        """The row as it is stored, or None for a new one."""
        return type(self)._base_manager.filter(pk=self.pk).first() if self.pk else None

    def affected_months(self) -> list:
        stored = type(self)._base_manager.filter(pk=self.pk).values_list("month", flat=True) if self.pk else []
        return [self.governing_month(), *stored]

    def period_faults(self) -> Iterator:
        if self.register.has_period and self.month is None:
            yield self.register.date_field_name or "month", "Say when: the row belongs to no period yet."
        if self.source == Source.DEVICE and not self.taken_over:
            yield "source", "The figure is not (or no longer) what a device measured: choose another source."

    def tenancy_faults(self) -> Iterator:
        """Every related row must belong to the same factory, and a row never changes its factory."""
        stored = self.stored_row()
        if stored and stored.factory_id != self.factory_id:
            yield "factory", "A row does not move to another factory."
        for field in self._meta.concrete_fields:
            if not field.is_relation or field.name == "factory" or getattr(self, field.attname) is None:
                continue
            rows = field.related_model._base_manager.filter(pk=getattr(self, field.attname))
            if not rows.filter(factory=self.factory_id).exists():
                yield field.name, f"{field_label(field)}: this factory has no such row."

    def referenced_faults(self) -> Iterator:
        """Fields that referencing rows depend on (such as the unit) are immutable once the row is referenced."""
        stored = self.stored_row() if self.register.immutable_once_referenced else None
        changed = [
            name
            for name in self.register.immutable_once_referenced
            if stored and getattr(stored, name) != getattr(self, name)
        ]
        if changed and self.is_referenced():
            for name in changed:
                label = field_label(self._meta.get_field(name))
                yield name, f"{label} cannot change any more: months are entered in it. Add a new line instead."

    def is_referenced(self) -> bool:
        relations = [field for field in self._meta.get_fields(include_hidden=True) if field.one_to_many]
        return any(rel.related_model._base_manager.filter(**{rel.field.name: self.pk}).exists() for rel in relations)

    def rule_faults(self):
        return chain.from_iterable(rule(self) for rule in self.register.validators)

    def discard_edited_device_values(self) -> None:
        """Drop the device provenance of figures that were edited after they were taken over."""
        unedited = {
            name: device_value
            for name, device_value in (self.taken_over or {}).items()
            if is_unchanged(getattr(self, name, None), device_value)
        }
        if unedited != self.taken_over:
            self.taken_over = unedited

    # Saving, refused for locked months

    def save(self, *args, **options) -> None:
        with transaction.atomic():
            self.month = self.governing_month()
            self.discard_edited_device_values()
            require_unlocked(self.factory_id, self.affected_months())
            super().save(*args, **options)

    def delete(self, *args, **options):
        with transaction.atomic():
            require_unlocked(self.factory_id, self.affected_months())
            return super().delete(*args, **options)


def is_unchanged(value, device_value):
    return value is not None and f"{value.normalize():f}" == device_value.get("value")


class ValidityPeriod(models.Model):
    """Mixin for master data with a period of use: a product, a fuel, a stack."""

    used_from = models.DateField("in use from", null=True, blank=True)
    used_until = models.DateField("in use until", null=True, blank=True)

    class Meta:
        abstract = True

    def in_use(self, first, last):
        """Whether it is in use on any day from `first` to `last`."""
        return (self.used_from is None or self.used_from <= last) and (
            self.used_until is None or self.used_until >= first
        )
