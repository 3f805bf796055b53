"""API keys of devices and gateways; only hashes are stored."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.audit_log import audited
from devices.models.devices import Device
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet, unexpired


class DeviceKeyQuerySet(FactoryScopedQuerySet):
    def live(self, now=None):
        return self.filter(unexpired(now or timezone.now()), revoked_at=None)


@audited(exclude=["secret_hash"])
class DeviceKey(models.Model):
    """A key of one device or, without a device, a gateway key of the whole factory. Only a hash is stored."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="device_keys")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="keys", null=True, blank=True)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    objects = DeviceKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="key_expires_after_creation"
            )
        ]

    def __str__(self) -> str:
        return f"cs_{self.prefix}_…"

    def is_live(self, now):
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
