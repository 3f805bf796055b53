"""Sorting and export of the messages to a person."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.tests.model_factories import AlertMaker, DeliveryMaker
from core.tests.table_files import count_queries, csv_rows

ADDRESS = reverse("notifications")


def test_messages_are_sorted_and_exported_only_to_their_recipient(page, asha, vik, chitra, device, now):
    first, second = (
        DeliveryMaker(alert=AlertMaker(device=device, title=title), recipient=asha, **fields)
        for title, fields in [("=Too hot", {"sent_at": now}), ("Too cold", {"error": "no route", "given_up_at": now})]
    )
    browser = page(asha)
    rows = browser.get(ADDRESS, {"sort": "-alert"}).context["recent_deliveries"].rows
    assert [row.record for row in rows] == [second, first]
    header, hot, cold = csv_rows(browser.get(ADDRESS, {"export": "csv", "sort": "alert"}))
    titles = ["Alert", "Factory", "By", "State", "Created", "Sent", "Error"]
    assert [title.removesuffix(" (Asia/Kolkata)") for title in header] == titles
    assert hot[:4] == ["'=Too hot", "Steel Forge", "e-mail", "sent"]
    assert (cold[3], cold[6]) == ("given up", "no route")
    for other in (vik, chitra):
        assert len(csv_rows(page(other).get(ADDRESS, {"export": "csv"}))) == 1


def test_all_messages_are_exported_though_the_page_shows_the_newest(page, asha, device, now):
    for minute in range(22):
        moment = now + timedelta(minutes=minute)
        DeliveryMaker(alert=AlertMaker(device=device), recipient=asha, created_at=moment, sent_at=now)
    assert len(page(asha).get(ADDRESS).context["recent_deliveries"].page.object_list) == 20
    assert len(csv_rows(page(asha).get(ADDRESS, {"export": "csv"}))) == 23


@pytest.mark.parametrize("query", ["", "?sort=by", "?export=csv"])
def test_more_messages_cost_the_same_queries(page, asha, device, now, query):
    DeliveryMaker(alert=AlertMaker(device=device), recipient=asha, sent_at=now)
    browser = page(asha)
    count_queries(browser, ADDRESS + query)
    one = count_queries(browser, ADDRESS + query)
    for _ in range(2):
        DeliveryMaker(alert=AlertMaker(device=device), recipient=asha, sent_at=now)
    assert count_queries(browser, ADDRESS + query) == one
