"""Audit log page of the factory."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from core.audit_log import describe_entry, entries_of
from factories.permissions import current_factory, requires_right
from factories.roles import Right

PER_PAGE = 50


@requires_right(Right.MANAGE)
def history(request):
    factory = current_factory(request)
    if factory is None:
        return redirect("overview")
    page_of_entries = Paginator(entries_of(factory), PER_PAGE).get_page(request.GET.get("page"))
    entries = [describe_entry(entry) for entry in page_of_entries.object_list]
    return render(request, "factories/audit_log.html", {"page": page_of_entries, "entries": entries})
