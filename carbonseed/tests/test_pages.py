"""The frame around every page, and who sees which of them."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_stranger_sees_the_landing_page(client):
    assert client.get("/").status_code == 200


def test_the_overview_shows_the_factory(asha, page):
    assert "Steel Forge" in page(asha).get("/dashboard/").content.decode()


def test_pages_carry_no_inline_code(asha, page):
    body = page(asha).get("/dashboard/").content.decode()
    assert " style=" not in body and "<style" not in body and " onclick" not in body
    assert "<script>" not in body
