"""The page behind the link in an invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from factories import invitations
from factories.forms.people import AcceptForm
from factories.login_redirect import first_page
from factories.permissions import look_at

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
def invitation(request, token):
    """Somebody new chooses a name and a password; somebody known logs in and accepts."""
    now = timezone.now()
    try:
        asked = invitations.invitation_behind(token, now)
        known = invitations.account_for(asked)
        if known is None and not request.user.is_authenticated:
            return new_person(request, asked, now)
        return known_person(request, asked, known, now)
    except invitations.DeadLink as error:
        return render(request, "factories/invitation_dead.html", {"trouble": error.trouble}, status=410)


def new_person(request, asked, now):
    form = AcceptForm(request.POST or None, email=asked.email)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        with transaction.atomic():
            person = invitations.open_account(asked, full_name=entered["full_name"], password=entered["password1"])
            login(request, person, backend=BACKEND)  # first: the history names who accepted
            invitations.accept(asked, person, now=now)
        return welcome(request, asked)
    return render(request, "factories/invitation.html", {"invitation": asked, "form": form})


def known_person(request, asked, known, now):
    if known is not None and not known.is_active:
        raise invitations.DeadLink(invitations.Trouble.CLOSED_ACCOUNT)
    if not request.user.is_authenticated:
        return render(request, "factories/invitation.html", {"invitation": asked, "must_log_in": True})
    if request.user != known:
        return render(request, "factories/invitation.html", {"invitation": asked, "other_account": True}, status=403)
    if request.method == "POST":
        invitations.accept(asked, request.user, now=now)
        return welcome(request, asked)
    return render(request, "factories/invitation.html", {"invitation": asked, "may_accept": True})


def welcome(request, asked):
    look_at(request, asked.factory)
    messages.success(request, f"Welcome to {asked.factory}.")
    return redirect(first_page(request.user))
