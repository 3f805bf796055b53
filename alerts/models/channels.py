"""Notification preferences and channels (other than e-mail) of a person."""

from datetime import time

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from alerts.models.rules import Severity
from core import secret_box
from core.unique_violations import is_unique_violation
from core.validators import ONE_LINE
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


class Preference(models.Model):
    """Which alerts of a factory a member is notified of, and when. An owner without one gets all of them at once."""

    class Rhythm(models.TextChoices):
        ONCE = "once", "At once"
        HOURLY = "hourly", "Every hour, in one message"
        DAILY = "daily", "Once a day, in one message"

    EDITABLE_FIELDS = (
        "is_on",
        "by_email",
        "lowest",
        "rhythm",
        "digest_at",
        "quiet_from",
        "quiet_until",
        "critical_always",
    )
    factory_path = "factory"
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField("Tell me of alerts", default=True)
    lowest = models.CharField("From which severity", max_length=10, choices=Severity, default=Severity.INFO)
    by_email = models.BooleanField("By e-mail", default=True)
    rhythm = models.CharField("How often", max_length=10, choices=Rhythm, default=Rhythm.ONCE)
    digest_at = models.TimeField("The daily message comes at", default=time(8))
    quiet_from = models.TimeField("Quiet from", null=True, blank=True)
    quiet_until = models.TimeField("Quiet until", null=True, blank=True)
    critical_always = models.BooleanField("Critical alerts at any time", default=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "factory"], name="one_preference_per_member")]

    def __str__(self) -> str:
        return f"{self.user} in {self.factory}"

    def save(self, **options) -> None:
        """Upsert: of two concurrent saves, as from two clicks, the last one wins."""
        try:
            with transaction.atomic():
                super().save(**options)
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
            self.pk = type(self).objects.values_list("pk", flat=True).get(user=self.user, factory=self.factory)
            super().save(force_update=True)

    def clean(self) -> None:
        if bool(self.quiet_from) != bool(self.quiet_until):
            missing = "quiet_until" if self.quiet_from else "quiet_from"
            raise ValidationError({missing: "Quiet hours need both a beginning and an end."})


class ChannelQuerySet(models.QuerySet):
    def for_user(self, user):
        """A person's own channels: nobody else sees them, no admin either."""
        return self.filter(user=user, removed_at=None)

    def live(self):
        return self.filter(removed_at=None, is_on=True)


class Channel(models.Model):
    """A notification channel other than e-mail. Its address and secret are encrypted and never shown again."""

    class Kind(models.TextChoices):
        SERVICE = "service", "Messaging service"
        WEBHOOK = "webhook", "Webhook"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField("Name", max_length=60, validators=[ONE_LINE])
    hint = models.CharField(max_length=80, help_text="what may be shown of the address")
    encrypted_credentials = models.TextField(editable=False)
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "label"], condition=Q(removed_at=None), name="a_persons_channels_have_names"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def credentials(self) -> dict:
        """{"url": …} and, of a webhook, {"secret": …}."""
        return secret_box.unseal(self.encrypted_credentials)
