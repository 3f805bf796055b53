"""Parsing of payloads, bytes to samples; without a database."""

import gzip
import json
import math
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from telemetry.metrics import METRIC_NAMES
from telemetry.models import Clock
from telemetry.payloads import Reject, TooLarge, Unreadable, UnsupportedMediaType, parse_body, parse_sample, samples

NOW = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)
OLDEST = datetime(2019, 1, 1, tzinfo=UTC)


def parse(body, content_type="application/json", encoding="", max_bytes=10_000, max_readings=5):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_body(
        body, content_type=content_type, encoding=encoding, max_bytes=max_bytes, max_readings=max_readings
    )


def sample(now=NOW, **fields):
    return parse_sample({"temperature": 850.5, **fields}, now=now, oldest=OLDEST)


def temperature_of(sent):
    """The temperature parsed from `sent`, beside a humidity that is always valid."""
    sample_taken = parse_sample({"temperature": sent, "humidity": 45}, now=NOW, oldest=OLDEST)
    return sample_taken.values[METRIC_NAMES.index("temperature")]


# The body


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'[{"a": 1}, {"a": 2}]', "application/json"),
        (b'{"readings": [{"a": 1}, {"a": 2}]}', "application/json; charset=utf-8"),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
        (b'{"a": 1}\r\n\r\n{"a": 2}', "application/jsonl"),
        (b'{"a": 1}\n{"a": 2}', "application/json"),
        (b'\xef\xbb\xbf[{"a": 1}, {"a": 2}]', ""),
        (b'[{"a": 1}, {"a": 2}]', "application/vnd.sensor+json"),
    ],
)
def test_several_readings_come_as_array_envelope_or_lines(body, content_type):
    assert parse(body, content_type) == (False, [{"a": 1}, {"a": 2}])


def test_one_bare_object_is_a_single_reading():
    assert parse({"a": 1}) == (True, [{"a": 1}])


def test_what_stands_beside_the_readings_holds_for_each_that_does_not_say_otherwise():
    body = {"device_id": "A", "firmware_version": "2", "readings": [{"t": 1}, {"t": 2, "device_id": "B"}]}
    assert parse(body).readings == [
        {"device_id": "A", "firmware_version": "2", "t": 1},
        {"device_id": "B", "firmware_version": "2", "t": 2},
    ]


def test_what_stands_beside_the_readings_is_bounded_since_each_keeps_it():
    with pytest.raises(Unreadable, match="1024 bytes"):
        parse({"note": "x" * 2000, "readings": [{}, {}]})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"5", "object"),
        (b'{"a": 1', "Position 7"),
        (b'{"a": 1,}', "line 1, column"),
        (b'{"a": "\xff"}', "Position 7: not UTF-8"),
        (b'{"readings": 5}', "readings"),
        (b"temperature: 5", "Position 0"),
    ],
)
def test_a_body_that_cannot_be_parsed_says_where(body, words):
    with pytest.raises(Unreadable, match=words):
        parse(body)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused_before_anything_gives_up(opening):
    with pytest.raises(Unreadable, match="levels deep"):
        parse(opening * 100_000, max_bytes=10**6)
    closing = b"]" if opening == b"[" else b"}"
    with pytest.raises(Unreadable, match="levels deep"):
        parse(opening * 60 + b"1" + closing * 60)


def test_a_line_cut_short_does_not_cost_the_others():
    first, second, broken = parse(b'{"a": 1}\n{"a": 2}\n{"a": 3, "te', "application/x-ndjson").readings
    assert (first, second) == ({"a": 1}, {"a": 2})
    assert isinstance(broken, Unreadable)
    assert (broken.line, "Line 3" in str(broken)) == (b'{"a": 3, "te', True)


def test_lines_of_which_none_is_readable_are_an_error():
    with pytest.raises(Unreadable, match="Line 1"):
        parse(b"a\nb", "application/x-ndjson")


def test_bare_nan_and_infinity_count_as_null_and_everything_else_stays_strict():
    body = b'{"a": NaN, "b": -Infinity, "c": nan, "d": -inf, "e": "a \\" nan", "f": 1e400}'
    found = parse(body).readings[0]
    assert found == {"a": None, "b": None, "c": None, "d": None, "e": 'a " nan', "f": math.inf}
    for wrong in (b'{"a": nano}', b"{'a': 1}", b'{"a": 01}', b'{"a": +1}', b'{"a": "\n"}', b'{"a": 1} x'):
        with pytest.raises(Unreadable):
            parse(wrong)


def test_numbers_of_any_length_are_read():
    assert parse(b'{"a": ' + b"9" * 5000 + b"}").readings == [{"a": math.inf}]
    assert parse(b'{"a": ' + b"9" * 350 + b"}").readings == [{"a": 10**350 - 1}]


def test_of_a_key_that_stands_twice_the_last_counts():
    assert parse(b'{"a": 1, "a": 2}').readings == [{"a": 2}]


def test_a_body_of_quotes_is_refused_in_no_time():
    with pytest.raises(Unreadable):
        parse(b'"' + b'\\"' * 400_000, max_bytes=10**6)


def test_gzip_that_no_header_names_is_told_by_its_first_bytes():
    assert parse(gzip.compress(b'[{"a": 1}]'), "application/octet-stream").readings == [{"a": 1}]


def test_gzip_is_inflated_member_by_member():
    half = gzip.compress(b'[{"a": 1},'), gzip.compress(b' {"a": 2}]')
    assert parse(b"".join(half), encoding="gzip").readings == [{"a": 1}, {"a": 2}]


def test_a_bomb_of_two_gigabytes_costs_nothing():
    packer = zlib.compressobj(9, wbits=31)
    megabyte = bytes(2**20)
    bomb = b"".join(packer.compress(megabyte) for _ in range(64))  # what follows is never looked at
    with pytest.raises(TooLarge, match="once inflated"):
        parse(bomb, encoding="gzip")


def test_a_megabyte_of_empty_gzip_members_is_refused_early():
    """Each member costs a copy of what follows it: fifty thousand of them were a second of work."""
    with pytest.raises(TooLarge, match="members"):
        parse(gzip.compress(b"") * 1_001, encoding="gzip", max_bytes=1024 * 1024)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b'{"a": 1}' * 99, mtime=0)[:-20], b"\x1f\x8b"])
def test_damaged_gzip_is_unreadable(body):
    with pytest.raises(Unreadable, match="gzip"):
        parse(body, encoding="gzip")


@pytest.mark.parametrize("body", [[{}] * 6, {"readings": [{}] * 6}])
def test_too_many_readings_are_refused(body):
    with pytest.raises(TooLarge, match="at most 5"):
        parse(body)


def test_too_many_lines_are_refused():
    with pytest.raises(TooLarge, match="at most 5"):
        parse(b"{}\n" * 6, "application/x-ndjson")


def test_a_type_or_encoding_not_understood_names_those_that_are():
    with pytest.raises(UnsupportedMediaType, match="application/json"):
        parse(b"<a>1</a>", "application/xml")
    with pytest.raises(UnsupportedMediaType, match="gzip"):
        parse(b"{}", encoding="br")


# Values


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (850.5, 850.5),
        (850, 850.0),
        ("850.5", 850.5),
        (" -1.5e2 ", -150.0),
        (".5", 0.5),
        (None, None),
        ("", None),
        ("nan", None),
        ("NaN", None),
        ("null", None),
        ("-Infinity", None),
        (math.nan, None),
        (math.inf, None),
        ("1e400", None),
        (10**400, None),
    ],
)
def test_a_value_is_a_number_a_numeric_text_or_missing(sent, taken):
    assert temperature_of(sent) == taken


@pytest.mark.parametrize("sent", [True, "warm", "12,345", "1_000", "٣", [1], {"value": 1}, "0x10", "\x00"])
def test_what_is_no_number_is_kept_aside_with_a_warning(sent):
    taken = parse_sample({"temperature": sent, "humidity": 45}, now=NOW, oldest=OLDEST)
    assert taken.values[METRIC_NAMES.index("temperature")] is None
    assert "temperature" in taken.extra
    assert taken.warnings[0].startswith("temperature: ")


def test_a_reading_without_any_usable_value_says_why_field_by_field():
    taken = parse_sample({"temperature": "warm", "humidity": None}, now=NOW, oldest=OLDEST)
    assert (taken.reason, taken.errors) == ("invalid", {"temperature": "warm is not a number"})
    nothing = parse_sample({"temperature": None, "humidity": None}, now=NOW, oldest=OLDEST)
    assert nothing.errors == {"temperature": "no value", "humidity": "no value"}
    unread = parse_sample({"note": 1}, now=NOW, oldest=OLDEST)
    assert (unread.holds_metric, unread.errors["reading"][:27]) == (False, "holds no metric; seen: note")
    assert parse_sample([1], now=NOW, oldest=OLDEST).errors == {"reading": "a JSON object is expected"}


def test_unknown_fields_are_kept_and_named():
    taken = sample(rssi=-67, firmware_version="1.2", nested={"a": [1, None]})
    assert taken.extra == {"rssi": -67, "firmware_version": "1.2", "nested": {"a": [1, None]}}
    assert taken.warnings == ("rssi: unknown field, kept", "nested: unknown field, kept")


def test_what_the_database_would_refuse_is_cleaned():
    taken = sample(**{"no\x00te": ["a\ud800b", math.inf, {"\udfff": 1e308}]})
    assert taken.extra == {"no\ufffdte": ["a\ufffdb", None, {"\ufffd": 1e308}]}


@pytest.mark.parametrize("name", [5.5, True, [], {}, "x" * 65, "a\x00", 10**70])
def test_a_device_id_is_a_short_text(name):
    assert list(sample(device_id=name).errors) == ["device_id"]


def test_a_device_id_may_be_a_number_or_missing():
    assert (sample(device_id=12).device_id, sample(device_id=" A ").device_id) == ("12", "A")
    assert (sample(device_id=None).device_id, sample(device_id="").device_id, sample().device_id) == (None, None, None)


# Time


@pytest.mark.parametrize(
    "sent",
    [
        "2025-01-16T10:30:00Z",
        "2025-01-16T16:00:00+05:30",
        "2025-01-16 10:30:00.000000+00:00",
        "20250116T103000Z",
        1737023400,
        1737023400.0,
        "1737023400",
        1737023400_000,
        1737023400_000_000,
        1737023400_000_000_000,
        "1737023400000",
    ],
)
def test_a_moment_is_iso_8601_or_an_epoch_in_any_unit(sent):
    taken = sample(timestamp=sent)
    assert (taken.at, taken.clock) == (NOW, Clock.DEVICE)


def test_a_time_without_offset_is_an_error_that_says_what_to_add():
    taken = sample(timestamp="2025-01-16T10:30:00")
    assert (taken.reason, taken.errors) == (
        "invalid",
        {"timestamp": "has no offset; add Z for UTC or +05:30 for India"},
    )


@pytest.mark.parametrize(
    "sent",
    [
        "yesterday",
        "2025-01-16",
        "2025-13-01T00:00:00Z",
        True,
        [],
        {},
        1e300,
        -1e300,
        "9" * 30,
        "0001-01-01T00:00:00+14:00",
        "\x00",
    ],
)
def test_what_is_no_time_is_an_error_of_that_field(sent):
    assert list(sample(timestamp=sent).errors) == ["timestamp"]


@pytest.mark.parametrize("sent", [None, "", math.nan, "null"])
def test_without_a_time_the_servers_holds_and_the_reading_says_so(sent):
    taken = sample(timestamp=sent)
    assert (taken.at, taken.clock) == (NOW, Clock.SERVER)


@pytest.mark.parametrize("sent", [90_000, "90000", 90_000.0])
def test_a_device_without_a_clock_says_how_old_a_reading_is(sent):
    taken = sample(age_ms=sent)
    assert (taken.at, taken.clock) == (NOW - timedelta(seconds=90), Clock.SHIFTED)


@pytest.mark.parametrize("sent", [-1, "old", True, [], 1e300, math.inf])
def test_an_age_that_is_none_is_an_error(sent):
    assert list(sample(age_ms=sent).errors) == ["age_ms"]


def test_a_device_with_a_wrong_clock_says_what_it_reads_and_is_shifted():
    taken = sample(timestamp=1000, sent_at=1090)
    assert (taken.at, taken.clock) == (NOW - timedelta(seconds=90), Clock.SHIFTED)
    assert list(sample(timestamp=1000, sent_at="soon").errors) == ["sent_at"]


def test_five_minutes_ahead_is_a_clock_and_more_is_the_future():
    assert sample(timestamp="2025-01-16T10:35:00Z").at == NOW + timedelta(minutes=5)
    assert sample(timestamp="2025-01-16T10:35:01Z").reason == "future"


def test_any_age_down_to_the_retention_floor_is_taken():
    assert sample(timestamp="2019-01-01T00:00:00Z").at == OLDEST
    assert sample(timestamp="2018-12-31T23:59:59Z").reason == "too_old"
    assert sample(timestamp=0).reason == "too_old"


def test_the_clocks_are_those_of_the_stored_reading():
    assert (samples.DEVICE_CLOCK, samples.SERVER_CLOCK, samples.SHIFTED_CLOCK) == (
        Clock.DEVICE,
        Clock.SERVER,
        Clock.SHIFTED,
    )


def test_nothing_a_stranger_can_say_raises():
    """Every kind of value in every field gives a ReadingSample or a Reject."""
    oddities = [None, True, -1, 0, 1e308, 10**400, math.nan, "", "\x00", "\ud800", "9" * 5000, [], {}, [[]], {"a": 1}]
    for field in ("device_id", "timestamp", "age_ms", "sent_at", "temperature", "odd"):
        for oddity in oddities:
            taken = parse_sample({"humidity": 1, "timestamp": 1737023400, field: oddity}, now=NOW, oldest=OLDEST)
            assert isinstance(taken, Reject | samples.ReadingSample)
            json.dumps(getattr(taken, "extra", None), allow_nan=False).encode()
