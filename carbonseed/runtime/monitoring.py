"""GET /metrics for Prometheus: requests as the web processes counted them, backlogs as the database knows them.

Counters live in files that all web processes share (PROMETHEUS_MULTIPROC_DIR, set by `manage.py serve` and `demo`);
without it each process would report its own counters only.
"""

import os
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q, Sum
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY

from alerts.models import Alert, Delivery
from devices.models import Device
from reports.models import Report
from telemetry.models import DirtySpan, ProcessedSpan, QuarantineItem

REQUESTS = Counter("carbonseed_http_requests_total", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "carbonseed_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestMetricsMiddleware:
    """Counts each answer by route, never by address: addresses carry ids and keys."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.route if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(time.perf_counter() - began)
        return response


@require_safe
def metrics(request) -> HttpResponse:
    """404 without the token: the address of the caller proves nothing behind a proxy."""
    token = settings.METRICS_TOKEN
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not token or not constant_time_compare(bearer.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry() if "PROMETHEUS_MULTIPROC_DIR" in os.environ else REGISTRY
    if registry is not REGISTRY:
        multiprocess.MultiProcessCollector(registry)
    backlogs = CollectorRegistry()
    backlogs.register(BacklogCollector())
    return HttpResponse(generate_latest(registry) + generate_latest(backlogs), content_type=CONTENT_TYPE_LATEST)


class BacklogCollector:
    """Sizes of the queues, read from the database at each scrape."""

    def collect(self) -> Iterator:
        try:
            yield from self.backlogs(timezone.now())
            yield GaugeMetricFamily("carbonseed_database_up", "Whether the database answered", value=1)
        except DatabaseError:
            yield GaugeMetricFamily("carbonseed_database_up", "Whether the database answered", value=0)

    def backlogs(self, now) -> Iterator:
        waiting = DirtySpan.objects.aggregate(rows=Count("pk"), oldest=Min("received_at"))
        backlog = DirtySpan.objects.filter(is_present=False).aggregate(
            readings=Sum("readings"),
            spans=Count("pk"),
            oldest=Min("received_at", filter=~Q(key_prefix="")),  # an imported line came at its own time
        )
        gauges = {
            "digest_waiting_spans": ("Stored spans the digest has not summed", waiting["rows"]),
            "digest_oldest_seconds": ("Age of the oldest of them, present or backlog", age(waiting["oldest"], now)),
            "present_oldest_seconds": (
                "Age of the oldest present reading whose rules are not judged: how late an alert is now",
                age(oldest_present_unjudged(), now),
            ),
            "backlog_readings": ("Readings of the backlog the digest has not summed", backlog["readings"] or 0),
            "backlog_spans": ("Spans they lie in, each worked on by itself", backlog["spans"]),
            "backlog_oldest_seconds": (
                "How long the oldest of them that a device sent waits",
                age(backlog["oldest"], now),
            ),
            "judgement_waiting_spans": ("Summed spans no rule has judged", ProcessedSpan.objects.count()),
            "alerts_open": ("Open process alerts", Alert.objects.open().count()),
            "deliveries_unsent": ("Messages still to be sent", Delivery.objects.unsent().count()),
            "reports_waiting": ("Reports queued or running", waiting_reports()),
            "quarantine_held": ("Readings in quarantine", QuarantineItem.objects.filter(state="held").count()),
            "devices_sending": ("Devices from which readings are expected", Device.objects.sending().count()),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(f"carbonseed_{name}", text, value=value)


def age(moment, now) -> float:
    """Seconds since `moment`; 0 where nothing waits."""
    return (now - moment).total_seconds() if moment else 0.0


def oldest_present_unjudged():
    """When the oldest present reading came that waits to be summed or to be judged."""
    logs = (DirtySpan, ProcessedSpan)
    moments = [log.objects.filter(is_present=True).aggregate(at=Min("received_at"))["at"] for log in logs]
    return min((moment for moment in moments if moment), default=None)


def waiting_reports():
    return Report.objects.filter(status__in=[Report.Status.QUEUED, Report.Status.RUNNING]).count()
