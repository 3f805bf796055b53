"""Memberships of users in factories, and invitations."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from core.audit_log import audited
from factories.models.factories import Factory
from factories.models.users import User
from factories.roles import Role
from factories.tenancy import FactoryScopedQuerySet, unexpired


class MembershipQuerySet(FactoryScopedQuerySet):
    def valid(self, now=None):
        return self.filter(unexpired(now or timezone.now()), factory__archived_at=None)


@audited()
class Membership(models.Model):
    """A user's role in one factory; an auditor's may expire."""

    factory_path = "factory"
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices())
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["factory__name", "user__email"]
        constraints = [models.UniqueConstraint(fields=["user", "factory"], name="one_membership_per_user_and_factory")]

    def __str__(self) -> str:
        return f"{self.user} is {self.get_role_display()} of {self.factory}"


class InvitationQuerySet(FactoryScopedQuerySet):
    def open(self):
        """Neither accepted nor withdrawn; its link may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)


@audited()
class Invitation(models.Model):
    """Invitation by e-mail with a signed link (`factories.invitations`); acceptance creates the membership."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail")
    role = models.CharField(max_length=20, choices=Role.choices())
    membership_expires_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(default=timezone.now, help_text="the newest link; older ones are dead")
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "factory",
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_email_and_factory",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.factory}"
