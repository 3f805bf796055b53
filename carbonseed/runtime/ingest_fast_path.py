"""Fast path of /ingest: skips the middleware of sessions, cookies and page headers."""

from django.urls import resolve

from telemetry.ingest.request_body import drain_body

INGEST_PATHS = ("/ingest", "/ingest/")
INGEST_METHODS = ("POST", "PUT", "GET")


class IngestFastPathMiddleware:
    """Placed after metrics and probes, before the middleware of pages, which would cost as much as the reading.

    A browser's request (it names its origin) takes the full stack, which applies the cross-origin rules.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response
        self.matches = {path: resolve(path) for path in INGEST_PATHS}

    def __call__(self, request):
        match = self.matches.get(request.path_info)
        if match is None or request.method not in INGEST_METHODS or "HTTP_ORIGIN" in request.META:
            return self.get_response(request)
        request.resolver_match = match
        response = match.func(request).render()
        if response.status_code >= 400:
            drain_body(request)
        response["Content-Length"] = str(len(response.content))  # small clients read no chunked answer
        return response
