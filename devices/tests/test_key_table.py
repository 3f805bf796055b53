"""Sorting and export of keys."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.tests.table_files import count_queries, csv_rows
from devices.key_issuing import issue_key, revoke_key


@pytest.fixture
def address(device):
    return reverse("machine_keys", args=[device.pk])


def test_keys_are_sorted_and_keys_without_an_end_come_last(page, asha, device, address, now):
    endless = device.keys.get()
    ending, _text = issue_key(device, by=asha, now=now, expires_at=now.replace(year=2990))
    browser = page(asha)
    for sort, order in [("works_until", [ending, endless]), ("-works_until", [ending, endless])]:
        assert [row.record for row in browser.get(address, {"sort": sort}).context["keys"].rows] == order
    assert browser.get(address, {"sort": "issued"}).context["keys"].rows[0].record == endless


def test_the_export_names_keys_and_never_holds_a_secret(page, asha, device, address, now):
    key, text = issue_key(device, by=asha, now=now)
    revoke_key(key, now=now + timedelta(hours=1))
    response = page(asha).get(address, {"export": "csv", "sort": "-issued"})
    header, first, _second = csv_rows(response)
    assert [title.removesuffix(" (Asia/Kolkata)") for title in header] == [
        "Key", "State", "Issued", "Issued by", "Last used", "Works until", "Revoked",
    ]  # fmt: skip
    assert first[:2] == [str(key), "revoked"]
    assert first[3:] == ["Asha Kulkarni", "", "", "2025-01-16T17:00:00+05:30"]
    shown = page(asha).get(address, {"export": "csv"}).getvalue().decode()
    assert text not in shown and key.secret_hash not in shown


def test_the_export_has_the_rights_of_the_page(page, vik, chitra, address):
    assert page(vik).get(address, {"export": "csv"}).status_code == 403
    assert page(chitra).get(address, {"export": "csv"}).status_code == 404
    assert page(vik).get(reverse("gateway_keys"), {"export": "csv"}).status_code == 403


@pytest.mark.parametrize("query", ["?sort=last_used", "?export=csv"])
def test_more_keys_cost_the_same_queries(page, asha, device, address, now, query):
    browser = page(asha)
    count_queries(browser, address + query)
    one = count_queries(browser, address + query)
    for _ in range(2):
        revoke_key(issue_key(device, by=asha, now=now)[0], now=now)
    assert count_queries(browser, address + query) == one
