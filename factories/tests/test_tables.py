"""Sorting and export of the factory pages' lists."""

import pytest
from django.urls import reverse

from core.tests.table_files import count_queries, csv_rows, xlsx_rows
from devices.tests.model_factories import DeviceMaker
from factories.models import Invitation
from factories.roles import Role
from factories.tests.cast import member


def test_the_history_is_sorted_by_its_headings(page, asha, steel_forge):
    browser = page(asha)
    DeviceMaker(factory=steel_forge, machine_name="Furnace 1")
    up = browser.get(reverse("history"), {"sort": "when"}).context["table"]
    down = browser.get(reverse("history"), {"sort": "-when"}).context["table"]
    moments = [row.record.timestamp for row in up.rows]
    assert len(moments) > 1
    assert moments == sorted(moments)
    assert [row.record.pk for row in down.rows] == [row.record.pk for row in up.rows][::-1]


def test_a_heading_says_how_it_sorts_and_links_to_the_other_way(page, asha):
    shown = page(asha).get(reverse("history"), {"sort": "when"}).content.decode()
    assert 'aria-sort="ascending"><a class="sort-link" href="?sort=-when">When</a>' in shown
    assert '<a class="sort-link" href="?sort=who">Who</a>' in shown
    assert shown.count("aria-sort") == 1


@pytest.mark.parametrize("sort", ["changes", "password", "actor__password", "-", "", "when,who", "--when"])
def test_an_unknown_sort_shows_the_page(page, asha, sort):
    assert page(asha).get(reverse("history"), {"sort": sort}).status_code == 200


def test_the_history_is_exported_whole_and_in_words(page, asha, device):
    browser = page(asha)
    browser.post(reverse("machine_pause", args=[device.pk]))
    entries = browser.get(reverse("history")).context["table"].paginator.count
    lines = csv_rows(browser.get(reverse("history"), {"export": "csv", "sort": "-when"}))
    assert lines[0] == ["When (Asia/Kolkata)", "Who", "What", "Changes"]
    assert len(lines) == entries + 1
    assert lines[1][0].endswith("+05:30")
    assert lines[1][1] == "Asha Kulkarni"
    assert "yes → no" in lines[1][3]


def test_a_workbook_has_the_same_rows_and_real_moments(page, asha, device):
    browser = page(asha)
    entry = browser.get(reverse("history"), {"sort": "when"}).context["table"].rows[0].record
    response = browser.get(reverse("history"), {"export": "xlsx", "sort": "when"})
    header, first, *_others = xlsx_rows(response)
    assert header == ("When (Asia/Kolkata)", "Who", "What", "Changes")
    local = entry.timestamp.astimezone(device.factory.zone).replace(tzinfo=None)
    assert abs((first[0] - local).total_seconds()) < 0.01


def test_no_exported_text_is_a_formula(page, asha, steel_forge):
    asha.full_name = "=HYPERLINK(1)"
    asha.save()
    page(asha).post(reverse("factory_settings"), {"form": "factory"})
    DeviceMaker(factory=steel_forge, machine_name="+1")
    lines = csv_rows(page(asha).get(reverse("history"), {"export": "csv"}))
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_a_file_is_named_for_its_list_and_day(page, asha):
    response = page(asha).get(reverse("history"), {"export": "csv"})
    assert response["Content-Disposition"].startswith('attachment; filename="history-20')
    assert response["Cache-Control"] == "private, no-store"


def test_the_team_is_sorted_and_exported_without_its_buttons(page, asha, vik, vera):
    browser = page(asha)
    names = [row.record.user for row in browser.get(reverse("team"), {"sort": "-name"}).context["members"].rows]
    assert names == [vik, vera, asha]
    header, *lines = csv_rows(browser.get(reverse("team"), {"export": "csv", "sort": "-name"}))
    assert [title.partition(" (")[0] for title in header] == [
        "Name",
        "E-mail",
        "Role",
        "Since",
        "Until",
        "Account open",
    ]
    assert lines[0][:3] == ["Vik Patil", "vik@steelforge.in", "Operator"]
    assert lines[0][4:] == ["", "yes"]


def test_two_lists_of_a_page_are_sorted_and_exported_apart(page, asha, vik, steel_forge):
    for email, role in [("a@steelforge.in", "viewer"), ("b@steelforge.in", "operator")]:
        Invitation.objects.create(factory=steel_forge, email=email, role=role, invited_by=asha)
    browser = page(asha)
    context = browser.get(reverse("team"), {"invitation-sort": "-email", "sort": "name"}).context
    assert [row.record.user for row in context["members"].rows] == [asha, vik]
    assert [row.record.email for row in context["invitations"].rows] == ["b@steelforge.in", "a@steelforge.in"]
    _header, first, _second = xlsx_rows(
        browser.get(reverse("team"), {"invitation-export": "xlsx", "invitation-sort": "role"})
    )
    assert (first[0], first[1], first[3]) == ("b@steelforge.in", "Operator", "Asha Kulkarni")


@pytest.mark.parametrize("name", ["history", "team"])
def test_an_export_has_the_rights_of_its_page(page, name, asha, vik, chitra, device):
    address = reverse(name) + "?export=csv"
    assert page(vik).get(address).status_code == 403
    theirs = page(chitra).get(address).getvalue().decode()
    assert "Asha" not in theirs
    assert str(device) not in theirs


@pytest.mark.parametrize("query", ["", "?sort=who", "?export=csv", "?export=xlsx"])
@pytest.mark.parametrize("name", ["history", "team"])
def test_more_rows_cost_the_same_queries(page, asha, steel_forge, name, query):
    browser, address = page(asha), reverse(name) + query
    count_queries(browser, address)
    few = count_queries(browser, address)
    for number in range(3):
        DeviceMaker(factory=steel_forge)
        member(steel_forge, Role.VIEWER, email=f"v{number}@steelforge.in")
    assert count_queries(browser, address) == few
