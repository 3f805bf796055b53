"""The formats of day files, line by line. Pure: no database."""

import gzip
import io

import pytest

from core.table_files.choices import Choices
from telemetry.imports.formats import DayFileReader, NotADayFile, survey

HEAD = b"timestamp,temperature,power_consumption\n"
MOST = 10_000_000


def stream_of(content: bytes):
    return io.BufferedReader(io.BytesIO(content))


def surveyed(content: bytes, most=MOST, **choices):
    return survey(stream_of(content), most, Choices(**choices))


def read(content: bytes, most=MOST, **choices):
    reader = DayFileReader(stream_of(content), most, surveyed(content, most, **choices).layout)
    return reader, list(reader)


def raw_lines(content):
    return [line.raw for line in read(content)[1]]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b"2025-01-16T10:30:00Z,850.5,32.5\n",
        b"\xef\xbb\xbf" + HEAD + b"2025-01-16T10:30:00Z,850.5,32.5",
        b"\r\n" + HEAD.replace(b"\n", b"\r\n") + b"\r\n2025-01-16T10:30:00Z,850.5,32.5\r\n",
        b"TimeStamp;Temperature (\xc2\xb0C);Power (as set)\n2025-01-16T10:30:00Z;850,5;32,5\n",
        b"timestamp\ttemperature\tpower_consumption\n2025-01-16T10:30:00Z\t850.5\t32.5\n",
        b'"timestamp","temperature","power_consumption"\n"2025-01-16T10:30:00Z","850.5","32.5"\n',
        gzip.compress(HEAD + b"2025-01-16T10:30:00Z,850.5,32.5\n"),
        gzip.compress(HEAD) + gzip.compress(b"2025-01-16T10:30:00Z,850.5,32.5\n"),
    ],
    ids=["plain", "mark, no last newline", "windows", "semicolon", "tab", "quoted", "gzip", "two gzip members"],
)
def test_a_table_in_all_its_dresses(content):
    expected = {"timestamp": "2025-01-16T10:30:00Z", "temperature": "850.5", "power_consumption": "32.5"}
    assert raw_lines(content) == [expected]


def test_json_lines_and_an_array_hold_the_same():
    lines = b'\xef\xbb\xbf{"temperature": 850.5}\n\n{"temperature": "\xe2\x82\xac"}'
    array = b'\n [{"temperature": 850.5},\n{"temperature": "\xe2\x82\xac"}] '
    assert (
        raw_lines(lines)
        == raw_lines(array)
        == raw_lines(gzip.compress(array))
        == [{"temperature": 850.5}, {"temperature": "€"}]
    )


def test_a_long_array_is_read_block_by_block():
    content = b"[" + b", ".join(b'{"n": %d, "x": "\xe2\x82\xac"}' % n for n in range(20_000)) + b"]"
    reader, lines = read(content)
    assert [line.raw["n"] for line in lines] == list(range(20_000)) and {line.raw["x"] for line in lines} == {"€"}
    assert (lines[-1].number, reader.cut) == (20_000, "")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"2025-01-16T10:30:00Z,850.5", "has 2 cells, the head has 3"),
        (b"2025-01-16T10:30:00Z,850.5,3,4", "has 4 cells"),
        (b"2025-01-16T10:30:00Z", "has 1 cell, the head has 3"),
        (b"2025-01-16T10:\0\0\0,850.5,3", "NUL"),
        (b"2025-01-16T10:30:00Z,\xff,3", "not UTF-8"),
        (b'2025-01-16T10:30:00Z,"850.5,3', "cannot be cut into cells"),
        (b"x" * 70_000, "longer than 64 KiB"),
    ],
)
def test_a_damaged_line_costs_no_other(line, problem):
    _, lines = read(HEAD + b"1,2,3\n" + line + b"\n4,5,6\n")
    assert [found.number for found in lines] == [2, 3, 4]
    assert problem in lines[1].problem and lines[1].raw is None
    assert lines[2].raw["timestamp"] == "4"


def test_damaged_json_lines_cost_no_other():
    _, lines = read(
        b'{"temperature": 1}\n{"temperature":\n[1]\n' + b'{"a":' * 50 + b"1" + b"}" * 50 + b'\n{"temperature": 2}\n'
    )
    assert [line.raw for line in lines] == [{"temperature": 1}, None, None, None, {"temperature": 2}]


def test_the_head_again_after_a_reboot_is_no_line():
    assert len(raw_lines(HEAD + b"1,2,3\n" + HEAD + b"4,5,6\n")) == 2


def test_empty_cells_are_missing_and_unknown_columns_are_kept():
    content = b"timestamp,temperature,door,\n1,,open,x\n2,3,,\n"
    _, lines = read(content)
    assert [line.raw for line in lines] == [{"timestamp": "1", "door": "open"}, {"timestamp": "2", "temperature": "3"}]
    assert surveyed(content).notes == ["Unknown columns are kept beside the readings: door."]


def test_the_head_of_an_excel_export_names_zone_and_units():
    head = b"timestamp (Asia/Kolkata),clock,temperature (\xc2\xb0C),power_consumption (W),extra\n"
    reader, [line] = read(head + b'2025-01-16 16:00:00,device,850.5,32500,"{""door"": ""open""}"\n')
    assert (reader.zone, line.export_fields) == ("Asia/Kolkata", {"clock": "device", "power_kind": "w"})
    assert line.raw == {
        "timestamp": "2025-01-16 16:00:00",
        "temperature": "850.5",
        "power_consumption": "32500",
        "door": "open",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"PK\x03\x04 a workbook", "Excel"),
        (b"%PDF-1.7", "no text"),
        (b"\x1f\x8bjunk", "gzip"),
        (b"850.5\n851.0\n", "no head"),
        (b"timestamp," + b"x" * 600 + b",\0\n1,2,3\n", "no head"),
        (b"timestamp,temperature,TEMPERATURE\n1,2,3\n", "temperature stands twice"),
        (b"timestamp,temperature (\xc2\xb0F)\n1,2\n", "°C is expected"),
        (b"timestamp,gas_index (ppm)\n1,2\n", "index is expected"),
        (b"timestamp (Mars),temperature\n1,2\n", "no time zone"),
        (b"timestamp,power_consumption (MW)\n1,2\n", "power_consumption"),
    ],
)
def test_what_is_no_day_file_says_so(content, words):
    with pytest.raises(NotADayFile, match=words):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"1,2\n3,4\n", "no column timestamp, and none for the date"),
        (b"temperature,humidity\n1,2\n", "no column timestamp"),
        (b"timestamp,door\n1,2\n", "names no metric"),
        (b"Date,Start Time,kW\n20/11/2026,10:00,1\n", "not ours: say what each column is"),
    ],
)
def test_a_head_that_is_not_ours_is_asked_about(content, words):
    [question] = surveyed(content).questions
    assert question.key == "columns" and words in question.sentence


@pytest.mark.parametrize(
    "content", [HEAD + b"1,2,3\n" * 50_000, b'{"temperature": 1}\n' * 50_000, b"[" + b'{"t": 1},' * 50_000]
)
def test_a_small_file_that_inflates_without_end_is_refused(content):
    packed = gzip.compress(content)
    assert len(packed) < 4_000
    with pytest.raises(NotADayFile, match="More than 100000 bytes"):
        read(packed, most=100_000)


def test_a_gzip_file_that_ends_early_gives_what_it_has():
    import random

    luck = random.Random(1)
    packed = gzip.compress(HEAD + b"".join(b"%d,%d,3\n" % (n, luck.getrandbits(30)) for n in range(50_000)))
    reader, lines = read(packed[: len(packed) // 2])
    assert lines and all(line.raw for line in lines[:-1])
    assert "cut off" in reader.cut


@pytest.mark.parametrize(
    "content", [b'[{"temperature": 1}, {"temperature":', b'[{"temperature": 1}, {"temperature" 2}, {}]']
)
def test_an_array_that_breaks_off_gives_what_came_before(content):
    reader, lines = read(content)
    assert [line.raw for line in lines] == [{"temperature": 1}]
    assert reader.cut.startswith("Reading 2 cannot be read")
