"""System checks: production refuses to start on anything that is only fit for a desk."""

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from carbonseed.demo.personas import EMAILS

MIN_SECRET_CHARS = 32


@checks.register(checks.Tags.security)
def check_production_settings(app_configs, **kwargs):
    if not settings.PRODUCTION:
        return []
    problems = []
    if not is_strong_secret(settings.SECRET_KEY):
        text = f"SECRET_KEY is missing, shorter than {MIN_SECRET_CHARS} characters or the one of a fresh clone."
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(50))' makes one; keep it in .env."
        problems.append(checks.Error(text, hint=hint, id="carbonseed.E001"))
    if not all(is_strong_secret(key) for key in settings.CREDENTIAL_KEYS or [""]):
        text = f"CREDENTIAL_KEYS is missing, or one of them is shorter than {MIN_SECRET_CHARS} characters."
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(50))' makes one; not the SECRET_KEY."
        problems.append(checks.Error(text, hint=hint, id="carbonseed.E005"))
    if settings.DEBUG:
        text = "DEBUG is on: error pages would show settings and code to anyone."
        problems.append(checks.Error(text, hint="Set DEBUG=false or leave it out.", id="carbonseed.E002"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        text = "ALLOWED_HOSTS does not name this server's host names."
        problems.append(checks.Error(text, hint="ALLOWED_HOSTS=carbonseed.example.in", id="carbonseed.E003"))
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        text = "EMAIL_URL is missing: alerts, invitations and password resets are only written to the log."
        hint = "EMAIL_URL=smtp+tls://user:password@smtp.example.in:587; consolemail:// says that it is meant."
        problems += [] if settings.EMAIL_URL_IS_SET else [checks.Warning(text, hint=hint, id="carbonseed.W001")]
    return problems


@checks.register(checks.Tags.database)
def check_no_demo_users(app_configs, databases=None, **kwargs) -> list:
    """Their passwords stand in the README."""
    if not settings.PRODUCTION or not databases:
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT to_regclass('factories_user') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return []
            cursor.execute("SELECT email FROM factories_user WHERE is_active AND email = ANY(%s)", [EMAILS])
            present = [email for (email,) in cursor]
    except DatabaseError:  # a server that is away is the readiness check's matter
        return []
    if not present:
        return []
    text = f"The demo's users are in this database, and their passwords are public: {', '.join(sorted(present))}."
    return [checks.Error(text, hint="Use another database, or deactivate them.", id="carbonseed.E004")]


def is_strong_secret(secret):
    return len(secret) >= MIN_SECRET_CHARS and secret != settings.INSECURE_SECRET_KEY


def refuse_unsafe_settings() -> None:
    """For processes that run no checks of their own: raises in production when an error is found."""
    if settings.PRODUCTION:
        problems = check_production_settings(None) + check_no_demo_users(None, databases=["default"])
        if errors := [message for message in problems if message.is_serious()]:
            raise ImproperlyConfigured("; ".join(str(error) for error in errors))
