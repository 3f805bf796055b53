"""The pages that need every app: landing, overview, choosing a factory."""

from django.shortcuts import redirect, render

from factories.access import page
from factories.rights import Right


def landing(request):
    if request.user.is_authenticated:
        return redirect("overview")
    return render(request, "landing.html")


@page(Right.SEE)
def overview(request):
    return render(request, "overview.html")
