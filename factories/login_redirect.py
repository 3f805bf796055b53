"""Which page a person lands on after logging in."""

from django.urls import NoReverseMatch, reverse

from factories.roles import Right, roles_with


def login_redirect_url(user):
    """The overview, or the reports for those who may read nothing else (auditors)."""
    may_see_overview = user.is_superuser or user.memberships.valid().filter(role__in=roles_with(Right.SEE)).exists()
    reads_reports_only = not may_see_overview and user.memberships.valid().exists()
    try:
        return reverse("report_list" if reads_reports_only else "overview")
    except NoReverseMatch:
        return "/dashboard/"
