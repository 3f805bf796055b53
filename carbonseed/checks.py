"""System checks: production refuses to start on anything that is only fit for a desk."""

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from carbonseed.demo.personas import EMAILS

SHORTEST_SECRET = 32


@checks.register(checks.Tags.security)
def production_is_safe(app_configs, **kwargs):
    if not settings.PRODUCTION:
        return []
    found = []
    if not is_good_secret(settings.SECRET_KEY):
        text = f"SECRET_KEY is missing, shorter than {SHORTEST_SECRET} characters or the one of a fresh clone."
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(50))' makes one; keep it in .env."
        found.append(checks.Error(text, hint=hint, id="carbonseed.E001"))
    if not all(is_good_secret(key) for key in settings.CREDENTIAL_KEYS or [""]):
        text = f"CREDENTIAL_KEYS is missing, or one of them is shorter than {SHORTEST_SECRET} characters."
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(50))' makes one; not the SECRET_KEY."
        found.append(checks.Error(text, hint=hint, id="carbonseed.E005"))
    if settings.DEBUG:
        text = "DEBUG is on: error pages would show settings and code to anyone."
        found.append(checks.Error(text, hint="Set DEBUG=false or leave it out.", id="carbonseed.E002"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        text = "ALLOWED_HOSTS does not name this server's host names."
        found.append(checks.Error(text, hint="ALLOWED_HOSTS=carbonseed.example.in", id="carbonseed.E003"))
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        text = "EMAIL_URL is missing: alerts, invitations and password resets are only written to the log."
        hint = "EMAIL_URL=smtp+tls://user:password@smtp.example.in:587; consolemail:// says that it is meant."
        found += [] if settings.EMAIL_URL_IS_SET else [checks.Warning(text, hint=hint, id="carbonseed.W001")]
    return found


@checks.register(checks.Tags.database)
def production_has_no_demo_users(app_configs, databases=None, **kwargs):
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


def is_good_secret(secret):
    return len(secret) >= SHORTEST_SECRET and secret != settings.INSECURE_SECRET_KEY


def refuse_unsafe():
    """For processes that run no checks of their own: raises in production when an error is found."""
    if settings.PRODUCTION:
        found = production_is_safe(None) + production_has_no_demo_users(None, databases=["default"])
        if errors := [message for message in found if message.is_serious()]:
            raise ImproperlyConfigured("; ".join(str(error) for error in errors))
