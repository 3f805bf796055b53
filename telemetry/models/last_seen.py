"""When devices and keys were last seen, and how often and since when their requests were refused."""

from django.db import models
from django.db.models import F, Q

from devices.models import Device, DeviceKey
from factories.tenancy import FactoryScopedQuerySet


class LastSeen(models.Model):
    """When a device was last seen, updated by the digest: not on the device's own row and not on the hot path."""

    factory_path = "device__factory"
    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="last_seen"
    )
    heard_at = models.DateTimeField()  # server time of the newest accepted request
    reading_at = models.DateTimeField()  # event time of the newest reading
    objects = FactoryScopedQuerySet.as_manager()


class KeyUse(models.Model):
    """When a key last sent something that was stored, updated by the digest."""

    key = models.OneToOneField(
        DeviceKey, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="use"
    )
    used_at = models.DateTimeField()


FEW_REQUESTS = 3  # of a key that has sent what could be stored: one odd request between good ones is no streak
REMEDIES = {
    200: "All of it is held in quarantine, each with its reason: release it there once the cause is mended.",
    400: "Correct the body at the place that the answer names.",
    403: "Give the device its own key, or let it name the device that the key belongs to.",
    404: "Register the device that it names, or correct the name or the address: readings go to POST /ingest.",
    405: "Let it send with POST to /ingest.",
    413: "Let it send smaller batches.",
    415: "Let it send JSON.",
    422: "Map its fields to the names of the metrics at the top of each reading.",
}


class UnreadStreakQuerySet(FactoryScopedQuerySet):
    def standing(self) -> "UnreadStreakQuerySet":
        """Of live keys that have sent nothing since that could be stored."""
        is_first = Q(key__use=None)
        is_standing = Q(key__use__used_at__lt=F("since"), requests__gte=FEW_REQUESTS)
        return self.filter(is_first | is_standing, key__revoked_at=None)


class UnreadStreak(models.Model):
    """Requests of a key, one after the other, of which nothing could be stored, and the last of them.

    It is over once the key sends something that is stored (`KeyUse`); the next one then begins anew.
    """

    factory_path = "key__factory"
    key = models.OneToOneField(
        DeviceKey, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="unread"
    )
    since = models.DateTimeField()
    requests = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(help_text="of the last answer")
    detail = models.CharField(max_length=500, help_text="why, as the last answer said it")
    payload = models.TextField(blank=True, help_text="how the last body began, without keys")
    objects = UnreadStreakQuerySet.as_manager()

    @property
    def is_standing(self) -> bool:
        """As `standing()`, for a key that is at hand with its use."""
        use = getattr(self.key, "use", None)
        return self.key.revoked_at is None and (
            use is None or (use.used_at < self.since and self.requests >= FEW_REQUESTS)
        )

    @property
    def remedy(self) -> str:
        return REMEDIES.get(self.status, "")


class RefusalCount(models.Model):
    """How often requests of a known device were refused on a day (UTC), by the status of the answer."""

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="refusals")
    on = models.DateField()
    status = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "on", "status"], name="one_refusal_count_per_day")]
