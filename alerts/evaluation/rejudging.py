"""A rule judged again around readings that came late: from a moment whose state is known until nothing differs.

A sample that has cleared leaves the same state whatever was before it. So the second judgement starts after the last
one before the late readings, and is over with the first one after them. Two more things are known of the past: within
an alert that has fired, the state is its crossing, so the second judgement may start and end in the middle of one,
however long it lasts. Readings older than a change of the rule are not judged by it.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from alerts.evaluation.breach_alerts import limit_on
from alerts.evaluation.history import INSTANT
from alerts.evaluation.revisions import Outcome, revise_alerts
from alerts.lifecycle import KINDS_WITHOUT_VALUE
from alerts.rules.conditions import Breach, BreachState, Judgement

BAND_TIME = timedelta(days=7)  # values between clear level and level for that long tell nothing of the state before
BEGINNING = datetime.min.replace(tzinfo=UTC)


class RuleJudge:
    """The second judgement of `rule` on one device. `source`: its samples; `alerts`: those of the first, by start."""

    def __init__(self, context, rule, source, alerts) -> None:
        self.context, self.rule, self.source = context, rule, source
        self.limit = limit_on(rule, context.device, context.now)
        self.alerts = alerts
        self.followable = [
            alert for alert in alerts if alert.fired_at and (alert.is_open or alert.is_ended_by_readings)
        ]
        self.starts = [alert.triggered_at for alert in self.followable]
        self.set_ends = sorted((alert.resolved_at, alert.pk) for alert in alerts if not has_read_end(alert))
        self.judgement = None

    def run(self, first, last, stop) -> None:
        """Judge the late readings from `first` to `last`, and on until nothing differs; no further than `stop`."""
        if self.judgement is None:
            self.start(first)
        self.late_until = max(self.late_until, last + self.source.reach)
        self.is_past_late = False
        self.go_on(stop)

    def start(self, first, *, within_alert=True) -> None:
        """Bring the state to just before `first`."""
        self.judgement = Judgement(self.limit)
        self.late_until, self.is_past_late, self.followed = first, False, None
        self.set_end_peaks, self.set_end_place = {}, 0
        self.base = self.covering(first) if within_alert else None
        self.base_breach = None
        if self.base is not None:
            self.resume(self.base, first)
            self.since = first - INSTANT
            self.skip_set_ends()
        else:
            self.walk_back(first)
        self.source.seek(first)

    def resume(self, alert, at) -> None:
        """Start within `alert`, whose peak before `at` is known only where its peak is."""
        is_known = alert.peak_at is not None and alert.peak_at < at
        self.base_breach = self.judgement.crossing = Breach(
            since=alert.triggered_at,
            fired_at=alert.fired_at or alert.triggered_at,
            value=alert.metric_value,
            peak=alert.peak_value if is_known else None,
            peak_at=alert.peak_at if is_known else None,
        )

    def walk_back(self, first) -> None:
        """Start after the last sample before `first` that has cleared, or with the first sample there is."""
        known: list = []
        is_known, self.since = True, BEGINNING
        for known, is_known in self.source.before(first):
            cleared = next((place for place in reversed(range(len(known))) if self.is_clear(known[place])), None)
            if cleared is not None:
                self.since, known, is_known = known[cleared].at, known[cleared + 1 :], True
                break
        if not is_known:  # neither cleared nor all there is: the alerts say how it stood
            self.since = known[0].at - INSTANT if known else first - INSTANT
            running = [alert for alert in self.alerts if alert.triggered_at <= self.since and covers(alert, self.since)]
            if running:
                self.base = running[-1]
                self.resume(self.base, self.since)
        self.skip_set_ends()
        for sample in known:
            self.consume(sample)

    def is_clear(self, sample) -> bool:
        return self.limit.has_cleared(sample.value)

    def skip_set_ends(self) -> None:
        self.set_end_place = bisect_right(self.set_ends, (self.since, 0))

    def covering(self, at):
        """The alert whose crossing had fired before `at` and ran up to it, if any."""
        place = bisect_right(self.starts, at) - 1
        if place < 0:
            return None
        alert = self.followable[place]
        return alert if alert.fired_at < at and covers(alert, at) else None

    def go_on(self, stop) -> None:
        while self.judgement is not None:
            samples = self.source.next(stop)
            if samples is None:
                if stop is None:
                    self.finish(None, stop)
                return
            for sample in samples:
                self.consume(sample)
                if sample.at > self.late_until and self.has_converged(sample, stop):
                    self.finish(sample.at, stop)
                    break

    def consume(self, sample) -> None:
        while self.set_end_place < len(self.set_ends) and self.set_ends[self.set_end_place][0] < sample.at:
            crossing = self.judgement.crossing
            if crossing is not None:
                pk = self.set_ends[self.set_end_place][1]
                self.set_end_peaks[pk] = crossing.peak, crossing.peak_at
            self.set_end_place += 1
        self.judgement.feed(sample)

    def has_converged(self, sample, stop) -> bool:
        """Whether from here on the second judgement is the first; not at the very next sample after the late ones.

        That one may itself be derived from the last late reading, as the mean power since then is. Nor within an alert
        in which more late readings lie, at `stop`.
        """
        if not self.is_past_late:
            self.is_past_late = True
            return False
        crossing, alert = self.judgement.crossing, self.covering(sample.at + INSTANT)
        if crossing is None:
            is_long_ago = sample.at > self.late_until + self.limit.hold + BAND_TIME
            return self.is_clear(sample) or (is_long_ago and alert is None)
        if crossing.fired_at is None or alert is None or (stop is not None and covers(alert, stop)):
            return False
        return self.follow(crossing, alert, sample.at)

    def follow(self, crossing, alert, at) -> bool:
        """Go on as `alert` does after `at`, where its rest can have no peak that is not known."""
        if self.has_values and self.is_worse(alert.peak_value, crossing.peak):
            if alert.peak_at is None or alert.peak_at <= at:
                return False
            crossing.peak, crossing.peak_at = alert.peak_value, alert.peak_at
        crossing.ended_at, self.followed = alert.resolved_at, alert
        return True

    @property
    def has_values(self) -> bool:
        return self.rule.kind not in KINDS_WITHOUT_VALUE

    def is_worse(self, value, other) -> bool:
        if value is None or other is None:
            return value is not None
        return self.limit.excess(value) > self.limit.excess(other)

    def lacks_peak(self) -> bool:
        """Whether it started within an alert whose peak now lies before, at a value that is not known."""
        return (
            self.base_breach is not None
            and self.has_values
            and self.base.peak_at is not None
            and self.is_worse(self.base.peak_value, self.base_breach.peak)
        )

    def finish(self, until, stop) -> None:
        """The state is that of the first judgement after `until`; None: there are no more readings."""
        if self.lacks_peak():
            late_until = self.late_until
            self.start(self.base.triggered_at, within_alert=False)
            self.late_until = late_until
            return self.go_on(stop)
        judgement, self.judgement = self.judgement, None
        breaches = list(judgement.fired_breaches)
        state = self.context.states[self.rule.pk]
        if until is None:
            self.context.advance(state, until=state.evaluated_until, breach_state=judgement.state)
        elif self.followed is not None and self.followed.is_open:
            crossing = judgement.crossing
            new = BreachState(crossing.since, True, crossing.peak, crossing.peak_at, state.last_across_at)
            self.context.advance(state, until=state.evaluated_until, breach_state=new)
        alerts = [alert for alert in self.alerts if alert is self.base or self.is_within(alert, until)]
        revise_alerts(self.context, self.rule, Outcome(breaches, alerts, self.set_end_peaks))
        return None

    def is_within(self, alert, until) -> bool:
        return self.since < alert.triggered_at and (until is None or alert.triggered_at <= until)


def has_read_end(alert) -> bool:
    """Whether readings say when it ends, and not a person or a change of the rule."""
    return alert.is_open or alert.is_ended_by_readings


def covers(alert, at) -> bool:
    """Whether an alert that began before `at` ran up to it."""
    return alert.is_open or alert.resolved_at >= at
