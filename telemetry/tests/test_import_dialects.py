"""Day files as people have them: decimal commas, load surveys of meters, Excel's serials; read right or asked about."""

import io
from datetime import datetime

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.table_files.choices import Choices
from telemetry.imports import workflow
from telemetry.imports.formats import NotADayFile
from telemetry.models import DayFile, Reading
from telemetry.tests.import_files import upload_day_file
from telemetry.tests.test_import_formats import raw_lines, read, surveyed

SEMICOLON = (
    "timestamp;energy_kwh\n2025-01-15T10:00:00+05:30;12,345\n2025-01-15T10:15:00+05:30;12,348\n"
    "2025-01-15T10:30:00+05:30;12,351\n"
)
LOAD_SURVEY = """Meter,EM6436H,,
Serial No,SN4711,,
Report,Load survey 15 min,,

Date,Time,kW,kWh
14/01/2025,10:00,12.5,"1,23,456.78"
14/01/2025,10:15,12.7,"1,23,459.90"
14/01/2025,24:00,12.6,"1,23,463.05"
Total,,37.8,
"""
PROPOSED = {"1": "date", "2": "time", "3": "power_consumption/kw", "4": "energy_kwh/kwh"}


@pytest.fixture
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


# pure


def keys(found):
    return [question.key for question in found.questions]


def energies(content, **choices):
    return [line.raw.get("energy_kwh") for line in read(content, **choices)[1]]


def test_three_digits_behind_a_comma_are_asked_about():
    [question] = surveyed(SEMICOLON.encode()).questions
    assert question.sentence == "energy_kwh can be read in two ways: 12,345 (line 2)."
    assert dict(question.options) == {
        "point": "12345 kWh: the comma groups digits",
        "comma": "12.345 kWh: the comma is the decimal sign",
    }


@pytest.mark.parametrize(
    ("said", "values"),
    [("point", ["12345", "12348", "12351"]), ("comma", ["12.345", "12.348", "12.351"])],
)
def test_the_answer_is_of_the_whole_column(said, values):
    assert energies(SEMICOLON.encode(), decimals={"2": said}) == values
    assert surveyed(SEMICOLON.encode(), decimals={"2": said}).questions == []


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("12,4", ["12.345", "12.348", "12.351", "12.4"]),
        ("1,12,351", ["12345", "12348", "12351", "112351"]),
        ("12351.5", ["12345", "12348", "12351", "12351.5"]),
    ],
)
def test_one_cell_at_the_end_decides_for_those_before(cell, values):
    content = f"{SEMICOLON}2025-01-15T10:45:00+05:30;{cell}\n".encode()
    assert surveyed(content).questions == [] and energies(content) == values


def test_a_comma_file_groups_digits():
    content = b'timestamp,energy_kwh\n2025-01-15T10:00:00Z,"12,345"\n'
    assert surveyed(content).questions == [] and energies(content) == ["12345"]


def test_the_head_of_a_load_survey_is_found_and_its_columns_are_proposed():
    found = surveyed(LOAD_SURVEY.encode())
    assert keys(found) == ["columns"]
    assert {str(column.number): column.role for column in found.columns} == PROPOSED
    assert found.columns[3].cells == ["1,23,456.78", "1,23,459.90", "1,23,463.05"]
    assert "The head is line 5; what stands above it is not read." in found.notes


def test_a_load_survey_is_read_once_a_person_said_what_its_columns_are():
    _, lines = read(LOAD_SURVEY.encode(), columns=PROPOSED)
    assert [line.raw for line in lines[:3]] == [
        {"timestamp": "2025-01-14T10:00:00", "power_consumption": "12.5", "energy_kwh": "123456.78"},
        {"timestamp": "2025-01-14T10:15:00", "power_consumption": "12.7", "energy_kwh": "123459.90"},
        {"timestamp": "2025-01-15T00:00:00", "power_consumption": "12.6", "energy_kwh": "123463.05"},
    ]
    assert (lines[3].number, lines[3].is_left_out) == (9, True)
    assert surveyed(LOAD_SURVEY.encode(), columns=PROPOSED).questions == []


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("15/01/2025 10:00", "2025-01-15T10:00:00"),
        ("15-01-2025 10:00 PM", "2025-01-15T22:00:00"),
        ("15-Jan-25 10:00", "2025-01-15T10:00:00"),
        ("2025-01-14 24:00:00", "2025-01-15T00:00:00"),
        ("45672.416667", "2025-01-15T10:00:00"),
        ("15/01/2025 10:00 +05:30", "2025-01-15T10:00:00+05:30"),
        ("15/01/2025 10:00 IST", "2025-01-15T10:00:00+05:30"),
        ("1736935200", "1736935200"),
    ],
)
def test_a_timestamp_may_be_written_as_in_india_or_counted_by_excel(stamp, text):
    assert raw_lines(f"timestamp,temperature\n{stamp},850\n".encode())[0]["timestamp"] == text


def test_a_day_that_might_be_a_month_is_asked_about():
    content = b"timestamp,temperature\n03/04/2025 10:00,850\n04/04/2025 10:00,851\n"
    [question] = surveyed(content).questions
    assert (question.key, question.options[0][1]) == ("dates", "03/04/2025 is 3 April 2025")
    _, lines = read(content, dates="month_first")
    assert lines[0].raw["timestamp"] == "2025-03-04T10:00:00"
    assert surveyed(content + b"20/04/2025 10:00,1\n").questions == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_a_table_is_read_whatever_encoding_it_has(encoding):
    text = "timestamp\tTemperature (°C)\n2025-01-15T10:00:00Z\t850.5\n"
    assert raw_lines(text.encode(encoding)) == [{"timestamp": "2025-01-15T10:00:00Z", "temperature": "850.5"}]


def test_a_cell_may_go_over_lines_and_an_open_quote_still_swallows_nothing():
    head = 'timestamp,temperature,"remark\nof the shift"\n'
    rows = '2025-01-15T10:00:00Z,850,"hot\nand loud"\n2025-01-15T10:05:00Z,851,"cut\n2025-01-15T10:10:00Z,852,ok\n'
    _, lines = read((head + rows).encode())
    assert lines[0].raw["remark_of_the_shift"] == "hot\nand loud"
    assert [(line.number, bool(line.problem)) for line in lines] == [(3, False), (5, True), (6, False)]


@pytest.mark.parametrize(
    ("cell", "value"), [("32.5 kW", "32.5"), ("1\u202f234,5", "1234.5"), ("1.234,5 kW", "1234.5"), ("", None)]
)
def test_units_and_thin_spaces_stand_in_cells(cell, value):
    rows = f"2025-01-15T10:00:00Z;{cell};7,5\n2025-01-15T10:05:00Z;0,5;8,5\n"
    _, lines = read(f"timestamp;power_consumption;temperature\n{rows}".encode())
    assert lines[0].raw.get("power_consumption") == value


def test_a_unit_in_a_cell_that_is_not_the_fields_is_refused_with_the_line():
    _, [line] = read(b"timestamp,temperature\n2025-01-15T10:00:00Z,300 K\n")
    assert (line.raw, line.field) == (None, "temperature") and "°C is expected" in line.problem


def test_a_register_that_falls_again_and_again_is_asked_about():
    rows = "".join(f"14/01/2025,{n // 60:02}:{n % 60:02},{n % 7}\n" for n in range(60))
    [question] = surveyed(f"Date,Time,kWh\n{rows}".encode()).questions
    assert "kWh falls again and again: energy of each interval?" in question.sentence


def test_a_column_left_aside_is_not_taken_for_a_metric_by_its_name():
    _, [line] = read(
        b"Date,Time,kWh,kW\n14/01/2025,10:00,5,32\n", columns={**PROPOSED, "3": "energy_kwh", "4": "beside"}
    )
    assert line.raw == {"timestamp": "2025-01-14T10:00:00", "energy_kwh": "5", "column_kw": "32"}


def test_a_device_name_beside_ours_is_asked_about():
    assert keys(surveyed(b"timestamp,temperature,kw\n2025-01-15T10:00:00Z,850,5\n")) == ["columns"]


def test_a_file_without_a_head_is_read_from_its_first_line():
    content = b"2025-01-15T10:00:00Z;850,5\n2025-01-15T10:05:00Z;851,5\n"
    assert keys(surveyed(content)) == ["columns"]
    said = {"head_line": 0, "columns": {"1": "timestamp", "2": "temperature"}}
    assert surveyed(content, **said).questions == []
    _, lines = read(content, **said)
    assert [(line.number, line.raw["temperature"]) for line in lines] == [(1, "850.5"), (2, "851.5")]


def test_a_long_file_is_surveyed_without_keeping_it():
    content = b"timestamp;energy_kwh\n" + b"2025-01-15T10:00:00Z;12,345\n" * 200_000
    found = surveyed(content)
    assert keys(found) == ["decimals.2"] and len(str(found)) < 5_000


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_is_read_by_its_cells():
    at, later = datetime(2025, 1, 15, 10, 0), datetime(2025, 1, 15, 10, 5)  # noqa: DTZ001 a cell has no zone
    rows = [[at, 12.345, "850"], [later, "=1+1", 851], [45672.416667, 12.351, 852]]
    content = workbook(["timestamp", "energy_kwh", "temperature"], *rows)
    assert surveyed(content).questions == []
    _, lines = read(content)
    assert [line.raw and line.raw["timestamp"] for line in lines] == [
        "2025-01-15 10:00:00",
        None,
        "2025-01-15T10:00:00",
    ]
    assert lines[0].raw["energy_kwh"] == "12.3450"
    assert (lines[1].number, lines[1].field) == (3, "energy_kwh")
    assert "a formula whose result is not in the file: open and save it in Excel" in lines[1].problem


def test_a_number_that_is_a_text_in_a_workbook_is_asked_about():
    assert keys(surveyed(workbook(["timestamp", "energy_kwh"], ["2025-01-15T10:00:00Z", "12,345"]))) == ["decimals.2"]


def test_an_export_as_workbook_is_not_taken_since_its_times_are_rounded():
    with pytest.raises(NotADayFile, match="export them as CSV"):
        surveyed(workbook(["timestamp", "received_at", "temperature"], ["2025-01-15T10:00:00Z", "", 1]))


# stored


@pytest.mark.django_db
def test_a_file_with_a_question_is_not_imported_before_it_is_answered(clock, device, now):
    day_file = upload_day_file(device, SEMICOLON)
    workflow.run_or_enqueue(day_file, now)
    assert (day_file.state, day_file.accepted) == ("asking", 0)
    with pytest.raises(workflow.WrongState):
        workflow.start_import(day_file, now)
    workflow.answer(day_file, Choices(decimals={"2": "comma"}), "", now)
    assert day_file.state == "checked"
    [metric] = day_file.dry_run["values"]["metrics"]
    assert (metric["least"], metric["greatest"]) == ({"value": 12.345, "line": 2}, {"value": 12.351, "line": 4})
    workflow.start_import(day_file, now)
    assert list(Reading.objects.values_list("energy_kwh", flat=True)) == [12.345, 12.348, 12.351]


@pytest.mark.django_db
def test_a_load_survey_comes_in_with_the_factorys_times(clock, device, now):
    day_file = upload_day_file(device, LOAD_SURVEY)
    workflow.run_or_enqueue(day_file, now)
    assert day_file.state == "asking"
    workflow.answer(day_file, Choices(columns=PROPOSED), "Asia/Kolkata", now)
    workflow.start_import(day_file, now)
    assert (day_file.state, day_file.accepted, day_file.refused) == ("done", 3, 0)
    stored = Reading.objects.order_by("at").values_list("energy_kwh", "power_consumption")
    assert list(stored) == [(123456.78, 12.5), (123459.9, 12.7), (123463.05, 12.6)]
    assert f"{Reading.objects.latest('at').at:%d %H:%M}" == "14 18:30"
    assert [line.outcome for line in day_file.line_results.all()] == ["left_out"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (Choices(columns={"1": "energy_kwh", "2": "energy_kwh"}), "Two columns are energy_kwh"),
        (Choices(columns={"2": "colour"}), "nothing a column of readings can be"),
        (Choices(columns={"9": "energy_kwh"}), "There is no column 9"),
        (Choices(head_line=900), "Line 900 is no line"),
    ],
)
def test_an_answer_that_cannot_be_meant_does_not_cost_the_file(clock, device, now, choices, words):
    day_file = upload_day_file(device, SEMICOLON)
    workflow.run_or_enqueue(day_file, now)
    workflow.answer(day_file, choices, "", now)
    assert (day_file.state, day_file.choices) == ("asking", {})
    assert words in day_file.dry_run["questions"][0]["sentence"]
    workflow.answer(day_file, Choices(decimals={"*": "comma"}), "", now)
    assert day_file.state == "checked"


@pytest.mark.django_db
def test_files_checked_by_an_earlier_release_are_asked_about_too(clock, device, now):
    day_file = upload_day_file(device, SEMICOLON)
    DayFile.objects.filter(pk=day_file.pk).update(state="checked")
    workflow.start_import(day_file, now)
    assert (day_file.state, Reading.objects.count()) == ("asking", 0)


@pytest.mark.django_db
def test_the_command_stops_at_a_question_and_takes_its_answer_by_heading(clock, device, tmp_path):
    path = tmp_path / "day.csv"
    path.write_text(SEMICOLON)
    arguments = ["import_readings", str(path), "--device", device.device_id]
    with pytest.raises(CommandError, match="Say --decimal 2=point or --decimal 2=comma"):
        call_command(*arguments)
    assert not Reading.objects.exists()
    call_command(*arguments, "--decimal", "energy_kwh=point", stdout=io.StringIO())
    assert Reading.objects.earliest("at").energy_kwh == 12345


@pytest.mark.django_db
def test_the_command_maps_columns(clock, device, tmp_path):
    path, printed = tmp_path / "survey.csv", io.StringIO()
    path.write_text(LOAD_SURVEY)
    arguments = ["import_readings", str(path), "--device", device.device_id, "--zone", "Asia/Kolkata"]
    with pytest.raises(CommandError, match="As proposed: --column 1=date --column 2=time"):
        call_command(*arguments)
    call_command(*arguments, "--column", "kW=", "--column", "KWH=energy_kwh", "--dry-run", stdout=printed)
    assert "energy_kwh: 3 values, least 1,23,456.780 (line 6)" in printed.getvalue()
    with pytest.raises(CommandError, match="There is no column 'MWh'"):
        call_command(*arguments, "--column", "MWh=energy_kwh")
