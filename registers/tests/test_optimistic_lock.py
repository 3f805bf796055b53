"""Two people at the same row: the second is told what the first wrote, and chooses."""

from decimal import Decimal

import pytest

from registers.models import Production
from registers.tests.cast import gears, production_row

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def april(steel_forge):
    return production_row(steel_forge, gears(steel_forge))


def address(row):
    return f"/dashboard/registers/production/{row.pk}/"


def form_opened(client, row):
    """What the row's page sends back, as its form stood when it was opened."""
    answer = client.get(address(row))
    form = answer.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value is not None} | {"version": row_version(answer)}


def row_version(answer):
    return answer.context["row"].version


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_second_to_save_is_told_what_the_first_wrote(vik, asha, page, april):
    viks, ashas = form_opened(page(vik), april), form_opened(page(asha), april)
    page(asha).post(address(april), {**ashas, "remark": "weighed again"})
    answer = page(vik).post(address(april), {**viks, "remark": "as estimated"})
    assert answer.status_code == 422
    assert f"{asha} changed this row at" in text_of(answer) and "is weighed again there" in text_of(answer)
    april.refresh_from_db()
    assert april.remark == "weighed again"


def test_saved_once_more_the_second_stands(vik, asha, page, april):
    viks = form_opened(page(vik), april)
    page(asha).post(address(april), {**form_opened(page(asha), april), "remark": "weighed again"})
    refused = page(vik).post(address(april), {**viks, "remark": "as estimated"})
    page(vik).post(address(april), {**viks, "remark": "as estimated", "version": row_version(refused)})
    april.refresh_from_db()
    assert april.remark == "as estimated"


def test_a_sheet_left_open_does_not_undo_a_row(vik, asha, page, april):
    sheet = "/dashboard/registers/production/?period=2024-04"
    key = f"r{april.pk}"
    said = {"only": key, f"{key}-version": april.version, f"{key}-source": april.source}
    figures = {name: getattr(april, name) for name in april.register.columns}
    said |= {f"{key}-{name}": str(value) for name, value in figures.items() if value is not None}
    first = page(asha).post(sheet, {**said, f"{key}-dispatched": "1", f"{key}-closing": closing(april, 1)})
    assert "faulty" not in text_of(first).split("<th")[0]
    second = page(vik).post(sheet, {**said, f"{key}-dispatched": "2", f"{key}-closing": closing(april, 2)})
    assert "Save again to keep yours" in text_of(second)
    april.refresh_from_db()
    assert april.dispatched == Decimal(1)


def closing(row, dispatched):
    return str(row.opening + row.made - dispatched)


def test_a_client_that_sends_back_what_it_saw_is_refused_too(vik, api, april):
    seen = api(vik).get(f"/registers/production/{april.pk}").json()["changed_at"]
    assert api(vik).patch(f"/registers/production/{april.pk}", {"remark": "a", "changed_at": seen}).status_code == 200
    answer = api(vik).patch(f"/registers/production/{april.pk}", {"remark": "b", "changed_at": seen})
    assert answer.status_code == 400 and "changed this row at" in answer.json()["changed_at"][0]
    assert Production.objects.get(pk=april.pk).remark == "a"


@pytest.mark.parametrize("said", ["yesterday", 5, "2025-01-01T00:00:00", None])
def test_a_version_that_is_none_names_its_field(said, vik, api, april):
    answer = api(vik).patch(f"/registers/production/{april.pk}", {"remark": "b", "changed_at": said})
    assert answer.status_code == 400 and list(answer.json()) == ["changed_at"]
