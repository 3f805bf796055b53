"""A machine with an open doubt carries a mark wherever machines are listed, and says where the rest of the story is."""

import pytest

from telemetry.tests.model_factories import DoubtfulStepMaker, UnitDoubtMaker

pytestmark = pytest.mark.django_db
MARK = "doubtful value"


@pytest.mark.parametrize("url", ["/dashboard/", "/dashboard/live/", "/dashboard/machines/"])
def test_the_lists_of_machines_carry_a_mark(page, vera, device, url):
    assert MARK not in page(vera).get(url).content.decode()
    step = DoubtfulStepMaker(device=device)
    assert "1 doubtful value to decide" in page(vera).get(url).content.decode()
    UnitDoubtMaker(device=device)
    assert "2 doubtful values to decide" in page(vera).get(url).content.decode()
    step.decision = "real"
    step.save()
    assert "1 doubtful value to decide" in page(vera).get(url).content.decode()


def test_an_open_page_is_told(page, vera, device):
    first = page(vera).get("/dashboard/live/")
    DoubtfulStepMaker(device=device)
    again = page(vera).get("/dashboard/live/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200 and MARK in again.content.decode()
