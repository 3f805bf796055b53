"""Team pages of a factory: members, roles and invitations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.tables import first_export
from factories import invitations
from factories.forms.people import ExpiringRoleForm, InviteForm
from factories.membership_changes import LastOwner, assign_role, remove_member
from factories.models import Invitation, Membership
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right, Role
from factories.tables import InvitationTable, MemberTable


@requires_right(Right.MANAGE)
def team(request):
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return redirect("overview")
    form = InviteForm(
        request.POST or None, today=now.astimezone(factory.zone).date(), initial={"role": Role.VIEWER.value}
    )
    if request.method == "POST" and form.is_valid() and invite_from_form(request, factory, form, now):
        return redirect("team")
    members, open_invitations = team_tables(request, factory, now)
    context = {"form": form, "members": members, "invitations": open_invitations}
    return first_export(members, open_invitations) or render(request, "factories/team.html", context)


def team_tables(request, factory, now) -> tuple:
    members = Membership.objects.filter(factory=factory).select_related("user").order_by("user__email")
    open_invitations = Invitation.objects.filter(factory=factory).open().select_related("invited_by")
    dead_before = now - invitations.LINK_LIFETIME
    return (
        MemberTable(members, request=request, now=now),
        InvitationTable(open_invitations, request=request, dead_before=dead_before),
    )


def invite_from_form(request, factory, form, now) -> bool:
    """Whether the invitation was created; if its mail fails, a message says so."""
    data = form.cleaned_data
    try:
        invitation = invitations.invite(
            factory,
            email=data["email"],
            role=data["role"],
            by=request.user,
            now=now,
            membership_expires_at=factory.end_of_day(data["expires_on"]),
        )
    except invitations.AlreadyInvited as error:
        form.add_error("email", str(error))
        return False
    send_with_message(request, lambda: invitations.send_invitation(invitation), invitation)
    return True


def send_with_message(request, deliver, invitation) -> None:
    try:
        deliver()
    except OSError:
        messages.error(request, f"The mail to {invitation.email} could not be sent. Try “Send again” in a while.")
    else:
        messages.success(request, f"An invitation is on its way to {invitation.email}.")


def managed_row(request, model, pk):
    row = row_or_404(model.objects.select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, row.factory)
    return row


@login_required
@require_POST
def invitation_resend(request, pk) -> HttpResponse:
    invitation = managed_row(request, Invitation, pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        messages.error(request, f"The invitation of {invitation.email} is not open any more.")
    else:
        send_with_message(request, lambda: invitations.resend(invitation, now=timezone.now()), invitation)
    return redirect("team")


@login_required
def invitation_withdraw(request, pk) -> HttpResponse:
    invitation = managed_row(request, Invitation, pk)
    if request.method != "POST":
        return render(request, "factories/invitation_withdraw.html", {"invitation": invitation})
    invitations.withdraw(invitation, now=timezone.now())
    messages.success(request, f"The invitation of {invitation.email} is withdrawn; its link is dead.")
    return redirect("team")


@login_required
def member_role(request, pk) -> HttpResponse:
    membership = managed_row(request, Membership, pk)
    zone = membership.factory.zone
    expires_on = membership.expires_at and membership.expires_at.astimezone(zone).date()
    form = ExpiringRoleForm(
        request.POST or None,
        today=timezone.now().astimezone(zone).date(),
        initial={"role": membership.role, "expires_on": expires_on},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            assign_member_role(membership, data["role"], membership.factory.end_of_day(data["expires_on"]))
        except LastOwner as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, f"The role of {membership.user} is changed.")
            return redirect("team")
    return render(request, "factories/member_role.html", {"membership": membership, "form": form})


def assign_member_role(membership, role, expires_at) -> None:
    """Change the membership only: an admin who is also a member stays an admin."""
    assign_role(membership.user, role, membership.factory, expires_at=expires_at, keep_admin=True)


@login_required
def member_remove(request, pk) -> HttpResponse:
    membership = managed_row(request, Membership, pk)
    if request.method != "POST":
        return render(request, "factories/member_remove.html", {"membership": membership})
    try:
        remove_member(membership)
    except LastOwner as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} is no longer a member of {membership.factory}.")
    return redirect("team")
