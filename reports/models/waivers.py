"""Waivers: open points that an owner accepts, each with a reason that is printed."""

from django.db import models

from core.validators import ONE_LINE
from factories.models import User
from factories.tenancy import FactoryScopedQuerySet
from reports.models.reports import Report


class Waiver(models.Model):
    """An open point of a report (`reports.issuing.open_points`) left open on purpose; fixed once it is final."""

    factory_path = "report__factory"
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="waivers")
    key = models.CharField(max_length=200, help_text="of the open point")
    title = models.CharField(max_length=300)
    reason = models.CharField(max_length=300, validators=[ONE_LINE], help_text="printed beside the item")
    waived_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    waived_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="one_waiver_per_open_point")]

    def __str__(self) -> str:
        return f"{self.report.number}: {self.title}"
