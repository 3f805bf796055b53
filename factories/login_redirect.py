"""Redirect after log-in."""

from django.urls import NoReverseMatch, reverse

from factories.roles import Right, roles_with


def login_redirect_url(user) -> str:
    """The overview, or the reports for users with no other rights (auditors)."""
    may_see_overview = user.is_superuser or user.memberships.valid().filter(role__in=roles_with(Right.SEE)).exists()
    reads_reports_only = not may_see_overview and user.memberships.valid().exists()
    try:
        return reverse("report_list" if reads_reports_only else "overview")
    except NoReverseMatch:
        return "/dashboard/"
