"""Locks of months, and exemptions from registers and reports that do not apply to a unit."""

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q

from core.audit_log import audited
from core.validators import ONE_LINE
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet

ADVISORY_LOCK_CLASS = 0x5E61  # advisory locks that serialise entering rows and locking months, per factory


class PeriodLocked(ValidationError):
    """Raised on a change to a row of a locked month. `month` is the first such month."""

    def __init__(self, month) -> None:
        self.month = month
        super().__init__({"month": f"{month:%B %Y} is locked. An owner can unlock it, with a reason."})


class MonthLockQuerySet(FactoryScopedQuerySet):
    def active(self):
        return self.filter(unlocked_at=None)


@audited(exclude=["readings"])
class MonthLock(models.Model):
    """From `locked_at` until `unlocked_at` no row of the month changes. Locking again after an unlock adds a new row.

    `readings` is the snapshot of the devices' quarter hours at that moment ({device id: [readings, kWh]}): a higher
    count afterwards means late readings.
    """

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(help_text="its first day")
    locked_at = models.DateTimeField()
    locked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    unlocked_at = models.DateTimeField(null=True, blank=True)
    unlocked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField("reason for unlocking", max_length=300, blank=True, validators=[ONE_LINE])
    readings = models.JSONField(default=dict, blank=True)
    objects = MonthLockQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "-locked_at"]
        verbose_name = "lock of a month"
        verbose_name_plural = "locks of months"
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "month"], condition=Q(unlocked_at=None), name="a_month_is_locked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"


def lock_entries_exclusively(factory_id) -> None:
    """Exclusive advisory lock: waits for transactions that are saving rows, and new ones wait for this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK_CLASS, int(factory_id) % 2**31])


def require_unlocked(factory_id, months) -> None:
    """Raises PeriodLocked when one of `months` is locked; a shared lock prevents locking until the transaction ends."""
    months = {month for month in months if month is not None}
    if not months:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [ADVISORY_LOCK_CLASS, int(factory_id) % 2**31])
    first = active_locks(factory_id, months).order_by("month").first()
    if first:
        raise PeriodLocked(first.month)


def active_locks(factory_id, months):
    return MonthLock.objects.active().filter(factory_id=factory_id, month__in=months)


@audited()
class RegisterExemption(models.Model):
    """A register or report that is not applicable to a unit, with the reason; an empty register is something else."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="+")
    register = models.CharField(max_length=40, editable=False)
    reason = models.CharField(max_length=200, validators=[ONE_LINE])
    created_at = models.DateTimeField(auto_now_add=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "register that is not kept"
        verbose_name_plural = "registers that are not kept"
        constraints = [models.UniqueConstraint(fields=["factory", "register"], name="a_register_is_not_kept_once")]

    def __str__(self) -> str:
        return f"{self.register}: {self.reason}"
