"""Reports: inputs and figures are frozen in the row, documents printed from it, corrections are new rows."""

from django.db import models
from django.db.models import F, Q

from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


class ReportType(models.TextChoices):
    WEEKLY = "weekly", "Weekly operations report"
    MONTHLY = "monthly", "Monthly operations report"
    SPCB = "spcb", "SPCB consent-compliance report"
    FORM_V = "form_v", "Environmental Statement (Form V)"
    PAT = "pat", "PAT-format energy statement"
    CBAM_SUMMARY = "cbam_summary", "CBAM operator's summary report"
    CBAM_FULL = "cbam_full", "CBAM operator's emissions report"


FROZEN = ["inputs", "figures"]


def of_relations() -> list:
    return [f"{relation}__{name}" for relation in ("replaces", "replaced_by") for name in FROZEN]


class ReportQuerySet(FactoryScopedQuerySet):
    def current(self):
        """Reports not replaced by a correction."""
        return self.filter(replaced_at=None)

    def listed(self):
        """For lists: with the summary, without the large frozen inputs."""
        rows = self.select_related("factory", "generated_by", "replaces", "replaced_by")
        return rows.annotate(summary_figures=F("figures__summary")).defer(*FROZEN, *of_relations())


class Report(models.Model):
    factory_path = "factory"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="reports")
    report_type = models.CharField(max_length=15, choices=ReportType)
    period_start = models.DateField()
    period_end = models.DateField(help_text="last day of the period, included")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    inputs = models.JSONField(null=True, blank=True)
    figures = models.JSONField(null=True, blank=True)
    figures_sha256 = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text="digest of the frozen inputs and figures, printed on each page",
    )
    sha256 = models.CharField(max_length=64, blank=True, db_index=True, help_text="digest of the newest document")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    replaced_at = models.DateTimeField(null=True, blank=True)
    replacement_reason = models.CharField(max_length=300, blank=True, help_text="why this report replaces that one")
    outdated_at = models.DateTimeField(null=True, blank=True, help_text="its inputs changed after it was made")
    outdated_because = models.CharField(max_length=300, blank=True, default="", help_text="which inputs changed")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="last compared with the readings of its period")
    is_final = models.BooleanField(default=False)
    finalised_at = models.DateTimeField(null=True, blank=True)
    finalised_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    final_name = models.CharField("name", max_length=150, blank=True)
    final_designation = models.CharField("designation", max_length=150, blank=True, default="")
    final_place = models.CharField("place", max_length=100, blank=True)
    generated_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    generated_at = models.DateTimeField(null=True, blank=True)
    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "report_type", "period_start", "period_end"],
                condition=Q(replaced_at=None),
                name="one_current_report_per_period",
            ),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="period_is_a_period"),
        ]

    def __str__(self) -> str:
        return f"{self.get_report_type_display()} {self.period_start} to {self.period_end}"

    @property
    def number(self) -> str:
        """The report number: CR-000042."""
        return f"CR-{self.pk:06d}"

    @property
    def state(self) -> str:
        """draft, final or replaced."""
        if self.replaced_at:
            return "replaced"
        return "final" if self.is_final else "draft"

    @property
    def is_being_made(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)


class Document(models.Model):
    """A printed PDF, stored in the database: web nodes and workers are stateless, one backup covers all.

    The draft is kept besides the final document, so that digests of both can be verified.
    """

    factory_path = "report__factory"
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="documents")
    is_final = models.BooleanField(default=False)
    pdf = models.BinaryField()
    pages = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    printed_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["report", "is_final"]
        constraints = [
            models.UniqueConstraint(fields=["report", "is_final"], name="one_draft_and_one_final_document_per_report")
        ]

    def __str__(self) -> str:
        return f"{self.report.number} ({'final' if self.is_final else 'draft'})"
