"""Deliveries: the outbox and log of notifications."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from alerts.models.alerts import Alert
from alerts.models.channels import Channel
from factories.models import User
from factories.tenancy import FactoryScopedQuerySet

CLAIM_LEASE = timedelta(minutes=5)  # longer than any timeout of a sender


class DeliveryQuerySet(FactoryScopedQuerySet):
    def unsent(self):
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, now):
        """Those a worker may claim now: not claimed by another, and not waiting for their next attempt."""
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LEASE)
        return self.unsent().filter(free, Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))


class Delivery(models.Model):
    """One message about one alert to one person by one `channel` (None: e-mail). The worker that sends it claims it.

    A claim is a lease of CLAIM_LEASE: the message of a worker killed in between is sent by another. Delivery is at
    least once; twice only if a worker dies between the provider's answer and storing it.
    """

    factory_path = "alert__factory"
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "recipient", "channel"],
                name="one_message_per_alert_person_and_way",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["recipient", "channel", "sent_at"], name="what_a_person_got"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(sent_at=None, given_up_at=None), name="messages_not_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} to {self.recipient}, {self.channel_name}"

    @property
    def channel_name(self) -> str:
        return str(self.channel) if self.channel_id else "e-mail"
