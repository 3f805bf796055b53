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

from core.outbound_http import NotPosted, post
from telemetry.analytics.detectors import METRICS, UNITS, Evidence, Finding, Series

MOST = 20  # findings of one answer
PORTS = {"http": 80, "https": 443}
breaker = pybreaker.CircuitBreaker(fail_max=3, reset_timeout=600)


class Failed(Exception):
    """No usable answer; the text says why."""


class Said(msgspec.Struct, forbid_unknown_fields=True):
    metric: str
    since: datetime
    until: datetime
    confidence: Annotated[float, Meta(ge=0, le=1)]
    words: Annotated[str, Meta(min_length=1, max_length=300)]


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    findings: Annotated[list[Said], Meta(max_length=MOST)]


class Hosted:
    name = "hosted model"

    def find(self, series: Series) -> list[Finding]:
        """Raises Failed, or pybreaker.CircuitBreakerError while the way is closed."""
        answer = breaker.call(asked, question(series))
        return [finding for said in answer.findings if (finding := self.finding(said, series))]

    def finding(self, said, series):
        """None for what speaks of another time or of no metric of ours: an opinion must have something to rest on."""
        if said.metric not in METRICS or said.since.tzinfo is None or said.until.tzinfo is None:
            return None
        place = METRICS.index(said.metric)
        rows = [row for row in series.rows if said.since <= row.at < said.until and row.values[place] is not None]
        if not rows or said.until > series.end:
            return None
        usual = median(row.values[place] for row in series.rows if row.values[place] is not None)
        value = median(row.values[place] for row in rows)
        evidence = Evidence(said.metric, value, usual, 1.0 if value >= usual else -1.0)
        return Finding(self.name, said.since, said.until, said.confidence, (evidence,), said.words)


def question(series) -> dict:
    return {
        "step_s": 900,
        "times": [row.at.isoformat() for row in series.rows],
        "metrics": {
            name: {"unit": UNITS[name], "values": [row.values[place] for row in series.rows]}
            for place, name in enumerate(METRICS)
        },
        "about": "the last 24 hours",
    }


class Busy(Failed):
    """Worth trying again."""


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(Busy),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=2),
    reraise=True,
)
def asked(body: dict) -> Answer:
    url, key = urlsplit(settings.HOSTED_DETECTOR_URL), settings.HOSTED_DETECTOR_KEY
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        status, content = post(
            url.scheme, url.hostname, url.port or PORTS[url.scheme], path, msgspec.json.encode(body), headers,
            seconds=settings.HOSTED_DETECTOR_SECONDS,
        )  # fmt: skip
    except NotPosted as error:
        raise Busy(f"The model was not reached ({error}).") from error
    if status in (429, 500, 502, 503, 504):
        raise Busy(f"The model answered {status}.")
    if status != 200:
        raise Failed(f"The model answered {status}.")
    try:
        return msgspec.json.decode(content, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Failed(f"The model's answer is not as agreed: {error}") from error
