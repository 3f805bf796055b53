"""What holds for every register alike, seen on a factory that has a row in each."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories.models import Factory
from factories.tests.cast import FactoryMaker
from reports.registers.models import BY_SLUG
from reports.registers.tests.cast import one_of_each

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def rows(shared_rows):
    """{slug: its row} of Steel Forge."""
    with shared_rows():
        return one_of_each(FactoryMaker(name="Steel Forge"))


@pytest.fixture
def steel_forge(rows):
    return Factory.objects.get(name="Steel Forge")


@pytest.fixture
def found(rows, steel_forge, slug):
    """The row in the register `slug`."""
    return type(rows[slug]).objects.get(pk=rows[slug].pk)


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("person", ["vera", "ira"])
@pytest.mark.parametrize("slug", BY_SLUG)
def test_viewers_and_auditors_read_every_register_and_change_none(slug, person, page, request, found):
    client, address = page(request.getfixturevalue(person)), f"/dashboard/registers/{slug}/"
    where = f"{address}?period=2024-04" if slug not in ("particulars",) else f"{address}{found.pk}/"
    answer = client.get(where)
    assert answer.status_code == 200 and "<input" not in answer.content.decode().split("<main")[1].split("</main")[0]
    for post in (
        address,
        f"{address}new/",
        f"{address}{found.pk}/",
        f"{address}{found.pk}/remove/",
        f"{address}import/",
    ):
        assert client.post(post, {"save": "1"}).status_code in (302, 403), post
    assert type(found).objects.filter(pk=found.pk).exists()


@pytest.mark.parametrize("slug", BY_SLUG)
def test_every_register_has_a_sheet_and_a_page_for_operators(slug, vik, page, found):
    client = page(vik)
    client.raise_request_exception = True
    assert client.get(f"/dashboard/registers/{slug}/?period=2024-04", follow=True).status_code == 200
    assert client.get(f"/dashboard/registers/{slug}/{found.pk}/").status_code == 200
    assert client.get(f"/dashboard/registers/{slug}/new/", follow=True).status_code == 200
    assert client.get(f"/dashboard/registers/{slug}/import/").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("slug", BY_SLUG)
def test_an_export_imports_again_without_a_change(slug, kind, vik, page, found):
    client, address = page(vik), f"/dashboard/registers/{slug}"
    answer = client.get(f"{address}/export/?period=all&format={kind}")
    content = b"".join(answer.streaming_content)
    file = SimpleUploadedFile(f"export.{kind}", content)
    again = client.post(f"{address}/import/", {"file": file})
    assert again.context["plan"].counts == {"new": 0, "changed": 0, "unchanged": 1, "fault": 0}, text_of(again)


@pytest.mark.parametrize("slug", BY_SLUG)
def test_every_register_is_read_by_auditors_written_by_operators_and_hidden_from_strangers(
    slug, api, ira, vik, chitra, found
):
    address = f"/registers/{slug}/{found.pk}"
    assert api(ira).get(address).status_code == 200
    assert api(ira).patch(address, {"remark": "mine"}).status_code == 403
    assert api(vik).patch(address, {"remark": "seen"}).status_code == 200
    for method in ("get", "patch", "delete"):
        assert getattr(api(chitra), method)(address).status_code == 404
    assert api(chitra).get(f"/registers/{slug}").json() == []
