"""Webhooks: JSON signed by the Standard Webhooks specification, so that its libraries in any language verify it.

The headers are webhook-id (the same when a message is sent again), webhook-timestamp and webhook-signature: base64 of
HMAC-SHA256 over `id.timestamp.body` with the channel's secret. A receiver that refuses old timestamps and remembers ids
is safe from replays.
"""

import json
import secrets
from base64 import b64encode

from standardwebhooks.webhooks import Webhook

from alerts.notifications.channels import DeliveryError
from alerts.notifications.channels.ssrf_guard import target_of
from core.outbound_http import PostFailed, post

TIMEOUT_S = 10  # of the whole request
SECRET_PREFIX = "whsec_"


def new_secret() -> str:
    return SECRET_PREFIX + b64encode(secrets.token_bytes(24)).decode()


def send(credentials: dict, message_id: str, body: dict, *, now) -> None:
    """One POST to the channel's URL; any 2xx is a success. Raises DeliveryError."""
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
        status, _content = post(
            *target[:3], target.path, text.encode(), headers, seconds=TIMEOUT_S, address=target.address
        )
    except PostFailed as error:
        raise DeliveryError(f"{target.host} could not be reached ({error}).") from error
    if not 200 <= status < 300:
        raise DeliveryError(f"{target.host} answered {status}.")
