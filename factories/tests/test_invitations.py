"""An invitation from the team page to the first login."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from factories import invitations
from factories.models import Invitation, Membership, User
from factories.roles import Role
from factories.tests.cast import member

GOOD_PASSWORD = "furnace-bay-seven-2025"
NEW = {"full_name": "Nita Rao", "password1": GOOD_PASSWORD, "password2": GOOD_PASSWORD}


@pytest.fixture
def invitation(steel_forge, asha):
    return invitations.invite(
        steel_forge, email="Nita@steelforge.in", role=Role.OPERATOR.value, by=asha, now=timezone.now()
    )


def link(invitation):
    return reverse("accept_invitation", args=[invitations.sign_token(invitation)])


def test_an_owner_invites_by_mail_and_the_colleague_is_in(client, page, asha, steel_forge, settings):
    page(asha).post(reverse("team"), {"email": "nita@steelforge.in", "role": "operator"})
    (letter,) = mail.outbox
    assert letter.to == ["nita@steelforge.in"]
    path = next(line for line in letter.body.splitlines() if line.startswith("http")).removeprefix(settings.SITE_URL)
    client.logout()
    assert "Steel Forge invites you" in client.get(path).content.decode()
    answer = client.post(path, NEW)
    assert answer.url == reverse("overview")
    nita = User.objects.get(email="nita@steelforge.in")
    assert (nita.full_name, nita.role_in(steel_forge)) == ("Nita Rao", Role.OPERATOR)
    assert LogEntry.objects.filter(content_type__model="membership").latest("pk").actor == nita


def test_a_line_break_in_a_factorys_name_does_not_stop_its_invitations(page, asha, steel_forge):
    steel_forge.name = "Steel\r\nBcc: all@example.in"
    steel_forge.save()
    assert page(asha).post(reverse("team"), {"email": "nita@steelforge.in", "role": "operator"}).status_code == 302
    (letter,) = mail.outbox
    assert letter.subject == "Steel Bcc: all@example.in on Carbonseed: your invitation"
    assert letter.recipients() == ["nita@steelforge.in"]


def test_a_link_works_once(client, invitation):
    client.post(link(invitation), NEW)
    client.logout()
    answer = client.get(link(invitation))
    assert (answer.status_code, "accepted already" in answer.content.decode()) == (410, True)


def test_a_withdrawn_link_says_so(client, invitation, now):
    invitations.withdraw(invitation, now=now)
    assert "withdrawn" in client.get(link(invitation)).content.decode()
    assert client.post(link(invitation), NEW).status_code == 410
    assert not User.objects.filter(email=invitation.email).exists()


def test_a_link_dies_after_a_week_and_when_a_newer_one_is_sent(invitation):
    token, sent_at = invitations.sign_token(invitation), invitation.sent_at
    assert invitations.invitation_from_token(token, sent_at + timedelta(days=7)) == invitation
    with pytest.raises(invitations.InvalidLink, match="too old"):
        invitations.invitation_from_token(token, sent_at + timedelta(days=7, seconds=1))
    later = sent_at + timedelta(days=6)
    invitations.resend(invitation, now=later)
    with pytest.raises(invitations.InvalidLink, match="newer one"):
        invitations.invitation_from_token(token, later)
    assert (
        invitations.invitation_from_token(invitations.sign_token(invitation), later + timedelta(days=6)) == invitation
    )


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "é"])
def test_a_broken_link_is_a_page_not_an_error(client, db, token):
    assert client.get(f"/invitations/{token}/").status_code == 410


def test_somebody_known_logs_in_and_accepts(client, page, chitra, steel_forge, asha, now):
    asked = invitations.invite(steel_forge, email=chitra.email, role="auditor", by=asha, now=timezone.now())
    assert "has an account already" in client.get(link(asked)).content.decode()
    assert client.post(link(asked), NEW).status_code == 200
    assert chitra.role_in(steel_forge) is None
    page(chitra).post(link(asked))
    assert chitra.role_in(steel_forge) == Role.AUDITOR


def test_the_account_must_be_the_invited_one(page, vik, invitation, steel_forge):
    assert page(vik).get(link(invitation)).status_code == 403
    assert page(vik).post(link(invitation)).status_code == 403
    assert Invitation.objects.get().accepted_at is None


def test_a_closed_account_does_not_come_in_by_invitation(client, chitra, steel_forge, asha):
    asked = invitations.invite(steel_forge, email=chitra.email, role="viewer", by=asha, now=timezone.now())
    User.objects.filter(pk=chitra.pk).update(is_active=False)
    assert client.get(link(asked)).status_code == 410


def test_an_old_invitation_does_not_take_a_role_away(steel_forge, invitation):
    nita = member(steel_forge, Role.OWNER, email=invitation.email)
    invitations.accept(invitation, nita, now=timezone.now())
    assert nita.role_in(steel_forge) == Role.OWNER


def test_an_auditors_invitation_carries_its_last_day(page, asha, steel_forge):
    day = timezone.localdate() + timedelta(days=30)
    page(asha).post(reverse("team"), {"email": "i@x.in", "role": "auditor", "expires_on": day.isoformat()})
    assert Invitation.objects.get().membership_expires_at == steel_forge.end_of_day(day)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "x"}, "email"),
        ({"email": "vik@steelforge.in"}, "email"),
        ({"role": "admin"}, "role"),
        ({"role": "viewer", "expires_on": "2999-01-01"}, "expires_on"),
        ({"role": "auditor", "expires_on": "2001-01-01"}, "expires_on"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(page, asha, vik, fields, wrong):
    answer = page(asha).post(reverse("team"), {"email": "new@x.in", "role": "viewer", **fields})
    assert list(answer.context["form"].errors) == [wrong]
    assert not Invitation.objects.exists()


def test_a_second_open_invitation_to_the_same_address_is_refused(page, asha, invitation):
    answer = page(asha).post(reverse("team"), {"email": "NITA@steelforge.in", "role": "viewer"})
    assert "open already" in str(answer.context["form"].errors["email"])


def test_a_mail_server_that_is_away_is_told_and_the_invitation_stays(page, asha, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(invitations, "send_mail", refuse)
    answer = page(asha).post(reverse("team"), {"email": "n@x.in", "role": "viewer"}, follow=True)
    assert "could not be sent" in answer.content.decode()
    assert Invitation.objects.open().count() == 1


def test_another_factorys_invitation_is_out_of_reach(page, chitra, invitation):
    for name in ("invitation_resend", "invitation_withdraw"):
        assert page(chitra).post(reverse(name, args=[invitation.pk])).status_code == 404
    assert Invitation.objects.open().count() == 1


def test_sending_again_and_withdrawing_by_page(page, asha, invitation):
    page(asha).post(reverse("invitation_resend", args=[invitation.pk]))
    assert len(mail.outbox) == 1
    assert invitation.email in page(asha).get(reverse("invitation_withdraw", args=[invitation.pk])).content.decode()
    page(asha).post(reverse("invitation_withdraw", args=[invitation.pk]))
    assert not Invitation.objects.open().exists()
    assert not Membership.objects.filter(user__email=invitation.email).exists()
