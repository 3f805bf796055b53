"""The what-if page: calculate an input, look at figures, trace and findings, keep it or throw it away."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from factories.permissions import current_factory, look_at, page, row_or_404
from factories.roles import Right
from reports.calculator import examples
from reports.calculator.outcome import work_out
from reports.forms.calculator import ExampleForm, WhatIfForm
from reports.models.scenarios import MOST_KEPT, WhatIf

PAGE_SIZE = 25
UNTITLED = "Without a title"


@require_http_methods(["GET", "POST"])
@page(Right.READ_REPORTS)
def what_if(request):
    """GET offers a blank input, or an example by `?example=`; POST calculates, and with `deed=keep` keeps."""
    factory = current_factory(request)
    if factory is None:
        raise Http404
    if request.method == "GET":
        return show(request, factory, *started(request))
    form = WhatIfForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, factory, form, status=422)
    scheme, text = form.cleaned_data["scheme"], form.cleaned_data["text"]
    outcome = work_out(scheme, text)
    form = WhatIfForm(initial={"scheme": scheme, "text": text})  # an uploaded file stands in the field, to be changed
    if outcome.faults or request.POST.get("deed") != "keep":
        return show(request, factory, form, outcome, status=422 if outcome.faults else 200)
    return keep(request, factory, form, outcome)


def started(request):
    """The form, and the outcome of an example that was asked for."""
    chosen = ExampleForm(request.GET)
    if not chosen.is_valid():
        return (WhatIfForm(),)
    name = chosen.cleaned_data["example"]
    scheme, text = examples.offered()[name][0], examples.text_of(name)
    return WhatIfForm(initial={"scheme": scheme, "text": text}), work_out(scheme, text)


def keep(request, factory, form, outcome):
    if not request.user.may(Right.ENTER_REGISTERS, factory):
        raise PermissionDenied(f"Your role in {factory} does not include keeping a what-if.")
    if WhatIf.objects.for_factory(factory).count() >= MOST_KEPT:
        messages.error(request, f"{MOST_KEPT} what-ifs are kept already: throw one away first.")
        return show(request, factory, form, outcome, status=409)
    kept = WhatIf.objects.create(
        factory=factory,
        scheme=form.initial["scheme"],
        title=outcome.title or UNTITLED,
        text=form.initial["text"],
        created_by=request.user,
    )
    messages.success(request, f"{kept} is kept.")
    return redirect("what_if_kept", kept.pk)


def show(request, factory, form, outcome=None, status=200, kept=None):
    rows = WhatIf.objects.for_user(request.user).for_factory(factory).defer("text").select_related("created_by")
    context = {
        "form": form,
        "outcome": outcome,
        "kept": kept,
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "examples": examples.offered(),
        "may_keep": request.user.may(Right.ENTER_REGISTERS, factory),
    }
    return render(request, "reports/what_if.html", context, status=status)


@require_GET
@page(Right.READ_REPORTS)
def what_if_kept(request, pk):
    """A kept one, worked out with today's rules and factors: it is no report, nothing of it is frozen."""
    kept = kept_or_404(request, pk, Right.READ_REPORTS)
    form = WhatIfForm(initial={"scheme": kept.scheme, "text": kept.text})
    return show(request, kept.factory, form, work_out(kept.scheme, kept.text), kept=kept)


@require_http_methods(["GET", "POST"])
@page(Right.READ_REPORTS)
def what_if_remove(request, pk):
    kept = kept_or_404(request, pk, Right.ENTER_REGISTERS)
    if request.method == "GET":
        return render(request, "reports/what_if_remove.html", {"kept": kept})
    kept.delete()
    messages.success(request, f"{kept} is thrown away.")
    return redirect("what_if")


def kept_or_404(request, pk, right):
    kept = row_or_404(WhatIf.objects.select_related("factory", "created_by"), request.user, pk, right)
    look_at(request, kept.factory)
    return kept
