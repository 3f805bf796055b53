"""Liveness (/health) and readiness (/ready) probes, and the 503 while the database is unavailable."""

import logging
import sys

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from carbonseed.celery import app
from carbonseed.runtime import error_responses
from core.db_errors import is_database_unavailable

RETRY_AFTER_S = 5
log = logging.getLogger(__name__)


@require_safe
@never_cache
def health(request) -> HttpResponse:
    """Liveness: the process answers. Checks nothing behind it."""
    return JsonResponse({"status": "healthy"})


@require_safe
@never_cache
def ready(request) -> HttpResponse:
    """Readiness: 503 until database, migrations and broker are there; names what is missing, never its address."""
    parts = {"database": is_database_reachable(), "migrations": False, "broker": is_broker_reachable()}
    parts["migrations"] = parts["database"] and not unapplied_migrations()
    is_ready = all(parts.values())
    words = {name: "ok" if is_ok else "not ready" for name, is_ok in parts.items()}
    answer = {"status": "ready" if is_ready else "not ready", **words}
    return JsonResponse(answer, status=200 if is_ready else 503, headers={} if is_ready else retry_after_header())


def is_database_reachable() -> bool | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def unapplied_migrations() -> list:
    executor = MigrationExecutor(connection)
    return [migration.name for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def is_broker_reachable() -> bool | None:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
            broker.default_channel.close()
        return True
    except Exception:  # each transport has errors of its own
        log.warning("The message broker does not answer.")
        return False


def retry_after_header() -> dict:
    return {"Retry-After": str(RETRY_AFTER_S)}


def database_unavailable(request) -> HttpResponse:
    """503 with Retry-After, as JSON or as a page."""
    text = "The database is not reachable; try again shortly."
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse({"detail": text}, status=503, headers=retry_after_header())
    try:
        return HttpResponse(render_to_string("503.html"), status=503, headers=retry_after_header())
    except TemplateDoesNotExist:
        return HttpResponse(text, status=503, headers=retry_after_header(), content_type="text/plain")


def server_error(request):
    """Django's handler500. An error in a middleware ends here too, where no other middleware can see it."""
    if is_database_unavailable(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]):
        return database_unavailable(request)
    return error_responses.server_error(request)


class HealthProbeMiddleware:
    """/health and /ready before anything else: a load balancer uses the address, not a name in ALLOWED_HOSTS."""

    views = {"/health": health, "/ready": ready}

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.views.get(request.path_info, self.get_response)(request)


class DatabaseUnavailableMiddleware:
    """A page whose query finds no database answers 503 with Retry-After instead of 500."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error) -> HttpResponse | None:
        return database_unavailable(request) if is_database_unavailable(error) else None
