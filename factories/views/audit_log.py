"""Who did what in this factory."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from core.audit_log import entries_of, told
from factories.permissions import current_factory, page
from factories.roles import Right

PER_PAGE = 50


@page(Right.MANAGE)
def history(request):
    factory = current_factory(request)
    if factory is None:
        return redirect("overview")
    shown = Paginator(entries_of(factory), PER_PAGE).get_page(request.GET.get("page"))
    entries = [told(entry) for entry in shown.object_list]
    return render(request, "factories/history.html", {"page": shown, "entries": entries})
