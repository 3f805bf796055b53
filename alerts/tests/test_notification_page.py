"""One's own page of notifications: ways are added, tried and removed; addresses and secrets never shown again."""

import json

import pytest

from alerts.models import Channel, Preference
from alerts.notifications.channels import ssrf_guard
from alerts.tests.model_factories import ChannelMaker

pytestmark = pytest.mark.django_db
PUBLIC = [(2, 1, 6, "", ("93.184.216.34", 443))]


def test_a_webhook_is_added_its_secret_shown_once_and_its_address_never(page, asha, monkeypatch):
    monkeypatch.setattr(ssrf_guard.socket, "getaddrinfo", lambda *_, **__: PUBLIC)
    monkeypatch.setattr(ssrf_guard.target_of, "__defaults__", (lambda *_, **__: PUBLIC,))
    sent = {"form": "webhook", "label": "ERP", "url": "https://erp.example.in/s3cret-path"}
    answer = page(asha).post("/dashboard/profile/notifications/", sent)
    channel = Channel.objects.get()
    assert channel.credentials["secret"] in answer.content.decode() and answer["Cache-Control"] == "no-store"
    later = page(asha).get("/dashboard/profile/notifications/").content.decode()
    assert "erp.example.in" in later and "s3cret" not in later and channel.credentials["secret"] not in later


@pytest.mark.parametrize(
    "sent",
    [{"form": "webhook", "label": "x", "url": "https://127.0.0.1/"}, {"form": "service", "label": "x", "url": "json://h"},
     {"form": "service", "label": "", "url": "tgram://short"}],
)  # fmt: skip
def test_an_address_that_will_not_do_is_refused_at_its_field(page, asha, sent):
    answer = page(asha).post("/dashboard/profile/notifications/", sent)
    assert answer.status_code == 422 and answer.context[f"{sent['form']}_form"].errors["url"]
    assert not Channel.objects.exists()


def test_wishes_are_saved_for_ones_own_factory_alone(page, asha, steel_forge, chem_works):
    def sent(factory, **values):
        told = {"is_on": "on", "by_email": "on", "lowest": "warning", "rhythm": "once", "digest_at": "08:00", **values}
        return {f"w{factory.pk}-{name}": value for name, value in told.items()} | {"form": f"wish-{factory.pk}"}

    address = "/dashboard/profile/notifications/"
    assert page(asha).post(address, sent(steel_forge)).status_code == 302
    assert Preference.objects.get().lowest == "warning"
    half = page(asha).post(address, sent(steel_forge, quiet_from="22:00"))
    assert half.status_code == 422 and "both a beginning and an end" in half.content.decode()
    page(asha).post(address, sent(chem_works))
    assert [row.factory for row in Preference.objects.all()] == [steel_forge]


def test_the_test_button_says_what_came_of_it(page, asha, vik, receiver):
    channel = ChannelMaker(user=asha, url=receiver.url, label="ERP")
    answer = page(asha).post(f"/dashboard/profile/notifications/{channel.pk}/test/", follow=True)
    assert "ERP: the test was taken." in answer.content.decode()
    assert json.loads(receiver.got[0][1])["type"] == "test"
    again = page(asha).post(f"/dashboard/profile/notifications/{channel.pk}/test/", follow=True)
    assert "A test was sent just now" in again.content.decode()
    assert page(vik).post(f"/dashboard/profile/notifications/{channel.pk}/test/").status_code == 404
    assert page(vik).post(f"/dashboard/profile/notifications/{channel.pk}/remove/").status_code == 404
