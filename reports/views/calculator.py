"""The calculator page: calculate an input, show figures, trace and findings; save or delete scenarios."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right
from reports.calculator import examples
from reports.calculator.outcome import calculate
from reports.forms.calculator import ExampleForm, WhatIfForm
from reports.models.scenarios import MAX_SAVED, WhatIf

PAGE_SIZE = 25
UNTITLED = "Without a title"


@require_http_methods(["GET", "POST"])
@requires_right(Right.READ_REPORTS)
def what_if(request):
    """GET shows a blank input, or `?example=`; POST calculates, and with `deed=keep` saves."""
    factory = current_factory(request)
    if factory is None:
        raise Http404
    if request.method == "GET":
        return show(request, factory, *initial_form(request))
    form = WhatIfForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, factory, form, status=422)
    scheme, text = form.cleaned_data["scheme"], form.cleaned_data["text"]
    outcome = calculate(scheme, text)
    form = WhatIfForm(initial={"scheme": scheme, "text": text})  # shows an uploaded file as editable text
    if outcome.faults or request.POST.get("deed") != "keep":
        return show(request, factory, form, outcome, status=422 if outcome.faults else 200)
    return save_what_if(request, factory, form, outcome)


def initial_form(request) -> tuple:
    """The form and, of a requested example, its outcome."""
    example_form = ExampleForm(request.GET)
    if not example_form.is_valid():
        return (WhatIfForm(),)
    name = example_form.cleaned_data["example"]
    scheme, text = examples.available_examples()[name][0], examples.text_of(name)
    return WhatIfForm(initial={"scheme": scheme, "text": text}), calculate(scheme, text)


def save_what_if(request, factory, form, outcome) -> HttpResponse:
    if not request.user.may(Right.ENTER_REGISTERS, factory):
        raise PermissionDenied(f"Your role in {factory} does not include keeping a what-if.")
    if WhatIf.objects.for_factory(factory).count() >= MAX_SAVED:
        messages.error(request, f"{MAX_SAVED} what-ifs are kept already: throw one away first.")
        return show(request, factory, form, outcome, status=409)
    saved_what_if = WhatIf.objects.create(
        factory=factory,
        scheme=form.initial["scheme"],
        title=outcome.title or UNTITLED,
        text=form.initial["text"],
        created_by=request.user,
    )
    messages.success(request, f"{saved_what_if} is kept.")
    return redirect("what_if_kept", saved_what_if.pk)


def show(request, factory, form, outcome=None, status=200, saved_what_if=None) -> HttpResponse:
    rows = WhatIf.objects.for_user(request.user).for_factory(factory).defer("text").select_related("created_by")
    context = {
        "form": form,
        "outcome": outcome,
        "what_if": saved_what_if,
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "examples": examples.available_examples(),
        "may_keep": request.user.may(Right.ENTER_REGISTERS, factory),
    }
    return render(request, "reports/calculator.html", context, status=status)


@require_GET
@requires_right(Right.READ_REPORTS)
def what_if_kept(request, pk) -> HttpResponse:
    """A saved scenario, calculated with the current rules and factors; nothing of it is frozen."""
    saved_what_if = what_if_or_404(request, pk, Right.READ_REPORTS)
    form = WhatIfForm(initial={"scheme": saved_what_if.scheme, "text": saved_what_if.text})
    return show(
        request,
        saved_what_if.factory,
        form,
        calculate(saved_what_if.scheme, saved_what_if.text),
        saved_what_if=saved_what_if,
    )


@require_http_methods(["GET", "POST"])
@requires_right(Right.READ_REPORTS)
def what_if_remove(request, pk) -> HttpResponse:
    saved_what_if = what_if_or_404(request, pk, Right.ENTER_REGISTERS)
    if request.method == "GET":
        return render(request, "reports/calculator_remove.html", {"what_if": saved_what_if})
    saved_what_if.delete()
    messages.success(request, f"{saved_what_if} is thrown away.")
    return redirect("what_if")


def what_if_or_404(request, pk, right):
    saved_what_if = row_or_404(WhatIf.objects.select_related("factory", "created_by"), request.user, pk, right)
    set_current_factory(request, saved_what_if.factory)
    return saved_what_if
