"""The what-if page: the same arithmetic as the command, kept for one factory or thrown away."""

import json
import re

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calculations.tests.test_calculate import VECTORS
from factories.roles import Right
from reports.calculator import examples
from reports.calculator.outcome import MAX_STEPS, calculate
from reports.forms.calculator import MAX_BYTES
from reports.models.scenarios import MAX_SAVED, WhatIf

PAGE = "/dashboard/what-if/"
SCREWS = (VECTORS / "cbam-screws.json").read_text()
POWER = '{"electricity": {"purchased_kwh": 1000000}, "products": [{"name": "Rings", "quantity_t": 500}]}'


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u2009", " ").replace("\u202f", " ").split())


def calculated(client, scheme="pat", text=POWER, **more):
    return client.post(PAGE, {"scheme": scheme, "text": text, **more})


def test_an_example_is_worked_out_on_the_spot(page, asha):
    shown = text_of(page(asha).get(f"{PAGE}?example=cbam-screws"))
    assert "4,948.020 t CO2e" in shown and "2.00694" in shown
    assert "max(0, DirEm* + Em_H,imp" in shown and "Eq 55" in shown
    assert "No rule found anything" in shown
    assert WhatIf.objects.count() == 0


@pytest.mark.parametrize("name", sorted(examples.available_examples()))
def test_every_example_can_be_started_from(page, asha, name):
    assert page(asha).get(f"{PAGE}?example={name}").status_code == 200
    assert calculate(examples.available_examples()[name][0], examples.text_of(name)).faults == []


def test_the_auditor_calculates_and_keeps_nothing(page, ira):
    client = page(ira)
    answer = calculated(client)
    assert answer.status_code == 200 and "86.000 toe" in text_of(answer)
    assert 'value="keep"' not in answer.text
    assert calculated(client, deed="keep").status_code == 403
    assert WhatIf.objects.count() == 0


@pytest.mark.parametrize("who", ["asha", "vik"])
def test_who_enters_registers_keeps_it_for_the_factory(page, request, steel_forge, who):
    person = request.getfixturevalue(who)
    client = page(person)
    kept_page = client.post(PAGE, {"scheme": "cbam", "text": SCREWS, "deed": "keep"}, follow=True)
    kept = WhatIf.objects.get()
    assert (kept.factory, kept.created_by, kept.title) == (steel_forge, person, "Screws and nuts from purchased steel")
    assert kept.text == SCREWS
    shown = text_of(kept_page)
    assert "is kept" in shown and "2.00694" in shown
    assert kept.title in text_of(client.get(PAGE))
    assert LogEntry.objects.get_for_object(kept).count() == 1


def test_a_colleague_reads_it_and_only_who_enters_throws_it_away(page, asha, vera):
    calculated(page(asha), deed="keep")
    kept = WhatIf.objects.get()
    client = page(vera)
    assert client.get(f"{PAGE}{kept.pk}/").status_code == 200
    assert "Throw it away" not in client.get(f"{PAGE}{kept.pk}/").text
    assert client.post(f"{PAGE}{kept.pk}/remove/").status_code == 403
    client = page(asha)
    assert "Its input is gone then" in client.get(f"{PAGE}{kept.pk}/remove/").text
    assert WhatIf.objects.count() == 1
    assert "thrown away" in client.post(f"{PAGE}{kept.pk}/remove/", follow=True).text
    assert WhatIf.objects.count() == 0


def test_a_stranger_finds_nothing_of_it(page, asha, chitra):
    client = page(asha)
    calculated(client, deed="keep", text=POWER.replace("{", '{"title": "Secret plan", ', 1))
    kept = WhatIf.objects.get()
    assert "Secret plan" in client.get(PAGE).text  # and the message that it is kept is told
    client = page(chitra)
    assert "Secret plan" not in client.get(PAGE).text
    for path in ("", "remove/"):
        assert client.get(f"{PAGE}{kept.pk}/{path}").status_code == 404
        assert client.post(f"{PAGE}{kept.pk}/remove/").status_code == 404
    assert WhatIf.objects.count() == 1


def test_nobody_is_sent_to_the_login(client, db):
    assert client.get(PAGE).status_code == 302


def test_a_file_stands_in_the_field_afterwards(page, asha):
    file = SimpleUploadedFile("screws.json", b"\xef\xbb\xbf" + SCREWS.encode())
    answer = page(asha).post(PAGE, {"scheme": "cbam", "file": file})
    assert answer.status_code == 200 and "Screws and nuts Art. C1" not in answer.text
    assert "Screws and Nuts Art. C1" in answer.text and "2.00694" in answer.text


FAULTY = [
    ("cbam", SCREWS.replace('"unit": "t",', "", 1), "source_streams[0].unit"),
    ("cbam", SCREWS.replace('"mass_t": 20000', '"mass_t": -20000'), "processes[0].purchased_precursors[0].mass_t"),
    ("cbam", SCREWS.replace('"cn_code"', '"hs_code"'), "goods[0].hs_code"),
    ("cbam", POWER, "electricity"),
    ("pat", '{"electricity": {"purchased_kwh": 1e400}}', "electricity.purchased_kwh"),
    ("pat", "not json", "line 1, column 1"),
    ("pat", "[" * 5000, "nested too deeply"),
    ("pat", r'{"title": "\ud800", "electricity": {}}', "half a character"),
    ("pat", '{"title": "<script>alert(1)</script>", "x": 1, "electricity": {}}', "not a key"),
]


@pytest.mark.parametrize(("scheme", "text", "words"), FAULTY)
def test_bad_input_is_named_and_stays_in_the_field(page, asha, scheme, text, words):
    answer = calculated(page(asha), scheme, text, deed="keep")
    assert answer.status_code == 422 and words in text_of(answer)
    assert "<script>alert" not in answer.text
    assert WhatIf.objects.count() == 0


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"scheme": "pat"},
        {"scheme": "pat", "text": "  "},
        {"scheme": "tarot", "text": POWER},
        {"scheme": "pat", "text": "\0"},
        {"scheme": "pat", "text": "x" * (MAX_BYTES + 1)},
        {"scheme": "pat", "file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04\xff\xfe")},
        {"scheme": "pat", "file": SimpleUploadedFile("a.json", b"x" * (MAX_BYTES + 1))},
    ],
)
def test_what_is_no_input_is_refused_beside_its_field(page, asha, sent):
    answer = page(asha).post(PAGE, sent)
    assert answer.status_code == 422 and "errorlist" in answer.text


@pytest.mark.parametrize("query", ["?example=../../etc/passwd", "?example=", "?example=%00", "?page=x", "?page=-1"])
def test_odd_queries_show_a_blank_page(page, asha, query):
    answer = page(asha).get(f"{PAGE}{query}")
    assert answer.status_code == 200 and "How it was worked out" not in answer.text


def test_enormous_figures_are_written_and_break_nothing(page, asha):
    power = '{"purchased_kwh": 9e24, "exported_kwh": 1e-60}'
    text = f'{{"electricity": {power}, "products": [{{"name": "x", "quantity_t": 1e-50}}]}}'
    answer = calculated(page(asha), text=text)
    assert answer.status_code == 200 and "e+" in answer.text


def test_a_title_that_cannot_be_stored_is_made_printable(page, asha):
    calculated(page(asha), text=POWER.replace("{", '{"title": "A\\u0000b\\nc", ', 1), deed="keep")
    assert WhatIf.objects.get().title == "A b c"


def test_default_values_of_the_period_stand_beside_the_result(page, asha):
    text = SCREWS.replace("2023-", "2026-")
    shown = text_of(calculated(page(asha), "cbam", text))
    assert "6.292" in shown and "10 %" in shown  # 7318 15 in 2026
    assert "CBAM-13" in shown  # the supplier's values have no verification report
    before = text_of(calculated(page(asha), "cbam", SCREWS))
    assert "begin with 2026" in before


def test_many_goods_are_compared_with_one_look_into_the_ledger(page, asha, django_assert_max_num_queries):
    data = json.loads(SCREWS.replace("2023-", "2026-"))
    data["goods"] = data["goods"] * 200
    with django_assert_max_num_queries(3):
        assert len(calculate("cbam", json.dumps(data)).tables[-1].rows) == 400


def test_findings_say_what_would_block_a_report(page, asha):
    shown = text_of(calculated(page(asha), "cbam", SCREWS.replace('"73181542"', '"73259910"')))
    assert "CBAM-01" in shown and "Blocks a report" in shown and "goods[0].cn_code" in shown


@pytest.mark.django_db
def test_a_long_trace_is_cut_and_says_so():
    data = json.loads(SCREWS)
    data["source_streams"] = data["source_streams"] * 1000
    outcome = calculate("cbam", json.dumps(data))
    assert sum(len(trace.lines) for trace in outcome.traces) == MAX_STEPS and outcome.traces[-1].is_cut


def test_there_is_an_end_to_what_is_kept(page, asha, steel_forge):
    WhatIf.objects.bulk_create(
        WhatIf(factory=steel_forge, scheme="pat", title=str(number), text=POWER) for number in range(MAX_SAVED)
    )
    answer = calculated(page(asha), deed="keep")
    assert answer.status_code == 409 and "throw one away first" in answer.text
    assert WhatIf.objects.count() == MAX_SAVED


def test_more_kept_ones_need_no_more_queries(page, asha):
    client = page(asha)
    calculated(client, deed="keep")
    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    for _ in range(2):
        calculated(client, deed="keep")
    client.get(PAGE)
    with CaptureQueriesContext(connection) as three:
        client.get(PAGE)
    assert len(one) == len(three)


def test_the_page_carries_no_inline_code_and_reports_lead_to_it(page, asha):
    client = page(asha)
    assert PAGE in client.get("/dashboard/reports/").text
    body = client.get(f"{PAGE}?example=cbam-eaf-rolling").text
    assert not re.search(r"<script>| style=|<style| on\w+=", body)


def test_keeping_is_the_right_to_enter_registers(vik, steel_forge):
    assert vik.may(Right.ENTER_REGISTERS, steel_forge) and not vik.may(Right.MANAGE, steel_forge)
