"""Recipients of an alert: who is notified, by which channels, and not before when."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from alerts.models import Channel, Preference, Severity
from factories.models import Membership
from factories.roles import Role

SEVERITY_RANK = {Severity.INFO.value: 0, Severity.WARNING.value: 1, Severity.CRITICAL.value: 2}


class Recipient(NamedTuple):
    """A person, on one channel."""

    user_id: int
    channel_id: int | None  # None: e-mail
    preference: Preference

    def accepts(self, alert) -> bool:
        return SEVERITY_RANK[alert.severity] >= SEVERITY_RANK[self.preference.lowest]


def preference_of(membership) -> Preference:
    """The member's preference; unsaved where they set none: owners then get everything, others nothing."""
    default = Preference(user=membership.user, factory=membership.factory, is_on=membership.role == Role.OWNER.value)
    return Preference.objects.filter(user=membership.user, factory=membership.factory).first() or default


def recipients_of(factory_id, now, extra_user_ids=()) -> list[Recipient]:
    """Owners, members who switched it on, and members of `extra_user_ids`; each by e-mail and by their channels."""
    members = Membership.objects.valid(now).filter(factory=factory_id, user__is_active=True)
    roles = dict(members.values_list("user_id", "role"))
    preferences = {
        preference.user_id: preference for preference in Preference.objects.filter(factory=factory_id, user__in=roles)
    }
    for user_id, role in roles.items():
        if (role == Role.OWNER.value or user_id in extra_user_ids) and user_id not in preferences:
            preferences[user_id] = Preference(user_id=user_id, factory_id=factory_id)
    enabled = {
        user_id: preference
        for user_id, preference in preferences.items()
        if preference.is_on or user_id in extra_user_ids
    }
    channels = Channel.objects.live().filter(user__in=enabled).values_list("user_id", "pk")
    emails = [(user_id, None) for user_id, preference in enabled.items() if preference.by_email]
    return [Recipient(user_id, pk, enabled[user_id]) for user_id, pk in [*emails, *channels]]


def not_before(preference, severity, now: datetime, zone, *, is_late=False) -> datetime | None:
    """When a message may be sent: None for at once, else the end of the quiet hours or the next digest.

    An alert found late is no emergency: it comes with the next hour's digest at the earliest.
    """
    if severity == Severity.CRITICAL and preference.critical_always and not is_late:
        return None
    local = now.astimezone(zone)
    rhythm = preference.rhythm
    if is_late and rhythm == Preference.Rhythm.ONCE:
        rhythm = Preference.Rhythm.HOURLY
    at = local
    if rhythm == Preference.Rhythm.HOURLY:
        at = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    elif rhythm == Preference.Rhythm.DAILY:
        at = next_occurrence(local, preference.digest_at)
    at = end_of_quiet_hours(at, preference.quiet_from, preference.quiet_until)
    return None if at == local else at


def next_occurrence(local: datetime, clock: time) -> datetime:
    """The next moment after `local` at this time of day."""
    at = local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def end_of_quiet_hours(local: datetime, start: time | None, end: time | None) -> datetime:
    """`local`, or the end of the quiet hours it lies in; they may span midnight."""
    if start is None or end is None or start == end:
        return local
    clock = local.time()
    is_quiet = start <= clock < end if start < end else clock >= start or clock < end
    return next_occurrence(local, end) if is_quiet else local
