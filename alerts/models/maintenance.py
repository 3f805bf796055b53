"""Maintenance windows of a machine or the whole factory: readings within one raise no alert and resolve none."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from core.audit_log import audited
from core.validators import ONE_LINE
from devices.models import Device
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


@audited()
class MaintenanceWindow(models.Model):
    """A time of planned work; without a device, on every machine of the factory."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    reason = models.CharField(max_length=200, validators=[ONE_LINE])
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = "maintenance window"
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_later")]

    def __str__(self) -> str:
        return f"{self.device.label if self.device_id else 'Every machine'}: {self.reason}"

    def end(self, now) -> str:
        """End a running window now, delete one that has not begun → what was done; "" where it is over already."""
        if self.starts_at >= now:
            self.delete()
            return "was taken back"
        if self.ends_at <= now:
            return ""
        self.ends_at = now
        self.save(update_fields=["ends_at"])
        return "ended"

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "The end lies after the start."})
        if self.device_id and self.device.factory_id != self.factory_id:
            raise ValidationError({"device": "This factory has no such device."})
