"""What devices said, what could not be taken, and the quarter hours and days summed from it."""

from django.db import models
from django.db.models.functions import Now

from devices.models import Device, DeviceKey
from factories.history import remembered
from factories.models import Factory, User
from factories.scoping import FactoryScopedQuerySet
from telemetry.metrics import STORED, SUMMED


def device_key():
    """A device column without a database-level key: partitions stay detachable, and the table distributable."""
    return models.ForeignKey(Device, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")


class Clock(models.IntegerChoices):
    """Whose clock a reading's time comes from."""

    DEVICE = 0, "device"
    SERVER = 1, "server"  # no time was sent
    SHIFTED = 2, "shifted"  # age_ms or sent_at, counted back from the server's clock


class Reading(models.Model):
    """One row per device and moment; a column per metric. Partitioned by month (`telemetry.partitions`)."""

    factory_path = "device__factory"
    pk = models.CompositePrimaryKey("device_id", "at")
    device = device_key()
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    clock = models.SmallIntegerField(choices=Clock, default=Clock.DEVICE, db_default=Clock.DEVICE)
    suspect = models.IntegerField(default=0, db_default=0, help_text="a bit per metric (metrics.SUSPECT_BIT)")
    extra = models.JSONField(null=True, blank=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["device_id", "at"]


for name in STORED:
    Reading.add_to_class(name, models.FloatField(null=True, blank=True))


class Arrival(models.Model):
    """An append-only log of which spans of which device were stored and still await the digest.

    Written in the same transaction as the readings, so a late commit is as visible as an early one; the digest
    deletes what it sees and rebuilds those quarters, and no transaction can slip past it.
    """

    device = device_key()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    readings = models.PositiveIntegerField()
    received_at = models.DateTimeField(db_default=Now())
    key_prefix = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [models.Index(fields=["device", "last_at"], name="arrivals_of_a_device")]  # latest, freshness


class Edition(models.Model):
    """How often a device's sums were made anew: a trigger counts whenever the digest takes its arrivals off the log.

    The log and this number together say exactly whether a device's readings or sums have changed
    (`telemetry.freshness`); only the digest writes here, so that it costs no post anything.
    """

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="edition"
    )
    number = models.PositiveBigIntegerField()


class Digested(models.Model):
    """A span whose quarters are summed and which the floor above has not judged yet: it deletes what it judged."""

    device = device_key()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    digested_at = models.DateTimeField(db_default=Now())


class LastWord(models.Model):
    """When a device was last heard, kept by the digest: off the device's own row and off the hot path."""

    factory_path = "device__factory"
    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="last_word"
    )
    heard_at = models.DateTimeField()  # server time of the newest accepted request
    reading_at = models.DateTimeField()  # event time of the newest reading
    objects = FactoryScopedQuerySet.as_manager()


class KeyUse(models.Model):
    """When a key last sent something that was stored, kept by the digest."""

    key = models.OneToOneField(
        DeviceKey, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="use"
    )
    used_at = models.DateTimeField()


class RefusalCount(models.Model):
    """How often a known device was told 401, 403, 413 or 429 on a day (UTC)."""

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="refusals")
    on = models.DateField()
    status = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "on", "status"], name="one_refusal_count_per_day")]


class Quarantined(models.Model):
    """Something a known sender said that could not be stored as a reading. Kept until a person decides."""

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", "could not be parsed"
        INVALID = "invalid", "nothing usable in it"
        FUTURE = "future", "more than 5 minutes in the future"
        TOO_OLD = "too_old", "older than what is kept"
        CONFLICT = "conflict", "contradicts a stored reading"
        OTHER_DEVICE = "other_device", "another device's reading"
        UNKNOWN_DEVICE = "unknown_device", "names a device this factory does not have"
        PAUSED = "paused", "its device is paused"

    class State(models.TextChoices):
        HELD = "held", "held"
        RELEASED = "released", "released"
        DISCARDED = "discarded", "discarded"

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="quarantined")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="quarantined", null=True, blank=True)
    received_at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=20, choices=Reason)
    detail = models.CharField(max_length=500)
    payload = models.BinaryField()  # as it came: bytes hold what text and jsonb refuse
    fingerprint = models.CharField(max_length=32, default="", editable=False)
    times = models.PositiveIntegerField(default=1, help_text="how often the same thing came")
    last_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name_plural = "quarantined"
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "fingerprint"], condition=models.Q(state="held"), name="the_same_is_held_once"
            )
        ]


class Sums(models.Model):
    """What the readings of a stretch of time add up to: counts, min, max and sum per metric, and energy.

    Suspect values are left out and counted. Wide columns come first, and a metric's count of none is NULL: it costs a
    row nothing, and a quarter hour of three readings is mostly its own row.
    """

    expected = models.FloatField(help_text="readings the device's interval promises")
    energy_kwh = models.FloatField(null=True, help_text="measured")
    bridged_kwh = models.FloatField(null=True, help_text="known from the meter register across a gap")
    covered_s = models.FloatField(default=0, help_text="seconds for which energy is measured")
    received = models.PositiveIntegerField(help_text="readings stored")
    suspect = models.PositiveIntegerField(default=0, help_text="readings with at least one suspect value")

    class Meta:
        abstract = True


for name in [f"{metric.name}_{part}" for metric in SUMMED for part in ("min", "max", "sum")]:
    Sums.add_to_class(name, models.FloatField(null=True))
for name in [f"{metric.name}_{part}" for metric in SUMMED for part in ("count", "suspect")]:
    Sums.add_to_class(name, models.PositiveIntegerField(null=True))


class QuarterHour(Sums):
    """A device's quarter hour, as UTC and IST alike count them."""

    factory_path = "device__factory"
    pk = models.CompositePrimaryKey("device_id", "starts_at")
    device = device_key()
    starts_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["device_id", "starts_at"]


class Day(Sums):
    """A device's day in its factory's own zone, summed from its quarter hours (`telemetry.days`)."""

    factory_path = "device__factory"
    pk = models.CompositePrimaryKey("device_id", "on")
    device = device_key()
    on = models.DateField()
    heard = models.PositiveSmallIntegerField(help_text="quarter hours with a reading")
    bridged_s = models.FloatField(null=True, help_text="seconds not measured, of quarter hours with bridged energy")
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["device_id", "on"]


class DayZone(models.Model):
    """In which time zone all of a device's days are counted. Where its factory says another, they await a recount."""

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="day_zone"
    )
    time_zone = models.CharField(max_length=50)


@remembered(exclude=["claim", "claimed_at", "read_bytes", "last_line"])
class DayFile(models.Model):
    """A file of readings that a person brought: what it was, who brought it, and what became of its lines."""

    class State(models.TextChoices):
        CHECKING = "checking", "being checked"
        CHECKED = "checked", "checked, not imported"
        IMPORTING = "importing", "being imported"
        DONE = "done", "imported"
        FAILED = "failed", "not imported"

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="day_files")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="day_files", null=True, blank=True)
    brought_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    brought_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="bytes, as it was brought")
    sha256 = models.CharField(max_length=64)
    zone = models.CharField(max_length=50, blank=True, help_text="of times without an offset; empty: such are refused")
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    error = models.CharField(max_length=500, blank=True)
    notes = models.JSONField(default=list, blank=True)
    cut = models.CharField(max_length=200, blank=True, help_text="where its data end before the file does")
    done_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True, editable=False, help_text="of the worker that is at it")
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    read_bytes = models.PositiveBigIntegerField(default=0)
    last_line = models.PositiveBigIntegerField(default=0, help_text="everything up to this line is settled")
    lines = models.PositiveBigIntegerField(default=0)
    accepted = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField(default=0)
    quarantined = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    suspect = models.PositiveBigIntegerField(default=0, help_text="readings with a value that is not believed")
    objects = FactoryScopedQuerySet.as_manager()

    COUNTS = ("lines", "accepted", "duplicates", "quarantined", "refused", "suspect")

    class Meta:
        ordering = ["-brought_at", "-pk"]

    def __str__(self):
        return f"{self.name} ({self.accepted} readings)"

    @property
    def is_at_work(self):
        return self.state in (self.State.CHECKING, self.State.IMPORTING)

    @property
    def percent(self):
        return min(99, 100 * self.read_bytes // self.size) if self.size else 0


class DayFilePiece(models.Model):
    """A stretch of the file's bytes, until it is done with: web and worker share nothing but the database."""

    day_file = models.ForeignKey(DayFile, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day_file", "number"], name="pieces_in_order")]


class DayFileLine(models.Model):
    """A line that was not simply accepted or a duplicate, and why."""

    class Outcome(models.TextChoices):
        REFUSED = "refused", "refused"
        QUARANTINED = "quarantined", "held in quarantine"
        REMARK = "remark", "stored, with a remark"

    factory_path = "day_file__factory"
    day_file = models.ForeignKey(DayFile, on_delete=models.CASCADE, related_name="told_lines")
    number = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    field = models.CharField(max_length=64)
    why = models.CharField(max_length=300)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number", "pk"]


class DeviceReadings(Device):
    """A device as the door to its readings in the admin, which refuses rows with a composite key."""

    class Meta:
        proxy = True
        verbose_name = "readings of a device"
        verbose_name_plural = "readings"


class DeviceQuarterHours(Device):
    class Meta:
        proxy = True
        verbose_name = "quarter hours of a device"
        verbose_name_plural = "quarter hours"


from telemetry.recommendations import Recommendation  # noqa: E402, F401
