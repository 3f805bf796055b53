"""Factories: the tenants."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core.audit_log import audited
from core.validators import ONE_LINE
from factories.tenancy import FactoryScopedQuerySet


class Industry(models.TextChoices):
    FORGING = "forging", "Forging"
    FOUNDRY = "foundry", "Foundry"
    CHEMICALS = "chemicals", "Chemicals"
    CEMENT = "cement", "Cement"
    ALUMINIUM = "aluminium", "Aluminium"
    OTHER = "other", "Other"


def validate_time_zone_name(name) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(f"{name} is not a time zone, such as Asia/Kolkata.") from error


class FactoryQuerySet(FactoryScopedQuerySet):
    def current(self):
        return self.filter(archived_at=None)

    def with_counts(self):
        """`device_count`, `user_count` and `active_alerts` of each factory."""
        return self.annotate(
            device_count=count_subquery("devices", archived_at=None),
            user_count=count_subquery("memberships", user__is_active=True),
            active_alerts=count_subquery("alerts", status="active"),
        )


def count_subquery(relation, **conditions):
    """Number of rows of a reverse relation; a subquery, because joins of several relations multiply."""
    rows = Factory._meta.get_field(relation).related_model.objects.filter(factory=OuterRef("pk"), **conditions)
    return Coalesce(Subquery(rows.order_by().values("factory").annotate(n=Count("pk")).values("n")), 0)


@audited(exclude=["logo", "logo_type"])
class Factory(models.Model):
    """One site. Days, months and financial years are computed in its time zone."""

    factory_path = "pk"
    name = models.CharField(max_length=150, validators=[ONE_LINE])
    industry = models.CharField(max_length=20, choices=Industry.choices, default=Industry.OTHER)
    location = models.CharField(
        max_length=150, blank=True, help_text="Town and state, as people say it: Pune, Maharashtra"
    )
    contact_email = models.EmailField("contact e-mail", blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    time_zone = models.CharField(max_length=50, default="Asia/Kolkata", validators=[validate_time_zone_name])
    # Printed on the first page of a report to an authority.
    legal_name = models.CharField("name of the company", max_length=200, blank=True)
    occupier = models.CharField("occupier", max_length=150, blank=True)
    address = models.TextField("postal address in English", blank=True, max_length=500)
    state = models.CharField(max_length=60, blank=True)
    pin_code = models.CharField("PIN code", max_length=10, blank=True)
    registration_number = models.CharField("registration number (CIN, GSTIN or Udyam)", max_length=40, blank=True)
    year_established = models.PositiveSmallIntegerField(null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    logo = models.BinaryField(null=True, blank=True, editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    objects = FactoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "factories"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    def end_of_day(self, day):
        """The last moment of `day` here; None for no day."""
        return None if day is None else datetime.combine(day, time.max, tzinfo=self.zone)
