"""Profile page: name, password, theme and memberships."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render

from factories.forms.people import NameForm


@login_required
def profile(request) -> HttpResponse:
    """Two forms; `form` in the POST names the one that was submitted."""
    submitted = request.POST.get("form")
    name_form = NameForm(request.POST if submitted == "name" else None, instance=request.user)
    password_form = PasswordChangeForm(request.user, request.POST if submitted == "password" else None)
    password_form.fields["old_password"].widget.attrs.pop("autofocus", None)
    if name_form.is_valid():
        name_form.save()
        messages.success(request, "Your name is saved.")
        return redirect("profile")
    if password_form.is_valid():
        password_form.save()
        update_session_auth_hash(request, password_form.user)
        messages.success(request, "Your password is changed. Every other session and token of yours has ended.")
        return redirect("profile")
    memberships = request.user.memberships.valid().select_related("factory")
    context = {"name_form": name_form, "password_form": password_form, "memberships": memberships}
    return render(request, "factories/profile.html", context)
