"""Tenancy: every row belongs to a factory, and views reach rows through `for_user()` only."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from factories.roles import roles_with


class FactoryScopedQuerySet(models.QuerySet):
    """Rows of a model that reaches its factory through `factory_path` (set on the model)."""

    def for_user(self, user, right=None):
        """Rows visible to `user`; with `right`, only those of factories where their role includes it.

        An admin sees every factory, a non-member none. Expired memberships do not count.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(**{f"{self.model.factory_path}__in": factories_of(user, right)})

    def for_factory(self, factory):
        return self.filter(**{self.model.factory_path: factory})


def factories_of(user, right=None):
    """Subquery of the ids of the factories where `user` is a member now (with `right`, if given)."""
    members = user.memberships.valid(timezone.now())
    if right is not None:
        members = members.filter(role__in=roles_with(right))
    return members.values("factory_id")


def unexpired(now):
    return Q(expires_at=None) | Q(expires_at__gt=now)
