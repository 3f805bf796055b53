"""Import of register rows over the API."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registers import models
from registers.tests.model_factories import ConnectionMaker

pytestmark = pytest.mark.django_db
PATH = "/registers/electricity-bills/import"
TEXT = "Month;Connection;Billed (kWh)\n2024-05;MSEDCL HT;12,345\n"


@pytest.fixture
def ht(steel_forge):
    return ConnectionMaker(factory=steel_forge, name="MSEDCL HT")


def send(client, text=TEXT, **more):
    return client.post(PATH, {"text": text, **more}, format="json")


def test_a_dry_run_shows_values_and_asks(api, vik, ht):
    answer = send(api(vik))
    plan = answer.json()
    assert (answer.status_code, plan["is_imported"], plan["counts"]["new"]) == (200, False, 1)
    assert [question["key"] for question in plan["questions"]] == ["decimals.3"]
    [line] = plan["lines"]
    assert (line["number"], line["row"], line["action"]) == (2, "May 2024 · MSEDCL HT", "new")
    assert line["values"][1] == {"field": "energy_kwh", "heading": "Billed (kWh)", "value": "12,345 kWh", "before": ""}
    assert not models.ElectricityBill.objects.exists()


@pytest.mark.parametrize("decimals", ["point", {"3": "point"}, {"billed (KWH)": "point"}])
def test_the_answer_is_imported(api, vik, ht, decimals):
    assert send(api(vik), dry_run=False).status_code == 422
    assert not models.ElectricityBill.objects.exists()
    answer = send(api(vik), dry_run=False, choices={"decimals": decimals})
    assert (answer.status_code, answer.json()["is_imported"]) == (201, True)
    assert models.ElectricityBill.objects.get().energy_kwh == 12345


def test_a_file_comes_as_a_form(api, vik, ht):
    file = SimpleUploadedFile("bills.csv", TEXT.encode("utf-16"))
    sent = {"file": file, "dry_run": "false", "choices": '{"decimals": "comma"}'}
    assert api(vik).post(PATH, sent, format="multipart").status_code == 201
    assert str(models.ElectricityBill.objects.get().energy_kwh) == "12.345000"


def test_faults_are_of_lines_and_nothing_is_imported(api, vik, ht):
    text = "Month,Connection,Billed (kWh)\n2024-05,MSEDCL HT,5\n2024-06,Colony,lots\n"
    answer = send(api(vik), text, dry_run=False)
    assert (answer.status_code, answer.json()["counts"]["fault"]) == (422, 1)
    assert answer.json()["lines"][1]["faults"] == [
        "Connection: There is no such line: Colony.",
        "Billed (kWh): Write the figure as 1,23,456.50 or 123456.50.",
    ]
    assert not models.ElectricityBill.objects.exists()


def test_lines_without_a_month_are_of_the_period_sent(api, vik, ht):
    send(api(vik), "Connection,Billed (kWh)\nMSEDCL HT,5\n", period="2024-03", dry_run=False)
    assert models.ElectricityBill.objects.get().month == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"choices": 5}, "choices"),
        ({"choices": {"decimals": "semicolon"}}, "choices"),
        ({"choices": {"columns": {"3": "colour"}}}, "choices"),
        ({"choices": {"columns": {"Colour": "energy_kwh"}}}, "choices"),
        ({"choices": {"head_line": -1}}, "choices"),
    ],
)
def test_bad_input_names_its_field(api, vik, ht, more, field):
    answer = send(api(vik), **more)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_only_who_enters_rows_imports_them(api, vera, chitra, ht, steel_forge):
    assert send(api(vera)).status_code == 403
    assert send(api(chitra), factory_id=steel_forge.pk).status_code in (403, 404)
    assert send(api(chitra)).json()["lines"][0]["faults"] == ["Connection: There is no such line: MSEDCL HT."]
