"""Export and import of rules as a file."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts import rule_import_export
from factories.permissions import current_factory, requires_right
from factories.roles import Right

MOST_SHOWN = 10


@requires_right(Right.MANAGE)
def rule_export(request):
    factory = current_factory(request)
    if factory is None:
        return redirect("rule_list")
    answer = JsonResponse(
        rule_import_export.export_rules(factory), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = 'attachment; filename="alert-rules.json"'
    return answer


@require_POST
@requires_right(Right.MANAGE)
def rule_import(request) -> HttpResponse:
    factory, file = current_factory(request), request.FILES.get("file")
    if factory is None or file is None:
        messages.error(request, "Choose a file of rules.")
        return redirect("rule_list")
    try:
        document = rule_import_export.parse_file(file.read(rule_import_export.LARGEST_BYTES + 1))
        result = rule_import_export.import_rules(factory, document, now=timezone.now())
    except rule_import_export.InvalidRuleFile as error:
        messages.error(request, str(error))
        return redirect("rule_list")
    messages.success(request, f"{result.made} rules added, {result.changed} changed, {result.unchanged} as they were.")
    for row_error in result.errors[:MOST_SHOWN]:
        messages.error(request, f"Rule {row_error['rule']}, {row_error['field']}: {row_error['error']}")
    if len(result.errors) > MOST_SHOWN:
        messages.error(request, f"{len(result.errors) - MOST_SHOWN} more errors are not shown.")
    return redirect("rule_list")
