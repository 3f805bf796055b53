"""Logging in and out by page, the lock-out, and a new password by e-mail."""

import re

from django.core import mail
from django.urls import reverse

from factories.tests.cast import PASSWORD

GOOD_PASSWORD = "furnace-bay-seven-2025"


def log_in(client, email, password=PASSWORD, **query):
    return client.post(reverse("login", query=query or None), {"username": email, "password": password})


def test_people_land_where_their_role_may_read(client, asha, ira):
    assert log_in(client, "ASHA@steelforge.in").url == reverse("overview")
    client.post(reverse("logout"))
    assert "overview" not in log_in(client, ira.email).url


def test_a_next_page_elsewhere_is_not_followed(client, asha):
    answer = client.post(
        reverse("login"), {"username": asha.email, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer.url == reverse("overview")


def test_a_wrong_password_is_told(client, asha):
    answer = log_in(client, asha.email, "wrong")
    assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)


def test_repeated_failures_show_the_lock_out_page(client, asha, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = log_in(client, asha.email, "wrong")
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert log_in(client, asha.email).status_code == 429


def test_the_page_and_the_api_count_failures_together(client, api, asha, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, asha.email, "wrong")
    assert api().post("/auth/login", {"email": asha.email, "password": PASSWORD}).status_code == 429


def test_a_success_in_between_starts_the_count_anew(client, asha, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        log_in(client, asha.email, "wrong")
    assert log_in(client, asha.email).status_code == 302
    client.post(reverse("logout"))
    assert log_in(client, asha.email, "wrong").status_code == 200


def test_logging_out_needs_a_post(page, asha):
    assert page(asha).get(reverse("logout")).status_code == 405
    page(asha).post(reverse("logout"))


def test_a_new_password_comes_by_mail_and_its_link_works_once(client, asha, settings):
    client.post(reverse("password_reset"), {"email": asha.email}, HTTP_HOST="evil.example")
    (letter,) = mail.outbox
    link = re.search(r"http\S+", letter.body)[0]
    assert link.startswith(settings.SITE_URL)
    form = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    answer = client.post(
        form.redirect_chain[-1][0], {"new_password1": GOOD_PASSWORD, "new_password2": GOOD_PASSWORD}, follow=True
    )
    assert "saved" in answer.content.decode()
    assert log_in(client, asha.email, GOOD_PASSWORD).status_code == 302
    client.post(reverse("logout"))
    again = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    assert "does not work any more" in again.content.decode()


def test_an_unknown_address_gets_the_same_page_and_no_mail(client, db):
    answer = client.post(reverse("password_reset"), {"email": "nobody@example.in"}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    assert mail.outbox == []
