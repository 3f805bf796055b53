"""A second judge of alert rules, written from docs/rules.md alone: it shares no code with the product.

It is given all readings of a machine at once, and says which alerts there must be. It is as plain as can be, and slow:
each question is answered by looking at the list again.
"""

from datetime import timedelta

GAP = timedelta(minutes=30)  # a flat line does not go on across a longer gap


def judge(rule, readings, windows=()):
    """[(start, end or None, farthest or None, severity)] of `rule`, a dict as in the API.

    `readings`: (moment, {metric: value}, names of suspect metrics), any order. `windows`: (from, until) of maintenance.
    """
    readings = sorted(readings, key=lambda reading: reading[0])
    readings = [r for r in readings if not any(start <= r[0] < end for start, end in windows)]
    series = SERIES[rule["kind"]](rule, readings)
    hold = timedelta(seconds=rule.get("hold_seconds", 0))
    alerts, run = [], None  # run: the values across, from the first on
    for moment, value in series:
        if run and is_back(rule, value):
            add_if_held(rule, alerts, run, moment, hold)
            run = None
        elif is_beyond(rule, value):
            run = [*(run or []), (moment, value)]
    if run:
        add_if_held(rule, alerts, run, None, hold)
    if rule["kind"] == "silence":
        alerts = [alert for alert in alerts if was_fitted(rule, readings, alert[0])]
    return alerts


def add_if_held(rule, alerts, run, end, hold):
    start = run[0][0]
    if any(moment - start >= hold for moment, _ in run):
        farthest = run[0][1]
        for _, value in run:
            if distance(rule, value) > distance(rule, farthest):
                farthest = value
        alerts.append((start, end, None if rule["kind"] in ("flat", "silence") else farthest, severity(rule, farthest)))


def was_fitted(rule, readings, start):
    """A sensor that sent nothing in the month before is not there."""
    month = timedelta(days=31)
    return any(start - month <= moment < start and rule["metric"] in values for moment, values, _ in readings)


def distance(rule, value):
    """How far beyond its limit a value lies; negative within it."""
    if rule["kind"] == "below":
        return rule["level"] - value
    if rule["kind"] == "outside":
        return max(rule["params"]["low"] - value, value - rule["params"]["high"])
    if rule["kind"] in ("flat", "silence"):
        return value - 0.5
    return value - rule["level"]


def is_beyond(rule, value):
    return distance(rule, value) > 0


def is_back(rule, value):
    clear = rule.get("clear_level")
    if clear is None:
        return not is_beyond(rule, value)
    return value >= clear if rule["kind"] == "below" else value <= clear


def severity(rule, farthest):
    second = rule.get("params", {}).get("second_level")
    if second is None or rule["kind"] in ("flat", "silence"):
        return rule["severity"]
    is_worse = farthest < second if rule["kind"] == "below" else farthest > second
    return "critical" if is_worse else rule["severity"]


def values(rule, readings):
    metric = rule["metric"]
    return [(moment, them[metric]) for moment, them, bad in readings if metric in them and metric not in bad]


def rates(rule, readings):
    """The largest change of each value against those within the window before it."""
    window = timedelta(seconds=rule["params"]["window_seconds"])
    direction = rule["params"].get("direction", "any")
    rows, result = values(rule, readings), []
    for place, (moment, value) in enumerate(rows):
        earlier = [other for at, other in rows[:place] if moment - at <= window]
        if not earlier:
            continue
        rise, fall = value - min(earlier), max(earlier) - value
        result.append((moment, {"rise": rise, "fall": fall, "any": max(rise, fall)}[direction]))
    return result


def repetitions(rule, readings):
    """1 where a value repeats the one before it, 0 where it does not; nothing after a gap."""
    rows = values(rule, readings)
    return [
        (moment, 1 if value == rows[place][1] else 0)
        for place, (moment, value) in enumerate(rows[1:])
        if moment - rows[place][0] <= GAP
    ]


def absences(rule, readings):
    return [(moment, 0 if rule["metric"] in them else 1) for moment, them, _ in readings]


SERIES = {
    **dict.fromkeys(("above", "below", "outside"), values),
    "rate": rates,
    "flat": repetitions,
    "silence": absences,
}


def judge_sensor(readings, clean_time=timedelta(hours=1), clean_values=100, windows=()):
    """[(start, end or None, metrics)] of the sensor alerts of a machine."""
    readings = sorted(readings, key=lambda reading: reading[0])
    readings = [r for r in readings if not any(start <= r[0] < end for start, end in windows)]
    alerts, place = [], 0
    while place < len(readings):
        start, _, suspect = readings[place]
        if not suspect:
            place += 1
            continue
        metrics, end = set(), None
        while place < len(readings) and end is None:
            moment, _, suspect = readings[place]
            metrics |= set(suspect)
            since = [reading for reading in readings if start <= reading[0] <= moment]
            if not suspect and all(is_well(name, since, moment, clean_time, clean_values) for name in metrics):
                end = moment
            place += 1
        alerts.append((start, end, sorted(metrics)))
    return alerts


def is_well(name, readings, moment, clean_time, clean_values):
    last = max(at for at, _, suspect in readings if name in suspect)
    good = [at for at, them, suspect in readings if at > last and name in them and name not in suspect]
    return moment - last >= clean_time and len(good) >= clean_values
