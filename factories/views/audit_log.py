"""Audit log page of the factory."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from core.audit_log import entries_of
from factories.permissions import current_factory, requires_right
from factories.roles import Right
from factories.tables import AuditLogTable


@requires_right(Right.MANAGE)
def history(request: HttpRequest) -> HttpResponseBase:
    factory = current_factory(request)
    if factory is None:
        return redirect("overview")
    table = AuditLogTable(entries_of(factory), request=request)
    return table.export_response() or render(request, "factories/audit_log.html", {"table": table})
