"""How often a device's requests were refused, over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telemetry.tests.model_factories import RefusalCountMaker


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_refusals_of_a_week_are_listed_and_older_ones_on_request(api, vera, device, now):
    RefusalCountMaker(device=device, count=3)
    RefusalCountMaker(device=device, status=401)
    RefusalCountMaker(device=device, last_at=now - timedelta(days=8))
    RefusalCountMaker()  # of another factory

    def listed(**query):
        rows = api(vera).get(f"/devices/{device.pk}/refusals", query).json()
        return [(row["on"], row["status"], row["count"]) for row in rows]

    assert listed() == [("2025-01-16", 401, 1), ("2025-01-16", 429, 3)]
    assert listed(status=401) == [("2025-01-16", 401, 1)]
    assert listed(since="2025-01-01", status=429)[1:] == [("2025-01-08", 429, 1)]


@pytest.mark.parametrize(("field", "value"), [("status", "200"), ("since", "lately")])
def test_a_value_no_filter_knows_is_a_400_that_names_it(api, vera, device, field, value):
    answer = api(vera).get(f"/devices/{device.pk}/refusals", {field: value})
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_stranger_gets_404(api, chitra, device):
    assert api(chitra).get(f"/devices/{device.pk}/refusals").status_code == 404
