"""Escalation steps: who is notified next when nobody acknowledges."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from alerts.models.rules import Severity
from core.audit_log import audited
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet

LONGEST_MINUTES = 24 * 60


@audited()
class EscalationStep(models.Model):
    """A member who is notified of an alert unacknowledged so many minutes after it was noticed."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="escalation_steps")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    after_minutes = models.PositiveSmallIntegerField(
        "After how many minutes", validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)]
    )
    lowest = models.CharField("From which severity", max_length=10, choices=Severity, default=Severity.WARNING)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["after_minutes", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "person"],
                name="a_person_is_one_step",
                violation_error_message="This person is a step already; remove it first.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} after {self.after_minutes} min"
