"""Invitations by e-mail: signed links, their validation, and acceptance."""

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
    """Why a link is invalid, as shown to the invited person."""

    UNREADABLE = "This link is not complete. Copy the whole line from the mail."
    WITHDRAWN = "This invitation was withdrawn."
    USED = "This invitation was accepted already. Log in."
    EXPIRED = "This link is too old, or a newer one was sent. Ask for a new invitation."
    ARCHIVED = "This factory is closed."
    CLOSED_ACCOUNT = "Your account is closed. Ask the administrator to open it again."
    OTHER_ACCOUNT = "This invitation is for another e-mail address than the one you are logged in with."


class InvalidLink(ValueError):
    """`problem` is a LinkProblem."""

    def __init__(self, problem: LinkProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class AlreadyInvited(ValueError):
    """An invitation to this address is open already, or the person is a member."""


def invite(factory, *, email, role, by, now, membership_expires_at=None):
    """Create an open invitation; it is not mailed yet. Raises AlreadyInvited."""
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


def link_to(invitation) -> str:
    return settings.SITE_URL + reverse("accept_invitation", args=[sign_token(invitation)])


def sign_token(invitation) -> str:
    return signing.dumps({"id": invitation.pk, "sent": sent_epoch_s(invitation)}, salt=SALT)


def sent_epoch_s(invitation) -> int:
    return int(invitation.sent_at.timestamp())


def send_invitation(invitation) -> None:
    """Mail the link. Raises OSError (SMTPException is one) if the mail server does not accept it."""
    context = {"invitation": invitation, "link": link_to(invitation), "days": LINK_LIFETIME.days}
    send_mail(
        " ".join(f"{invitation.factory} on Carbonseed: your invitation".split()),  # a header is one line
        render_to_string("mail/invitation.txt", context),
        None,
        [invitation.email],
    )


def resend(invitation, *, now) -> None:
    """Mail a new link, valid for another week; older links expire."""
    invitation.sent_at = now
    invitation.save(update_fields=["sent_at"])
    send_invitation(invitation)


def withdraw(invitation, *, now) -> None:
    if invitation.accepted_at is None and invitation.withdrawn_at is None:
        invitation.withdrawn_at = now
        invitation.save(update_fields=["withdrawn_at"])


def invitation_from_token(token, now):
    """The open invitation of a signed token. Raises InvalidLink."""
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
    """The account with the invited address, or None."""
    return User.objects.filter(email=invitation.email).first()


@transaction.atomic
def accept(invitation, user, *, now):
    """Make `user` a member. Raises InvalidLink: used in the meantime, or for another account."""
    invitation = Invitation.objects.select_for_update().select_related("factory").get(pk=invitation.pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvalidLink(LinkProblem.USED if invitation.accepted_at else LinkProblem.WITHDRAWN)
    if user.email != invitation.email:
        raise InvalidLink(LinkProblem.OTHER_ACCOUNT)
    membership = Membership.objects.filter(user=user, factory=invitation.factory).first()
    if membership is None or (membership.expires_at and membership.expires_at <= now):
        membership = membership or Membership(user=user, factory=invitation.factory)
        membership.role, membership.expires_at = invitation.role, invitation.membership_expires_at
        membership.save()  # a current member keeps their role
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    return membership


def create_invited_account(invitation, *, full_name, password):
    """Create an account with the invited address; not a member yet. Raises InvalidLink if there is one already."""
    if account_for(invitation):
        raise InvalidLink(LinkProblem.USED)
    return User.objects.create_user(invitation.email, password, full_name=full_name)
