"""Our own webhook: JSON, signed as Standard Webhooks describes, so that its libraries in any language verify it.

The headers are webhook-id (the same when a message is sent again), webhook-timestamp and webhook-signature: base64 of
HMAC-SHA256 over `id.timestamp.body` with the channel's secret. A receiver that refuses old timestamps and remembers ids
is safe from replays.
"""

import json
import secrets
from base64 import b64encode

import urllib3
from standardwebhooks.webhooks import Webhook

from alerts.ways import NotSent
from alerts.ways.targets import target_of

TIMEOUT = urllib3.Timeout(connect=5, read=10)
PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(24)).decode()


def send(credentials: dict, message_id: str, body: dict, *, now):
    """One POST to the channel's URL; any 2xx is a success. Raises NotSent."""
    target = target_of(credentials["url"])
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    headers = {
        "Host": target.host if target.port in (80, 443) else f"{target.host}:{target.port}",
        "Content-Type": "application/json",
        "User-Agent": "Carbonseed",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(credentials["secret"]).sign(message_id, now, text),
    }
    try:
        with pool_of(target) as pool:
            answer = pool.request(
                "POST", target.path, body=text.encode(), headers=headers, redirect=False, retries=False,
                timeout=TIMEOUT, preload_content=False,
            )  # fmt: skip
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NotSent(f"{target.host} could not be reached ({type(error).__name__}).") from error
    if not 200 <= answer.status < 300:
        raise NotSent(f"{target.host} answered {answer.status}.")


def pool_of(target):
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        target.address, target.port, maxsize=1, server_hostname=target.host, assert_hostname=target.host
    )
