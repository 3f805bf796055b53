"""Day files: readings imported from a file, their stored bytes and the result of each line."""

from django.db import models

from core.audit_log import audited
from devices.models import Device
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


@audited(exclude=["claim", "claimed_at", "read_bytes", "last_line", "layout", "dry_run"])
class DayFile(models.Model):
    """An uploaded file of readings: its origin, the state of its import, and counts of its lines."""

    class State(models.TextChoices):
        CHECKING = "checking", "being checked"
        ASKING = "asking", "waits for an answer"
        CHECKED = "checked", "checked, not imported"
        IMPORTING = "importing", "being imported"
        DONE = "done", "imported"
        FAILED = "failed", "not imported"

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="day_files")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="day_files", null=True, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="bytes, as it was brought")
    sha256 = models.CharField(max_length=64)
    zone = models.CharField(max_length=50, blank=True, help_text="of times without an offset; empty: such are refused")
    choices = models.JSONField(default=dict, blank=True, help_text="how to read it, as a person said")
    layout = models.JSONField(default=dict, blank=True, help_text="how it is read: head, columns, decimals, dates")
    dry_run = models.JSONField(
        default=dict, blank=True, help_text="open questions, and the values an import would store"
    )
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
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return f"{self.name} ({self.accepted} readings)"

    @property
    def is_at_work(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.IMPORTING)

    @property
    def percent(self) -> int:
        return min(99, 100 * self.read_bytes // self.size) if self.size else 0


class DayFileChunk(models.Model):
    """A chunk of the file's bytes, until the import ends: web and worker share only the database."""

    day_file = models.ForeignKey(DayFile, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day_file", "number"], name="pieces_in_order")]


class DayFileLine(models.Model):
    """The result of a line that was not simply accepted or a duplicate, and the reason."""

    class Outcome(models.TextChoices):
        REFUSED = "refused", "refused"
        QUARANTINED = "quarantined", "held in quarantine"
        REMARK = "remark", "stored, with a remark"
        LEFT_OUT = "left_out", "left out: no reading"

    factory_path = "day_file__factory"
    day_file = models.ForeignKey(DayFile, on_delete=models.CASCADE, related_name="line_results")
    number = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    field = models.CharField(max_length=64)
    why = models.CharField(max_length=300)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number", "pk"]
