"""Who is acting: every logged change carries the person, whichever way they logged in."""

from auditlog.middleware import AuditlogMiddleware
from django.utils.functional import SimpleLazyObject


class ActorMiddleware(AuditlogMiddleware):
    """Asks for the actor when something is logged, not when the request begins.

    A token is read inside the API view, after every middleware: asked at the beginning, API changes would be nobody's.
    The address is the connection's own: a header anyone can write is no evidence.
    """

    @staticmethod
    def _get_actor(request):
        return SimpleLazyObject(lambda: getattr(request, "user", None))

    @staticmethod
    def _get_remote_addr(request):
        return request.META.get("REMOTE_ADDR") or None
