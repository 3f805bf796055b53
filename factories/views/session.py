"""Log-in, log-out and password reset by e-mail."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.urls import reverse_lazy

from factories.login_redirect import login_redirect_url


class Login(auth.LoginView):
    redirect_authenticated_user = True

    def get_default_redirect_url(self):
        return login_redirect_url(self.request.user)


class Logout(auth.LogoutView):
    """By POST only, so that a foreign link cannot log a user out."""


class ResetPassword(auth.PasswordResetView):
    """The link is built from SITE_URL, never from the request's Host header, which can be forged."""

    email_template_name = "mail/password_reset.txt"
    subject_template_name = "mail/password_reset_subject.txt"
    success_url = reverse_lazy("password_reset_done")
    extra_email_context = {"site_url": settings.SITE_URL}


class ResetSent(auth.PasswordResetDoneView):
    pass


class NewPassword(auth.PasswordResetConfirmView):
    success_url = reverse_lazy("password_reset_complete")


class ResetDone(auth.PasswordResetCompleteView):
    pass
