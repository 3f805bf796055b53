"""Rendering of messages: e-mail, short text and webhook payload, of one alert or several of a factory."""

from hashlib import blake2b

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from alerts.notifications import signed_links
from factories.roles import Right

MAX_LISTED = 20  # alerts in a short text


def build_email(deliveries) -> EmailMultiAlternatives:
    """E-mail as plain text and HTML."""
    alert, recipient = deliveries[0].alert, deliveries[0].recipient
    context = {
        "alert": alert,
        "alerts": alerts_of(deliveries),
        "device": alert.device,
        "factory": alert.factory,
        "recipient": recipient,
        "acknowledge_url": acknowledge_url(alert, recipient),
        "alert_url": alert_url(alert),
        "alert_list_url": f"{settings.SITE_URL}{reverse('alert_list')}",
        "preferences_url": f"{settings.SITE_URL}{reverse('notifications')}",
    }
    name = "alert" if len(deliveries) == 1 else "alerts"
    message = EmailMultiAlternatives(
        subject(deliveries), render_to_string(f"mail/{name}.txt", context), to=[recipient.email]
    )
    message.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    return message


def alerts_of(deliveries) -> list:
    return [delivery.alert for delivery in deliveries]


def alert_url(alert) -> str:
    return f"{settings.SITE_URL}{reverse('alert_detail', args=[alert.pk])}"


def acknowledge_url(alert, person):
    """The signed link that acknowledges; "" where the person may not or the alert is not active."""
    if alert.status != alert.Status.ACTIVE or not person.may(Right.ACT_ON_ALERTS, alert.factory):
        return ""
    return signed_links.link_for(alert, person)


def subject(deliveries) -> str:
    alert = deliveries[0].alert
    if len(deliveries) == 1:
        text = f"{state_label(alert)}: {alert.title}, {alert.device.label} ({alert.factory})"
    else:
        critical = sum(alert.severity == "critical" and alert.is_open for alert in alerts_of(deliveries))
        text = f"{len(deliveries)} alerts{f', {critical} critical' if critical else ''} ({alert.factory})"
    return " ".join(text.split())


def state_label(alert):
    return "Over" if alert.resolved_at else alert.get_severity_display()


def short_text(deliveries) -> str:
    """Plain text for a messaging service, with the link to acknowledge or open."""
    alert, person = deliveries[0].alert, deliveries[0].recipient
    if len(deliveries) == 1:
        link = acknowledge_url(alert, person)
        return "\n".join([alert.message, f"Acknowledge: {link}" if link else alert_url(alert)])
    listed = alerts_of(deliveries)[:MAX_LISTED]
    lines = [f"{state_label(alert)}: {alert.title}, {alert.device.label}" for alert in listed]
    if len(deliveries) > MAX_LISTED:
        lines.append(f"and {len(deliveries) - MAX_LISTED} more")
    return "\n".join([*lines, f"{settings.SITE_URL}{reverse('alert_list')}"])


def message_id(deliveries) -> str:
    """Idempotency key: the same for the same deliveries, so that a receiver recognises a repeated message."""
    rows = sorted(deliveries, key=lambda delivery: delivery.pk)
    identity = " ".join(f"{delivery.pk} {delivery.created_at.isoformat()}" for delivery in rows)
    return f"msg_{blake2b(identity.encode(), digest_size=16).hexdigest()}"


def webhook_payload(deliveries, now) -> dict:
    factory = deliveries[0].alert.factory
    return {
        "type": "alerts",
        "sent_at": now.isoformat(),
        "factory": {"id": factory.pk, "name": factory.name},
        "alerts": [alert_payload(alert) for alert in alerts_of(deliveries)],
    }


def alert_payload(alert) -> dict:
    moments = {"triggered_at": alert.triggered_at, "resolved_at": alert.resolved_at}
    return {
        "id": alert.pk,
        "title": alert.title,
        "message": alert.message,
        "alert_type": alert.alert_type,
        "severity": alert.severity,
        "status": alert.status,
        "found_late": alert.found_late,
        "metric_value": alert.metric_value,
        "threshold_value": alert.threshold_value,
        **{name: at and at.isoformat() for name, at in moments.items()},
        "device": {"id": alert.device_id, "device_id": alert.device.device_id, "name": alert.device.label},
        "url": alert_url(alert),
    }
