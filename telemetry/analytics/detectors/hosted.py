"""A model elsewhere, asked over HTTP; off unless HOSTED_DETECTOR_URL is set. What it says is shown as its opinion.

Sent are quarter-hour means without any name: no factory, no machine, no person. The answer must be
{"findings": [{"metric", "since", "until", "confidence", "words"}]}; all else counts as a failure. Three failures in a
row close the way for ten minutes, so that a model that is down costs nothing.
"""

from datetime import datetime
from statistics import median
from typing import Annotated
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

MAX_FINDINGS = 20  # findings of one answer
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
        """Raises Failed, or pybreaker.CircuitBreakerError while the way is closed."""
        answer = breaker.call(request_findings, request_body(series))
        return [finding for said in answer.findings if (finding := self.finding(said, series))]

    def finding(self, said, series):
        """None for what speaks of another time or of no metric of ours: an opinion must have something to rest on."""
        if said.metric not in DETECTOR_METRICS or said.since.tzinfo is None or said.until.tzinfo is None:
            return None
        place = DETECTOR_METRICS.index(said.metric)
        rows = [row for row in series.rows if said.since <= row.at < said.until and row.values[place] is not None]
        if not rows or said.until > series.end:
            return None
        usual = median(row.values[place] for row in series.rows if row.values[place] is not None)
        value = median(row.values[place] for row in rows)
        evidence = DetectorEvidence(said.metric, value, usual, 1.0 if value >= usual else -1.0)
        return DetectorFinding(self.name, said.since, said.until, said.confidence, (evidence,), said.words)


def request_body(series) -> dict:
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
    """Worth trying again."""


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
