"""Acceptance page of an invitation link."""

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from factories import invitations
from factories.forms.people import AcceptInvitationForm
from factories.login_redirect import login_redirect_url
from factories.permissions import set_current_factory

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
def invitation(request, token):
    """A new user chooses a name and a password; an existing one logs in and accepts."""
    now = timezone.now()
    try:
        open_invitation = invitations.invitation_from_token(token, now)
        account = invitations.account_for(open_invitation)
        if account is None and not request.user.is_authenticated:
            return accept_as_new_user(request, open_invitation, now)
        return accept_as_existing_user(request, open_invitation, account, now)
    except invitations.InvalidLink as error:
        return render(request, "factories/invitation_dead.html", {"problem": error.problem}, status=410)


def accept_as_new_user(request, open_invitation, now) -> HttpResponse:
    form = AcceptInvitationForm(request.POST or None, email=open_invitation.email)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with transaction.atomic():
            person = invitations.create_invited_account(
                open_invitation, full_name=data["full_name"], password=data["password1"]
            )
            login(request, person, backend=BACKEND)  # before `accept`, so that the audit log names the actor
            invitations.accept(open_invitation, person, now=now)
        return redirect_to_factory(request, open_invitation)
    return render(request, "factories/invitation.html", {"invitation": open_invitation, "form": form})


def accept_as_existing_user(request, open_invitation, account, now) -> HttpResponse:
    if account is not None and not account.is_active:
        raise invitations.InvalidLink(invitations.LinkProblem.CLOSED_ACCOUNT)
    if not request.user.is_authenticated:
        return render(request, "factories/invitation.html", {"invitation": open_invitation, "must_log_in": True})
    if request.user != account:
        return render(
            request, "factories/invitation.html", {"invitation": open_invitation, "other_account": True}, status=403
        )
    if request.method == "POST":
        invitations.accept(open_invitation, request.user, now=now)
        return redirect_to_factory(request, open_invitation)
    return render(request, "factories/invitation.html", {"invitation": open_invitation, "may_accept": True})


def redirect_to_factory(request, open_invitation) -> HttpResponse:
    set_current_factory(request, open_invitation.factory)
    messages.success(request, f"Welcome to {open_invitation.factory}.")
    return redirect(login_redirect_url(request.user))
