"""Charts: the query alone against raw readings, and whole requests against shorter spans and smaller tables."""

from datetime import datetime, timedelta

from benchmarks import fleet, serving
from benchmarks.benchmark import Benchmark, Measurement, Side
from benchmarks.browsing import Browser
from benchmarks.databases import fetch, switch_database

POINTS = 800
YEAR, DAY = timedelta(days=365), timedelta(days=1)


def milliseconds(rounds, *notes):
    return Measurement(*(Side([1000 * seconds for seconds in side], "ms") for side in rounds), list(notes))


# The query alone


def measure_one_of_fifty(run):
    small = run.ensure("small")
    return measure_query(run, "small", small["devices"][len(small["devices"]) // 2])


def measure_dense(run):
    return measure_query(run, "large", run.ensure("large")["dense"])


def measure_query(run, name, pk):
    from devices.models import Device
    from telemetry.queries.timeseries import buckets

    switch_database(name)
    device = Device.objects.select_related("factory").prefetch_related("profiles", "hardware").get(pk=pk)
    end = datetime.fromisoformat(run.ensure(name)["until"])
    start = max(end - YEAR, datetime.fromisoformat(run.ensure(name)["start"]))
    switch_database(name)
    answer = buckets(device, start, end, points=POINTS, now=end)
    from_raw = plain_query(answer["step_s"])
    parameters = {"zone": device.factory.zone.key, "step": answer["step_s"], "pk": pk, "start": start, "end": end}
    assert_same_buckets(answer, fetch(from_raw, parameters))
    rounds = run.interleave(
        lambda: buckets(device, start, end, points=POINTS, now=end), lambda: fetch(from_raw, parameters)
    )
    [[readings]] = fetch("SELECT count(*) FROM telemetry_reading WHERE device_id = %s", [pk])
    return milliseconds(
        rounds, f"The device has {readings:,} readings; {len(answer['t'])} buckets of {answer['resolution']}."
    )


def plain_query(step_s) -> str:
    """The same buckets straight from readings, as anybody would write it. Nothing is suspect in what was filled."""
    from telemetry.metrics import METRIC_NAMES

    values = [*METRIC_NAMES, "GREATEST(vibration_x, vibration_y, vibration_z)"]
    columns = [f"min({value}), max({value}), avg({value}), count({value})" for value in values]
    return (
        "SELECT date_bin(make_interval(secs => %(step)s), at AT TIME ZONE %(zone)s, '2000-01-01') "
        f"AT TIME ZONE %(zone)s AS starts_at, {', '.join(columns)} FROM telemetry_reading "
        "WHERE device_id = %(pk)s AND at >= %(start)s AND at < %(end)s GROUP BY 1 ORDER BY 1"
    )


def assert_same_buckets(answer, rows):
    """A comparison of two different answers would be none: every bucket inside the span must hold the same readings."""
    counts = dict(zip(answer["t"], answer["series"]["temperature"]["count"], strict=True))
    for starts_at, *columns in rows[1:-1]:
        if counts.get(starts_at.timestamp()) != columns[3]:
            raise RuntimeError(
                f"the bucket of {starts_at} counts {counts.get(starts_at.timestamp())}, raw {columns[3]}"
            )


# Whole requests


def chart(browser, pk, end, span):
    start = (end - span).isoformat()
    return browser.get("/data/timeseries", device_id=pk, start_time=start, end_time=end.isoformat(), points=POINTS)


def measure_year_against_day(run):
    note = run.ensure("small")
    end, pk = datetime.fromisoformat(note["until"]), note["devices"][0]
    with serving.product(run.databases, "small", 1) as service:
        switch_database("small")
        browser = Browser(service, fleet.session_cookie(fleet.OWNER))
        rounds = run.interleave(lambda: chart(browser, pk, end, YEAR), lambda: chart(browser, pk, end, DAY))
    return milliseconds(rounds)


def measure_day_by_size(run):
    def day(browser, note):
        return chart(browser, note["devices"][0], datetime.fromisoformat(note["until"]), DAY)

    return measure_by_size(run, day)


def measure_overview_by_size(run):
    return measure_by_size(run, lambda browser, _note: browser.get("/dashboard/"))


def measure_by_size(run, ask):
    large, small = run.ensure("large"), run.ensure("small")
    run.delete_sent("large")
    with serving.product(run.databases, "large", 1) as on_large, serving.product(run.databases, "small", 1) as on_small:
        browsers = []
        for name, service in (("large", on_large), ("small", on_small)):
            switch_database(name)
            browsers.append(Browser(service, fleet.session_cookie(fleet.OWNER)))
        rounds = run.interleave(lambda: ask(browsers[0], large), lambda: ask(browsers[1], small))
    return milliseconds(rounds, f"{large['readings']:,} readings against {small['readings']:,}.")


BENCHMARKS = [
    Benchmark(
        "year",
        "1-year chart of one device among 50 at 5 min, query alone",
        "the same span straight from raw rows",
        20,
        "times faster",
        "Bound by 366 stored days of 50 columns made into JSON (4 of 10 ms in a profile), grouping them (2) and "
        "planning (1).",
        measure_one_of_fifty,
    ),
    Benchmark(
        "dense",
        "… of a device at 10 s (3.2 million rows of its own)",
        "the same span straight from raw rows",
        200,
        "times faster",
        "Bound as above: stored days cost the same however often a device sends; raw rows are what grows.",
        measure_dense,
    ),
    Benchmark(
        "request",
        "1-year chart, whole request",
        "24-hour chart, whole request",
        2,
        "times the time",
        "Bound by the session, the rendering of 18,000 numbers as JSON and, for a day, the readings themselves.",
        measure_year_against_day,
    ),
    Benchmark(
        "day",
        "24-hour chart, whole request, with 53 million rows",
        "with 5.3 million",
        1.2,
        "times the time",
        "Bound by one device's readings of one day, found by the key in one monthly partition.",
        measure_day_by_size,
    ),
    Benchmark(
        "overview",
        "overview page with 53 million rows",
        "with 5.3 million",
        1.2,
        "times the time",
        "Bound by Django's templates over fifty machines; readings are never scanned.",
        measure_overview_by_size,
    ),
]
