"""The team of a factory: members, roles and invitations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from factories import invitations
from factories.forms.people import ExpiringRoleForm, InviteForm
from factories.membership_changes import LastOwner, appoint, dismiss
from factories.models import Invitation, Membership
from factories.permissions import current_factory, look_at, page, row_or_404
from factories.roles import Right, Role


@page(Right.MANAGE)
def team(request):
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return redirect("overview")
    form = InviteForm(
        request.POST or None, today=now.astimezone(factory.zone).date(), initial={"role": Role.VIEWER.value}
    )
    if request.method == "POST" and form.is_valid() and invited(request, factory, form, now):
        return redirect("team")
    context = {
        "form": form,
        "members": Membership.objects.filter(factory=factory).select_related("user").order_by("user__email"),
        "invitations": Invitation.objects.filter(factory=factory).open().select_related("invited_by"),
        "now": now,
        "dead_before": now - invitations.LINK_LIVES,
    }
    return render(request, "factories/team.html", context)


def invited(request, factory, form, now):
    """True when the invitation stands; its mail may still have failed, which is said."""
    entered = form.cleaned_data
    try:
        invitation = invitations.invite(
            factory,
            email=entered["email"],
            role=entered["role"],
            by=request.user,
            now=now,
            membership_expires_at=factory.end_of(entered["expires_on"]),
        )
    except invitations.AlreadyInvited as error:
        form.add_error("email", str(error))
        return False
    send(request, lambda: invitations.mail(invitation), invitation)
    return True


def send(request, mailing, invitation):
    try:
        mailing()
    except OSError:
        messages.error(request, f"The mail to {invitation.email} could not be sent. Try “Send again” in a while.")
    else:
        messages.success(request, f"An invitation is on its way to {invitation.email}.")


def row_of(request, model, pk):
    row = row_or_404(model.objects.select_related("factory"), request.user, pk, Right.MANAGE)
    look_at(request, row.factory)
    return row


@login_required
@require_POST
def invitation_resend(request, pk):
    invitation = row_of(request, Invitation, pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        messages.error(request, f"The invitation of {invitation.email} is not open any more.")
    else:
        send(request, lambda: invitations.resend(invitation, now=timezone.now()), invitation)
    return redirect("team")


@login_required
def invitation_withdraw(request, pk):
    invitation = row_of(request, Invitation, pk)
    if request.method != "POST":
        return render(request, "factories/invitation_withdraw.html", {"invitation": invitation})
    invitations.withdraw(invitation, now=timezone.now())
    messages.success(request, f"The invitation of {invitation.email} is withdrawn; its link is dead.")
    return redirect("team")


@login_required
def member_role(request, pk):
    membership = row_of(request, Membership, pk)
    zone = membership.factory.zone
    until = membership.expires_at and membership.expires_at.astimezone(zone).date()
    form = ExpiringRoleForm(
        request.POST or None,
        today=timezone.now().astimezone(zone).date(),
        initial={"role": membership.role, "expires_on": until},
    )
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            appoint_member(membership, entered["role"], membership.factory.end_of(entered["expires_on"]))
        except LastOwner as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, f"The role of {membership.user} is changed.")
            return redirect("team")
    return render(request, "factories/member_role.html", {"membership": membership, "form": form})


def appoint_member(membership, role, expires_at):
    """An admin who is a member besides stays an admin: their membership alone changes on this page."""
    appoint(membership.user, role, membership.factory, expires_at=expires_at, keep_admin=True)


@login_required
def member_remove(request, pk):
    membership = row_of(request, Membership, pk)
    if request.method != "POST":
        return render(request, "factories/member_remove.html", {"membership": membership})
    try:
        dismiss(membership)
    except LastOwner as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} is no longer a member of {membership.factory}.")
    return redirect("team")
