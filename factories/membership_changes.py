"""Changes of memberships and roles. A factory never loses its last owner, nor the service its last admin."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from factories.models import Factory, Membership, User
from factories.roles import Role

MAX_ACCESS = timedelta(days=3660)  # of an auditor whose access has a last day


class LastOwner(ValueError):
    """The change would leave a factory without an owner, or the service without an admin."""


class EmailTaken(ValueError):
    """Somebody already has an account with this e-mail address."""


@transaction.atomic
def enrol(*, email, password, full_name, role, factory=None):
    """Create an account: an admin, or a member of `factory`. Raises EmailTaken."""
    is_admin = role == Role.ADMIN
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, full_name=full_name, is_staff=is_admin, is_superuser=is_admin
            )
    except IntegrityError as error:
        raise EmailTaken(f"{email} already has an account; invite them instead.") from error
    if not is_admin:
        Membership.objects.create(user=user, factory=factory, role=role)
    return user


@transaction.atomic
def assign_role(user, role, factory, *, expires_at=None, keep_admin=False):
    """Set the role of `user` in `factory`, until `expires_at` if given; an owner's role never expires.

    Creates the membership if there is none. An admin loses the admin role, unless `keep_admin`.
    Raises LastOwner.
    """
    expires_at = None if role == Role.OWNER else expires_at
    Factory.objects.select_for_update().get(pk=factory.pk)  # two owners demoting each other at once
    membership = Membership.objects.filter(user=user, factory=factory).first()
    if membership and role != Role.OWNER:
        refuse_to_remove_last_owner(membership)
    if user.is_superuser and not keep_admin:
        refuse_to_remove_last_admin(user)
        user.is_superuser = user.is_staff = False
        user.save(update_fields=["is_superuser", "is_staff"])
    if membership is None:
        return Membership.objects.create(user=user, factory=factory, role=role, expires_at=expires_at)
    membership.role, membership.expires_at = role, expires_at
    membership.save()
    return membership


@transaction.atomic
def remove_member(membership) -> None:
    """Delete the membership; audit log entries stay. Raises LastOwner."""
    Factory.objects.select_for_update().get(pk=membership.factory_id)
    refuse_to_remove_last_owner(membership)
    membership.delete()


def make_admin(user) -> None:
    user.is_superuser = user.is_staff = True
    user.save(update_fields=["is_superuser", "is_staff"])


def refuse_to_remove_last_owner(membership) -> None:
    """Raises LastOwner if no other active owner without an expiry remains."""
    if membership.role != Role.OWNER:
        return
    owners = Membership.objects.valid().filter(
        factory=membership.factory_id, role=Role.OWNER, user__is_active=True, expires_at=None
    )
    if not owners.exclude(pk=membership.pk).exists():
        raise LastOwner(f"{membership.user} is the last owner of {membership.factory}; name another owner first.")


def refuse_to_remove_last_admin(user) -> None:
    """Raises LastOwner if no other active admin remains."""
    admins = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    if set(admins) <= {user}:
        raise LastOwner(f"{user} is the last admin; name another admin first.")
