"""Middleware: the actor of audit log entries, the time zone of pages, and 409 on unique violations."""

from auditlog.middleware import AuditlogMiddleware
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from core.unique_violations import is_unique_violation
from factories.permissions import current_factory


class ActorMiddleware(AuditlogMiddleware):
    """Resolves the actor when an entry is written, not at the start of the request.

    Tokens are authenticated in the API view, after all middleware: resolved earlier, API changes would have no actor.
    The address is that of the connection: forwarding headers can be forged.
    """

    def get_extra_data(self, request) -> dict:
        return {
            "actor": SimpleLazyObject(lambda: getattr(request, "user", None)),
            "remote_addr": request.META.get("REMOTE_ADDR") or None,
        }


class FactoryTimeZoneMiddleware:
    """Activates the time zone of the current factory for pages (`set_current_factory` changes both)."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/dashboard/") or not request.user.is_authenticated:
            return self.get_response(request)
        factory = current_factory(request)
        with timezone.override(factory.zone if factory else timezone.get_default_timezone()):
            return self.get_response(request)


class UniqueViolationMiddleware:
    """Pages answer 409 instead of 500 to a unique violation by a concurrent request."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error) -> HttpResponse | None:
        return render(request, "409.html", status=409) if is_unique_violation(error) else None
