"""Who hears of an alert, by which ways, and from when on."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from alerts.models import Channel, Preference, Severity
from factories.models import Membership
from factories.roles import Role

ORDER = {Severity.INFO.value: 0, Severity.WARNING.value: 1, Severity.CRITICAL.value: 2}


class Listener(NamedTuple):
    """A person, by one of the ways."""

    user_id: int
    channel_id: int | None  # None: e-mail
    preference: Preference

    def hears(self, alert) -> bool:
        return ORDER[alert.severity] >= ORDER[self.preference.lowest]


def wish_of(membership) -> Preference:
    """What a member wants to hear; unsaved where they never said: owners then hear of everything, others of nothing."""
    unset = Preference(user=membership.user, factory=membership.factory, is_on=membership.role == Role.OWNER.value)
    return Preference.objects.filter(user=membership.user, factory=membership.factory).first() or unset


def listeners_of(factory_id, now, also=()) -> list[Listener]:
    """Owners, members who asked for it, and those of `also` who are members; each by e-mail and by their channels."""
    members = Membership.objects.valid(now).filter(factory=factory_id, user__is_active=True)
    roles = dict(members.values_list("user_id", "role"))
    wishes = {wish.user_id: wish for wish in Preference.objects.filter(factory=factory_id, user__in=roles)}
    for user_id, role in roles.items():
        if (role == Role.OWNER.value or user_id in also) and user_id not in wishes:
            wishes[user_id] = Preference(user_id=user_id, factory_id=factory_id)
    listening = {user_id: wish for user_id, wish in wishes.items() if wish.is_on or user_id in also}
    channels = Channel.objects.live().filter(user__in=listening).values_list("user_id", "pk")
    mail = [(user_id, None) for user_id, wish in listening.items() if wish.by_email]
    return [Listener(user_id, pk, listening[user_id]) for user_id, pk in [*mail, *channels]]


def not_before(preference, severity, now: datetime, zone, *, is_late=False) -> datetime | None:
    """When a message may go: None for at once, else the end of the quiet hours or the next common message.

    What was found late is no emergency: it comes with the next hour's at the earliest.
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
        at = next_at(local, preference.digest_at)
    at = end_of_quiet(at, preference.quiet_from, preference.quiet_until)
    return None if at == local else at


def next_at(local: datetime, clock: time) -> datetime:
    at = local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def end_of_quiet(local: datetime, start: time | None, end: time | None) -> datetime:
    """The same moment, or the end of the quiet hours it lies in; they may reach over midnight."""
    if start is None or end is None or start == end:
        return local
    clock = local.time()
    is_quiet = start <= clock < end if start < end else clock >= start or clock < end
    return next_at(local, end) if is_quiet else local
