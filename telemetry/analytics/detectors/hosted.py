"""External model over HTTP; off unless HOSTED_DETECTOR_URL is set. Its findings are shown as a model's opinion.

The request holds quarter-hour means without any name: no factory, no machine, no person. The answer must be
{"findings": [{"metric", "since", "until", "confidence", "words"}]}; anything else is a failure. A circuit breaker opens
for ten minutes after three failures in a row.
"""

from datetime import datetime
from statistics import median
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
import pybreaker
import tenacity
from django.conf import settings
from msgspec import Meta

from core.outbound_http import PostFailed, post
from telemetry.analytics.detectors import (
    DETECTOR_METRICS,
    METRIC_UNITS,
    DetectorEvidence,
    DetectorFinding,
    MachineSeries,
)

MAX_FINDINGS = 20  # in one answer
PORTS = {"http": 80, "https": 443}
breaker = pybreaker.CircuitBreaker(fail_max=3, reset_timeout=600)


class HostedModelError(Exception):
    """No usable answer; the text says why."""


class HostedFinding(msgspec.Struct, forbid_unknown_fields=True):
    metric: str
    since: datetime
    until: datetime
    confidence: Annotated[float, Meta(ge=0, le=1)]
    words: Annotated[str, Meta(min_length=1, max_length=300)]


class HostedAnswer(msgspec.Struct, forbid_unknown_fields=True):
    findings: Annotated[list[HostedFinding], Meta(max_length=MAX_FINDINGS)]


class HostedDetector:
    name = "hosted model"

    def find(self, series: MachineSeries) -> list[DetectorFinding]:
        """Raises HostedModelError, or pybreaker.CircuitBreakerError while the circuit is open."""
        answer = breaker.call(request_findings, request_body(series))
        return [finding for item in answer.findings if (finding := self.finding(item, series))]

    def finding(self, item: HostedFinding, series: MachineSeries) -> DetectorFinding | None:
        """None for an item about a time or a metric that was not sent, or without values."""
        if item.metric not in DETECTOR_METRICS or item.since.tzinfo is None or item.until.tzinfo is None:
            return None
        values = series.values_of(item.metric)
        found = [value for at, value in values if item.since <= at < item.until]
        if not found or item.until > series.end:
            return None
        usual, value = median(value for _, value in values), median(found)
        evidence = DetectorEvidence(item.metric, value, usual, 1.0 if value >= usual else -1.0)
        return DetectorFinding(self.name, item.since, item.until, item.confidence, (evidence,), item.words)


def request_body(series: MachineSeries) -> dict[str, Any]:
    return {
        "step_s": 900,
        "times": [row.at.isoformat() for row in series.rows],
        "metrics": {
            name: {"unit": METRIC_UNITS[name], "values": [row.values[index] for row in series.rows]}
            for index, name in enumerate(DETECTOR_METRICS)
        },
        "about": "the last 24 hours",
    }


class HostedModelUnavailable(HostedModelError):
    """A temporary failure: worth a retry."""


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(HostedModelUnavailable),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=2),
    reraise=True,
)
def request_findings(body: dict) -> HostedAnswer:
    url, key = urlsplit(settings.HOSTED_DETECTOR_URL), settings.HOSTED_DETECTOR_KEY
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        status, content = post(
            url.scheme, url.hostname, url.port or PORTS[url.scheme], path, msgspec.json.encode(body), headers,
            seconds=settings.HOSTED_DETECTOR_SECONDS,
        )  # fmt: skip
    except PostFailed as error:
        raise HostedModelUnavailable(f"The model was not reached ({error}).") from error
    if status in (429, 500, 502, 503, 504):
        raise HostedModelUnavailable(f"The model answered {status}.")
    if status != 200:
        raise HostedModelError(f"The model answered {status}.")
    try:
        return msgspec.json.decode(content, type=HostedAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HostedModelError(f"The model's answer is not as agreed: {error}") from error
