"""URLs of accounts, teams and factories: pages and API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from factories.api.accounts import AccountViewSet, TokenViewSet, UserViewSet
from factories.api.factories import FactoryViewSet
from factories.api.factory_settings import HolidayViewSet, ShiftViewSet, TariffViewSet
from factories.api.memberships import MembershipViewSet
from factories.views import audit_log, invitations, profile, session
from factories.views import settings as settings_pages
from factories.views import tariffs as tariff_pages
from factories.views import team as team_pages

router = SimpleRouter(trailing_slash=False)
router.register("auth", TokenViewSet, basename="api_token")
router.register("auth", AccountViewSet, basename="api_account")
router.register("auth/users", UserViewSet, basename="api_user")
router.register("factories", FactoryViewSet, basename="api_factory")
router.register("memberships", MembershipViewSet, basename="api_membership")
router.register("tariffs", TariffViewSet, basename="api_tariff")
router.register("shifts", ShiftViewSet, basename="api_shift")
router.register("holidays", HolidayViewSet, basename="api_holiday")

urlpatterns = [
    # Accounts: pages
    path("login/", session.Login.as_view(), name="login"),
    path("logout/", session.Logout.as_view(), name="logout"),
    path("password/reset/", session.ResetPassword.as_view(), name="password_reset"),
    path("password/reset/sent/", session.ResetSent.as_view(), name="password_reset_done"),
    path("password/reset/<uidb64>/<token>/", session.NewPassword.as_view(), name="password_reset_confirm"),
    path("password/reset/done/", session.ResetDone.as_view(), name="password_reset_complete"),
    path("invitations/<str:token>/", invitations.invitation, name="accept_invitation"),
    path("dashboard/profile/", profile.profile, name="profile"),
    path("dashboard/team/", team_pages.team, name="team"),
    path("dashboard/team/<int:pk>/role/", team_pages.member_role, name="member_role"),
    path("dashboard/team/<int:pk>/remove/", team_pages.member_remove, name="member_remove"),
    path("dashboard/invitations/<int:pk>/resend/", team_pages.invitation_resend, name="invitation_resend"),
    path("dashboard/invitations/<int:pk>/withdraw/", team_pages.invitation_withdraw, name="invitation_withdraw"),
    # The factory: pages
    path("dashboard/factory/", settings_pages.factory_settings, name="factory_settings"),
    path("dashboard/factory/logo/remove/", settings_pages.logo_remove, name="logo_remove"),
    path("dashboard/factories/<int:pk>/logo/", settings_pages.factory_logo, name="factory_logo"),
    path("dashboard/tariffs/", tariff_pages.tariff_list, name="tariff_list"),
    path("dashboard/tariffs/<int:pk>/", tariff_pages.tariff_edit, name="tariff_edit"),
    path("dashboard/tariffs/<int:pk>/remove/", tariff_pages.tariff_remove, name="tariff_remove"),
    path("dashboard/shifts/<int:pk>/", settings_pages.shift_edit, name="shift_edit"),
    path("dashboard/shifts/<int:pk>/remove/", settings_pages.shift_remove, name="shift_remove"),
    path("dashboard/holidays/<int:pk>/remove/", settings_pages.holiday_remove, name="holiday_remove"),
    path("dashboard/history/", audit_log.history, name="history"),
    # API
    *router.urls,
]
