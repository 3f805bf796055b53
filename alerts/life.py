"""The life of an alert: raised, acknowledged, resolved, and what people say about it meanwhile."""

from django.db import IntegrityError, transaction

from alerts import sentences
from alerts.models import Alert, Comment, Severity
from alerts.rules import Limit
from factories.models import Membership, User
from factories.rights import Right, roles_with

OFFLINE = "device_offline"
SUSPECT = "sensor_suspect"
RESPONSES = {"assignee": "Assigned to {}.", "cause": "Cause: {}", "action": "Corrective action: {}"}
RULE_CHANGED = "Resolved because the rule was changed or switched off."


def raise_alert(rule, device, *, alert_type, since, **fields):
    """A new alert on `device` since `since` (event time), or None where one is open already.

    The database decides: of two judges at once, one makes it.
    """
    fields.setdefault("severity", rule.severity if rule else Severity.WARNING)
    fields.setdefault("title", rule.title if rule else "")
    fields.setdefault("terms", rule.terms if rule else {})
    try:
        with transaction.atomic():
            return Alert.objects.create(
                factory_id=device.factory_id,
                rule=rule,
                device=device,
                alert_type=alert_type,
                triggered_at=since,
                **fields,
            )
    except IntegrityError:
        return None


def raise_threshold(rule, device, breach, *, ended_at=None, found_late=False):
    """The alert of a threshold rule's breach, already resolved where it ended in the same batch."""
    limit, zone = rule.limit, device.factory.zone
    if ended_at is None:
        message = sentences.still_across(device.label, rule.metric, limit, breach.value, breach.since, zone)
    else:
        message = sentences.was_across(device.label, rule.metric, limit, breach.peak, breach.since, ended_at, zone)
    return raise_alert(
        rule,
        device,
        alert_type=rule.metric,
        since=breach.since,
        status=Alert.Status.ACTIVE if ended_at is None else Alert.Status.RESOLVED,
        message=message,
        metric_value=breach.value,
        threshold_value=limit.bound(breach.value),
        peak_value=breach.peak,
        resolved_at=ended_at,
        found_late=found_late,
    )


def raise_suspect(device, reading, names, *, found_late=False):
    """The sensor alert of a device: these metrics of `reading` are implausible."""
    return raise_alert(
        None,
        device,
        alert_type=SUSPECT,
        since=reading.at,
        title="Sensor values are not plausible",
        message=sentences.suspect(device.label, names, reading.at, device.factory.zone),
        metric_value=getattr(reading, names[0]),
        terms={"metrics": names},
        found_late=found_late,
    )


def raise_offline(rule, device, *, since, interval_s):
    """The alert of a silence rule: the device's last word came at `since`."""
    return raise_alert(
        rule,
        device,
        alert_type=OFFLINE,
        since=since,
        message=sentences.silent(device.label, since, interval_s, device.factory.zone),
    )


def end(alert, *, at, device, by=None):
    """Resolve an open alert at `at`, its sentence put into the past; a person's name where one did it."""
    alert.resolved_at, alert.resolved_by, alert.status = max(at, alert.triggered_at), by, Alert.Status.RESOLVED
    alert.message = past_sentence(alert, device)
    rows = Alert.objects.open().filter(pk=alert.pk)
    return rows.update(resolved_at=alert.resolved_at, resolved_by=by, status=alert.status, message=alert.message)


def past_sentence(alert, device):
    """What the alert says once it is over."""
    zone, ended = device.factory.zone, alert.resolved_at
    if alert.alert_type == OFFLINE:
        return sentences.was_silent(device.label, alert.triggered_at, ended, zone)
    if alert.alert_type == SUSPECT:
        return sentences.was_suspect(device.label, alert.terms["metrics"], alert.triggered_at, ended, zone)
    if alert.peak_value is None or "kind" not in alert.terms:
        return alert.message
    limit = limit_of(alert)
    return sentences.was_across(
        device.label, alert.terms["metric"], limit, alert.peak_value, alert.triggered_at, ended, zone
    )


def limit_of(alert):
    """The limit an alert was judged by, as it stood then."""
    terms = alert.terms
    return Limit(terms["kind"], terms.get("level"), terms.get("clear_level"), terms.get("low"), terms.get("high"))


def acknowledge(alert, *, by, now, comment=""):
    """A person has seen it. Once is enough: later ones, and any on a resolved alert, change nothing."""
    with transaction.atomic():
        taken = Alert.objects.filter(pk=alert.pk, status=Alert.Status.ACTIVE).update(
            status=Alert.Status.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=by
        )
        if taken and comment.strip():
            say(alert, by=by, text=comment)
    alert.refresh_from_db()
    return alert


def resolve(alert, *, by, now, comment=""):
    """A person closes it, even while the value is still across; it comes again after clearing and crossing anew."""
    with transaction.atomic():
        if end(alert, at=now, device=alert.device, by=by) and comment.strip():
            say(alert, by=by, text=comment)
    alert.refresh_from_db()
    return alert


def comment(alert, *, by, now, comment):
    """A person says something about it, whatever its state."""
    say(alert, by=by, text=comment)


def respond(alert, *, by, now, assignee, cause, action):
    """Who deals with it, what it came from and what was done, also after it is over. A comment keeps who said so."""
    told = {"assignee": assignee, "cause": cause.strip(), "action": action.strip()}
    changed = {name: value for name, value in told.items() if getattr(alert, name) != value}
    if not changed:
        return alert
    with transaction.atomic():
        for name, value in changed.items():
            setattr(alert, name, value)
        alert.save(update_fields=list(changed))
        say(alert, by=by, text="\n".join(RESPONSES[name].format(value or "nobody") for name, value in changed.items()))
    return alert


def people_who_act(factory_id, now):
    """Members of a factory whose role may act on alerts."""
    members = Membership.objects.valid(now).filter(factory=factory_id, role__in=roles_with(Right.ACT_ON_ALERTS))
    return User.objects.filter(pk__in=members.values("user_id"), is_active=True).order_by("full_name", "email")


def close(alert, *, now, why):
    """Nobody's act and no return to normal: what it was judged by is gone. A comment says why."""
    if end(alert, at=now, device=alert.device):
        say(alert, by=None, text=why)


def say(alert, *, by, text):
    return Comment.objects.create(alert=alert, author=by, text=text.strip())
