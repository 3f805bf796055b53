"""Every list of the admin opens, searches, filters and opens its rows: no address of it ends in a server error."""

from urllib.parse import parse_qsl

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.urls import reverse

from carbonseed.tests.world import build_full_world

APPS = sorted({model._meta.app_label for model in admin.site._registry})
NONSENSE = ("x", "9" * 40)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def rows(steel_forge, asha, now):
    """A row of every model the admin lists."""
    build_full_world(steel_forge, asha, now)
    login = {"username": asha.email, "ip_address": "192.0.2.1", "path_info": "/login/"}
    AccessAttempt.objects.create(**login, failures_since_start=3)
    AccessFailureLog.objects.create(**login)
    AccessLog.objects.create(**login)


@pytest.fixture
def browser(page, admin_user):
    client = page(admin_user)
    client.raise_request_exception = False
    return client


def searches(changelist):
    """The queries that search, filter and narrow by date a list."""
    yield {"q": "x"}
    yield filtered(changelist)
    if day := changelist.date_hierarchy:
        yield {f"{day}__year": "2025", f"{day}__month": "1", f"{day}__day": "16"}


def filtered(changelist):
    """Every filter at once, with the last value it offers."""
    offered = [list(spec.choices(changelist)) for spec in changelist.filter_specs]
    queries = [choices[-1]["query_string"] for choices in offered if choices]
    return {name: value for query in queries for name, value in parse_qsl(query.lstrip("?"))}


def nonsense(changelist):
    """Values that no filter offers, for filters of their own class: Django checks those of its own."""
    for spec in changelist.filter_specs:
        if isinstance(spec, admin.SimpleListFilter):
            yield from ({spec.parameter_name: value} for value in NONSENSE)


def not_answered(browser, model):
    """(address, query, status) of what a list and the page of its first row do not answer."""
    url = address(model, "changelist")
    page = browser.get(url)
    if page.status_code != 200:
        return [(url, {}, page.status_code)]
    changelist = page.context["cl"]
    row = address(model, "change", model._default_manager.values_list("pk", flat=True).first())
    asked = [
        (row, {}, [200]),
        *((url, query, [200]) for query in searches(changelist)),
        *((url, query, [200, 302]) for query in nonsense(changelist)),  # 302: to the list with a warning
    ]
    statuses = [browser.get(url, query).status_code for url, query, _ in asked]
    return [
        (url, query, status) for (url, query, right), status in zip(asked, statuses, strict=True) if status not in right
    ]


@pytest.mark.parametrize("app", APPS)
def test_every_list_searches_filters_and_opens(browser, rows, app):
    models = [model for model in admin.site._registry if model._meta.app_label == app]
    assert [model.__name__ for model in models if not model._default_manager.exists()] == []
    assert [failure for model in models for failure in not_answered(browser, model)] == []
