"""The doors' common frame: which factory a request means, and what the person may do there."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import exceptions, viewsets
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import exception_handler

from factories import saved_twice
from factories.models import Factory
from factories.rights import RIGHTS, Right

CHOSEN_FACTORY = "factory_id"  # in the session
LARGEST_ID = 2**63 - 1


def rights_in(user, factory):
    """The rights of `user` in `factory`: a set of Right values, empty for a stranger."""
    return set(RIGHTS.get(user.role_in(factory), ()))


def current_factory(request):
    """The factory whose pages this person looks at: the one chosen last, else the first by name, else None."""
    if hasattr(request, "current_factory"):
        return request.current_factory
    mine = Factory.objects.for_user(request.user).current()
    chosen = request.session.get(CHOSEN_FACTORY)
    factory = (mine.filter(pk=chosen).first() if chosen else None) or mine.order_by("name").first()
    request.current_factory = factory
    return factory


def look_at(request, factory):
    """From now on this person's pages show `factory`; called by pages of a row of another of their factories."""
    request.session[CHOSEN_FACTORY] = factory.pk
    request.current_factory = factory
    timezone.activate(factory.zone)


def page(right=Right.SEE):
    """A page of the current factory for those with `right`: strangers log in, the wrong role gets 403."""

    def wrap(view):
        @wraps(view)
        def door(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            factory = current_factory(request)
            if factory is not None and not request.user.may(right, factory):
                raise PermissionDenied(f"Your role in {factory} does not include this page.")
            return view(request, *args, **kwargs)

        return door

    return wrap


def row_or_404(queryset, user, pk, right):
    """The row if this person may see its factory at all (else 404), with `right` there (else 403)."""
    row = get_object_or_404(queryset.for_user(user), pk=pk)
    require(user, right, factory_of(row))
    return row


def require(user, right, factory):
    if not user.may(right, factory):
        raise PermissionDenied(f"Your role in {factory} does not include this.")


def factory_of(row):
    """The factory a row belongs to, along its `factory_path`."""
    if isinstance(row, Factory):
        return row
    for name in type(row).factory_path.split("__"):
        row = getattr(row, name)
    return row


def meant_factory(request, right, raw=None):
    """The factory an API request means: `factory_id` if given, else the person's own.

    404 for one they cannot see, 403 where their role lacks `right`, 400 where several or none would do.
    """
    raw = request.query_params.get("factory_id") if raw is None else raw
    if raw not in (None, ""):
        factory = get_object_or_404(Factory.objects.for_user(request.user).current(), pk=number(raw, "factory_id"))
        require(request.user, right, factory)
        return factory
    if request.user.is_superuser:
        raise exceptions.ValidationError({"factory_id": ["An admin sees every factory: say which one."]})
    factory = current_factory(request) if hasattr(request, "session") else None
    factory = factory or Factory.objects.for_user(request.user).current().order_by("name").first()
    if factory is None:
        raise exceptions.ValidationError({"factory_id": ["You are not a member of any factory yet."]})
    require(request.user, right, factory)
    return factory


def number(raw, field):
    """A row id from a path, query or body; 400 naming the field when it is none."""
    try:
        value = int(str(raw))
    except ValueError:
        raise exceptions.ValidationError({field: ["A whole number is expected."]}) from None
    if not 0 <= value <= LARGEST_ID:
        raise exceptions.ValidationError({field: ["This number is out of range."]})
    return value


class RoleAllows(BasePermission):
    """`read_right` for safe methods, `write_right` for the rest: of some factory for lists, of the row's for rows."""

    def has_permission(self, request, view):
        user = request.user
        if user.is_superuser:
            return True
        return any(right_needed(request, view) in rights_in(user, m.factory) for m in memberships(user))

    def has_object_permission(self, request, view, obj):
        return request.user.may(right_needed(request, view), factory_of(obj))


def memberships(user):
    return user.memberships.valid().select_related("factory")


def right_needed(request, view):
    if request.method in SAFE_METHODS:
        return view.read_right
    return getattr(view, "action_rights", {}).get(view.action, view.write_right)


class FactoryScopedViewSet(viewsets.ModelViewSet):
    """Rows of the caller's factories only. A subclass names its model's queryset as `.none()` and its rights."""

    permission_classes = [IsAuthenticated, RoleAllows]
    read_right = Right.SEE
    write_right = Right.MANAGE
    lookup_value_regex = r"\d{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = self.queryset.model.objects.for_user(self.request.user)
        raw = self.request.query_params.get("factory_id")
        if self.detail or raw in (None, ""):
            # A list shows only factories where the role may look; a row of one's own factory answers 403 instead.
            return rows if self.detail else rows.model.objects.for_user(self.request.user, right=self.read_right)
        return rows.for_factory(meant_factory(self.request, self.read_right, raw))


class NewRowsViewSet(FactoryScopedViewSet):
    """Whoever makes a row names its factory (`factory_id`), or means their own; serializers find it as `factory`."""

    def get_serializer_context(self):
        context = super().get_serializer_context()
        if self.detail is False and self.request and self.request.method == "POST":
            body = self.request.data if isinstance(self.request.data, dict) else {}
            context["factory"] = meant_factory(self.request, self.write_right, body.get("factory_id"))
        return context


def api_error(error, context):
    """DRF's error shapes; instead of a 500, a 503 with Retry-After while the database is away, and a 409 to the second
    of two who save the same at once."""
    if isinstance(error, OperationalError | InterfaceError):
        return Response(
            {"detail": "The database is not reachable; try again shortly."}, 503, headers={"Retry-After": "5"}
        )
    if saved_twice.is_saved_twice(error):
        return Response({"detail": saved_twice.WORDS}, 409)
    if isinstance(error, DatabaseError) and "out of range" in str(error):
        return Response({"detail": "A number in this request is out of range."}, 400)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    return exception_handler(error, context)
