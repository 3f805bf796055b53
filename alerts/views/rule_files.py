"""Rules as a file: download and upload."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts.rules import import_export
from factories.permissions import current_factory, page
from factories.roles import Right

MOST_SHOWN = 10


@page(Right.MANAGE)
def rule_export(request):
    factory = current_factory(request)
    if factory is None:
        return redirect("rule_list")
    answer = JsonResponse(import_export.exported(factory), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="alert-rules.json"'
    return answer


@require_POST
@page(Right.MANAGE)
def rule_import(request):
    factory, file = current_factory(request), request.FILES.get("file")
    if factory is None or file is None:
        messages.error(request, "Choose a file of rules.")
        return redirect("rule_list")
    try:
        document = import_export.parsed(file.read(import_export.LARGEST_BYTES + 1))
        taken = import_export.take_in(factory, document, now=timezone.now())
    except import_export.NotRules as error:
        messages.error(request, str(error))
        return redirect("rule_list")
    messages.success(request, f"{taken.made} rules added, {taken.changed} changed, {taken.unchanged} as they were.")
    for its in taken.errors[:MOST_SHOWN]:
        messages.error(request, f"Rule {its['rule']}, {its['field']}: {its['error']}")
    if len(taken.errors) > MOST_SHOWN:
        messages.error(request, f"{len(taken.errors) - MOST_SHOWN} more errors are not shown.")
    return redirect("rule_list")
