"""Around every request: who is acting, in which time zone pages speak, and whether the same was saved already."""

from auditlog.middleware import AuditlogMiddleware
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from factories.access import current_factory
from factories.saved_twice import is_saved_twice


class ActorMiddleware(AuditlogMiddleware):
    """Asks for the actor when something is logged, not when the request begins.

    A token is read inside the API view, after every middleware: asked at the beginning, API changes would be nobody's.
    The address is the connection's own: a header anyone can write is no evidence.
    """

    def get_extra_data(self, request):
        return {
            "actor": SimpleLazyObject(lambda: getattr(request, "user", None)),
            "remote_addr": request.META.get("REMOTE_ADDR") or None,
        }


class FactoryTimeMiddleware:
    """Pages show and read times in the zone of the factory they are about (`look_at` changes both)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/dashboard/") or not request.user.is_authenticated:
            return self.get_response(request)
        factory = current_factory(request)
        with timezone.override(factory.zone if factory else timezone.get_default_timezone()):
            return self.get_response(request)


class SavedTwiceMiddleware:
    """A page that saves what another request has saved meanwhile answers 409 instead of 500."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        return render(request, "409.html", status=409) if is_saved_twice(error) else None
