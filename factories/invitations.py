"""Asking a colleague in by e-mail: the link, what may be wrong with it, and what accepting does."""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from factories.models import Invitation, Membership, User

LINK_LIFETIME = timedelta(days=7)
SALT = "factories.invitation"


class LinkProblem(StrEnum):
    """Why a link does not work, in words for the person who holds it."""

    UNREADABLE = "This link is not complete. Copy the whole line from the mail."
    WITHDRAWN = "This invitation was withdrawn."
    USED = "This invitation was accepted already. Log in."
    EXPIRED = "This link is too old, or a newer one was sent. Ask for a new invitation."
    ARCHIVED = "This factory is closed."
    CLOSED_ACCOUNT = "Your account is closed. Ask the administrator to open it again."
    OTHER_ACCOUNT = "This invitation is for another e-mail address than the one you are logged in with."


class InvalidLink(ValueError):
    def __init__(self, trouble):
        super().__init__(trouble.value)
        self.problem = trouble


class AlreadyInvited(ValueError):
    """An invitation to this address is open already, or the person is a member."""


def invite(factory, *, email, role, by, now, membership_expires_at=None):
    """An open invitation, not yet mailed. Raises AlreadyInvited."""
    if Membership.objects.valid(now).filter(factory=factory, user__email=email.lower()).exists():
        raise AlreadyInvited(f"{email} is a member of {factory} already.")
    try:
        with transaction.atomic():
            return Invitation.objects.create(
                factory=factory,
                email=email.lower(),
                role=role,
                invited_by=by,
                sent_at=now,
                membership_expires_at=membership_expires_at,
            )
    except IntegrityError as error:
        raise AlreadyInvited(f"An invitation to {email} is open already: send it again or withdraw it.") from error


def link_to(invitation):
    return settings.SITE_URL + reverse("accept_invitation", args=[sign_token(invitation)])


def sign_token(invitation):
    return signing.dumps({"id": invitation.pk, "sent": sent_epoch_s(invitation)}, salt=SALT)


def sent_epoch_s(invitation):
    return int(invitation.sent_at.timestamp())


def send_invitation(invitation):
    """Mails the link; raises OSError (also SMTPException) when the mail server does not take it."""
    context = {"invitation": invitation, "link": link_to(invitation), "days": LINK_LIFETIME.days}
    send_mail(
        " ".join(f"{invitation.factory} on Carbonseed: your invitation".split()),  # a header is one line
        render_to_string("mail/invitation.txt", context),
        None,
        [invitation.email],
    )


def resend(invitation, *, now):
    """The newest link counts, for another week."""
    invitation.sent_at = now
    invitation.save(update_fields=["sent_at"])
    send_invitation(invitation)


def withdraw(invitation, *, now):
    if invitation.accepted_at is None and invitation.withdrawn_at is None:
        invitation.withdrawn_at = now
        invitation.save(update_fields=["withdrawn_at"])


def invitation_from_token(token, now):
    """The open invitation a link names. Raises DeadLink with what is wrong."""
    try:
        payload = signing.loads(token, salt=SALT)
        invitation = Invitation.objects.select_related("factory", "invited_by").get(pk=payload["id"])
    except (signing.BadSignature, Invitation.DoesNotExist) as error:
        raise InvalidLink(LinkProblem.UNREADABLE) from error
    for is_invalid, problem in (
        (invitation.withdrawn_at, LinkProblem.WITHDRAWN),
        (invitation.accepted_at, LinkProblem.USED),
        (payload["sent"] != sent_epoch_s(invitation), LinkProblem.EXPIRED),
        (now - invitation.sent_at > LINK_LIFETIME, LinkProblem.EXPIRED),
        (invitation.factory.archived_at, LinkProblem.ARCHIVED),
    ):
        if is_invalid:
            raise InvalidLink(problem)
    return invitation


def account_for(invitation):
    """The account with the invited address, or None for somebody new."""
    return User.objects.filter(email=invitation.email).first()


@transaction.atomic
def accept(invitation, user, *, now):
    """`user` becomes a member. Raises DeadLink: used in the meantime, or another account's."""
    invitation = Invitation.objects.select_for_update().select_related("factory").get(pk=invitation.pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvalidLink(LinkProblem.USED if invitation.accepted_at else LinkProblem.WITHDRAWN)
    if user.email != invitation.email:
        raise InvalidLink(LinkProblem.OTHER_ACCOUNT)
    membership = Membership.objects.filter(user=user, factory=invitation.factory).first()
    if membership is None or (membership.expires_at and membership.expires_at <= now):
        membership = membership or Membership(user=user, factory=invitation.factory)
        membership.role, membership.expires_at = invitation.role, invitation.membership_expires_at
        membership.save()  # who is a member by now keeps the role they have
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    return membership


def create_invited_account(invitation, *, full_name, password):
    """A new account with the invited address; it is no member yet."""
    if account_for(invitation):
        raise InvalidLink(LinkProblem.USED)
    return User.objects.create_user(invitation.email, password, full_name=full_name)
