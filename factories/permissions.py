"""Authorisation of pages and API: which factory a request refers to, and the rights of the user there."""

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

from core import unique_violations
from core.validators import MAX_ID
from factories.models import Factory
from factories.roles import RIGHTS, Right

SESSION_FACTORY_KEY = "factory_id"  # in the session


def rights_in(user, factory) -> set:
    """The rights of `user` in `factory`: a set of Right values, empty for a stranger."""
    return set(RIGHTS.get(user.role_in(factory), ()))


def current_factory(request):
    """The factory selected in this session: the one chosen last, else the first by name, else None."""
    if hasattr(request, "current_factory"):
        return request.current_factory
    visible = Factory.objects.for_user(request.user).current()
    chosen_id = request.session.get(SESSION_FACTORY_KEY)
    factory = (visible.filter(pk=chosen_id).first() if chosen_id else None) or visible.order_by("name").first()
    request.current_factory = factory
    return factory


def set_current_factory(request, factory) -> None:
    """Select `factory` in this session; called by pages whose row belongs to another of the user's factories."""
    request.session[SESSION_FACTORY_KEY] = factory.pk
    request.current_factory = factory
    timezone.activate(factory.zone)


def requires_right(right=Right.SEE):
    """View decorator: the user needs `right` in the current factory (else 403); anonymous users go to the log-in."""

    def decorator(view):
        @wraps(view)
        def guarded_view(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            factory = current_factory(request)
            if factory is not None and not request.user.may(right, factory):
                raise PermissionDenied(f"Your role in {factory} does not include this page.")
            return view(request, *args, **kwargs)

        return guarded_view

    return decorator


def row_or_404(queryset, user, pk, right):
    """The row: 404 unless the user sees its factory, 403 unless they have `right` there."""
    row = get_object_or_404(queryset.for_user(user), pk=pk)
    require_right(user, right, factory_of(row))
    return row


def require_right(user, right, factory) -> None:
    """Raises PermissionDenied."""
    if not user.may(right, factory):
        raise PermissionDenied(f"Your role in {factory} does not include this.")


def factory_of(row):
    """The factory a row belongs to, along its `factory_path`."""
    if isinstance(row, Factory):
        return row
    for name in type(row).factory_path.split("__"):
        row = getattr(row, name)
    return row


def factory_from_request(request, right, raw=None):
    """The factory an API request refers to: `factory_id` if given, else the user's own.

    404 for one they cannot see, 403 where their role lacks `right`, 400 where it is ambiguous.
    """
    raw = request.query_params.get("factory_id") if raw is None else raw
    if raw not in (None, ""):
        factory = get_object_or_404(Factory.objects.for_user(request.user).current(), pk=parse_id(raw, "factory_id"))
        require_right(request.user, right, factory)
        return factory
    if request.user.is_superuser:
        raise exceptions.ValidationError({"factory_id": ["An admin sees every factory: say which one."]})
    factory = current_factory(request) if hasattr(request, "session") else None
    factory = factory or Factory.objects.for_user(request.user).current().order_by("name").first()
    if factory is None:
        raise exceptions.ValidationError({"factory_id": ["You are not a member of any factory yet."]})
    require_right(request.user, right, factory)
    return factory


def parse_id(raw, field) -> int:
    """A row id from a path, query or body; 400 naming the field if it is not a valid one."""
    try:
        value = int(str(raw))
    except ValueError:
        raise exceptions.ValidationError({field: ["A whole number is expected."]}) from None
    if not 0 <= value <= MAX_ID:
        raise exceptions.ValidationError({field: ["This number is out of range."]})
    return value


class HasRequiredRight(BasePermission):
    """`read_right` for safe methods, `write_right` for the rest: in any factory for lists, in the row's for rows."""

    def has_permission(self, request, view) -> bool:
        user = request.user
        if user.is_superuser:
            return True
        return any(required_right(request, view) in rights_in(user, m.factory) for m in valid_memberships(user))

    def has_object_permission(self, request, view, obj):
        return request.user.may(required_right(request, view), factory_of(obj))


def valid_memberships(user):
    return user.memberships.valid().select_related("factory")


def required_right(request, view):
    if request.method in SAFE_METHODS:
        return view.read_right
    return getattr(view, "action_rights", {}).get(view.action, view.write_right)


class FactoryScopedViewSet(viewsets.ModelViewSet):
    """Rows of the caller's factories only. A subclass names its model's queryset as `.none()` and its rights."""

    permission_classes = [IsAuthenticated, HasRequiredRight]
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
            # Lists are limited to factories with the right; a single row of one's own factory answers 403 instead.
            return rows if self.detail else rows.model.objects.for_user(self.request.user, right=self.read_right)
        return rows.for_factory(factory_from_request(self.request, self.read_right, raw))


class NewRowsViewSet(FactoryScopedViewSet):
    """A new row belongs to `factory_id` or to the user's own factory, given to serializers as context `factory`."""

    def get_serializer_context(self):
        context = super().get_serializer_context()
        if self.detail is False and self.request and self.request.method == "POST":
            body = self.request.data if isinstance(self.request.data, dict) else {}
            context["factory"] = factory_from_request(self.request, self.write_right, body.get("factory_id"))
        return context


def api_exception_handler(error, context):
    """DRF's error shapes; instead of a 500, a 503 with Retry-After while the database is unavailable, and a 409 for a
    unique violation by a concurrent request."""
    if isinstance(error, OperationalError | InterfaceError):
        return Response(
            {"detail": "The database is not reachable; try again shortly."}, 503, headers={"Retry-After": "5"}
        )
    if unique_violations.is_unique_violation(error):
        return Response({"detail": unique_violations.CONFLICT_MESSAGE}, 409)
    if isinstance(error, DatabaseError) and "out of range" in str(error):
        return Response({"detail": "A number in this request is out of range."}, 400)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    return exception_handler(error, context)
