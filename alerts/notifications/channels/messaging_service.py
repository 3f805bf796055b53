"""Messaging services through apprise, from an allow-list: each connects to its provider's own host and no other."""

from urllib.parse import urlsplit

from alerts.notifications.channels import DeliveryError

SERVICES = {
    "tgram": "Telegram",
    "whatsapp": "WhatsApp (Meta's cloud API)",
    "twilio": "SMS by Twilio",
    "msg91": "SMS by MSG91",
    "slack": "Slack",
    "gchat": "Google Chat",
    "discord": "Discord",
    "pover": "Pushover",
}
LONGEST_BODY = 1500  # characters; an SMS provider cuts at about that many


def service_name(url: str) -> str:
    """The service of an apprise URL. Raises DeliveryError for one that is not allowed or not complete."""
    scheme = urlsplit(url.strip()).scheme.lower()
    if scheme not in SERVICES:
        allowed = ", ".join(f"{name}://" for name in SERVICES)
        raise DeliveryError(f"This service is not among those that may be reached: {allowed}.")
    plugin_of(url)
    return SERVICES[scheme]


def plugin_of(url):
    """The apprise plugin of a URL. Raises DeliveryError where it is not complete."""
    import apprise  # slow import

    plugin = apprise.Apprise.instantiate(url.strip(), suppress_exceptions=True)
    if plugin is None:
        raise DeliveryError("The address is not complete; see the service's own page for its parts.")
    plugin.socket_connect_timeout, plugin.socket_read_timeout = 5.0, 10.0
    return plugin


def send(credentials: dict, title: str, body: str) -> None:
    """Send one message. Raises DeliveryError."""
    name, plugin = service_name(credentials["url"]), plugin_of(credentials["url"])
    try:
        is_accepted = plugin.notify(title=title, body=body[:LONGEST_BODY])
    except Exception as error:  # any error of a provider's library
        raise DeliveryError(f"{name} could not be reached ({type(error).__name__}).") from error
    if not is_accepted:
        raise DeliveryError(f"{name} did not take the message.")
