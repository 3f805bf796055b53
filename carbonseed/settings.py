"""Every setting of Carbonseed, from the environment (see `.env.example`). Works straight after a clone."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from carbonseed import schedule

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VERSION = "0.2.0"

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# development: a clone on a desk. demo: the same with sample factories. production: refuses every unsafe default.
MODE = env.str("CARBONSEED_MODE", "development")
if MODE not in ("development", "demo", "production"):
    raise ImproperlyConfigured(f"CARBONSEED_MODE is {MODE!r}; it must be development, demo or production.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"

INSECURE_SECRET_KEY = "insecure-key-of-a-clone-on-a-desk-never-for-production"
SECRET_KEY = env.str("SECRET_KEY", "") or INSECURE_SECRET_KEY  # production refuses it (carbonseed/checks.py)
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or ([] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "core",
    "factories",
    "devices",
    "telemetry",
    "alerts",
    "registers",
    "reports",
    "carbonseed",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "auditlog",
    "axes",
    "corsheaders",
    "csp",
]

MIDDLEWARE = [
    "carbonseed.runtime.monitoring.RequestMetricsMiddleware",
    "carbonseed.runtime.error_responses.MethodNotAllowedMiddleware",
    "carbonseed.runtime.health.HealthProbeMiddleware",
    "carbonseed.runtime.ingest_fast_path.IngestFastPathMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "factories.middleware.ActorMiddleware",
    "factories.middleware.FactoryTimeZoneMiddleware",
    "axes.middleware.AxesMiddleware",
    "factories.middleware.UniqueViolationMiddleware",
    "carbonseed.runtime.health.DatabaseUnavailableMiddleware",
]

ROOT_URLCONF = "carbonseed.urls"
APPEND_SLASH = False
CSRF_FAILURE_VIEW = "carbonseed.runtime.error_responses.csrf_failure"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "carbonseed.dashboard.context_processors.base",
            ],
            "builtins": ["core.templatetags.number_filters", "core.templatetags.date_filters"],
        },
    },
]
WSGI_APPLICATION = "carbonseed.wsgi.application"

# Without DATABASE_URL the embedded PostgreSQL in var/ serves; carbonseed.runtime.postgres knows where its socket is.
if env.str("DATABASE_URL", ""):
    DATABASES = {"default": env.db("DATABASE_URL")}
    # libpq's way to name a Unix socket: postgres://user@%2Frun%2Fpostgresql/name
    DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])
else:
    from carbonseed.runtime.postgres import embedded_settings

    DATABASES = {"default": embedded_settings(VAR_DIR)}
DATABASES["default"].update(
    {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.str("TEST_DATABASE_NAME", "test_carbonseed")},
    }
)
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.cache_url_config(env.str("CACHE_URL", "") or "locmemcache://")}

AUTH_USER_MODEL = "factories.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "landing"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 8)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCKOUT_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_USERNAME_CALLABLE = "factories.lockout.lowercase_email"
AXES_LOCKOUT_CALLABLE = "factories.lockout.lockout_response"
AXES_VERBOSE = False

LANGUAGE_CODE = "en-in"
TIME_ZONE = "Asia/Kolkata"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True

AUDITLOG_USE_FK_STRING_REPRESENTATION = True  # the history names what a row points to, not its number

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "carbonseed.runtime.static_files.ManifestStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.json_parser.CleanJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "core.pagination.PagedOnRequest",
    "EXCEPTION_HANDLER": "factories.permissions.api_exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": False,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("JWT_ACCESS_MINUTES", 60)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("JWT_REFRESH_DAYS", 7)),
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends every token
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Carbonseed API",
    "VERSION": VERSION,
    "DESCRIPTION": "Devices send readings to /ingest with their key; people use a JWT from /auth/login.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "SeverityEnum": "alerts.models.Severity",
        "AlertStatusEnum": "alerts.models.Alert.Status",
        "ReportStatusEnum": "reports.models.Report.Status",
        "UnitEnum": "registers.models.unit.QuantityUnit",
        "PerEnum": "registers.models.unit.Per",
        "ResultUnitEnum": "registers.models.emissions.ResultUnit",
        "QuarantineReasonEnum": "telemetry.models.QuarantineItem.Reason",
        "KindEnum": "alerts.models.RuleKind",
        "CounterEnum": "telemetry.models.DoubtfulStep.Metric",
        "UnitDoubtKindEnum": "telemetry.models.UnitDoubt.Kind",
        "DayFileStateEnum": "telemetry.models.DayFile.State",
        "UnitDoubtStateEnum": "telemetry.models.UnitDoubt.State",
        "ChannelKindEnum": "alerts.models.Channel.Kind",
        "BulkStatusEnum": "devices.api.serializers.BULK_STATUSES",
        "RoleEnum": "factories.api.serializers.accounts.ANY_ROLE",
    },
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # the tests look at the schema; its hints say nothing about a deployment
}

CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$", r"^ingest/?$"]  # plain-HTTP sketches on the LAN
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# What seals the credentials of messaging services and webhooks; the first seals, all of them open.
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[]) or ([] if PRODUCTION else [SECRET_KEY])
WEBHOOKS_REACH_PRIVATE = env.bool("WEBHOOKS_REACH_PRIVATE", False)
# A model elsewhere that looks at quarter hours; without a URL there is none (telemetry/analytics/detectors/hosted.py).
HOSTED_DETECTOR_URL = env.str("HOSTED_DETECTOR_URL", "")
HOSTED_DETECTOR_KEY = env.str("HOSTED_DETECTOR_KEY", "")
HOSTED_DETECTOR_SECONDS = env.float("HOSTED_DETECTOR_SECONDS", 10.0)
EMAIL_URL_IS_SET = bool(env.str("EMAIL_URL", ""))
vars().update(env.email_url_config(env.str("EMAIL_URL", "") or "consolemail://"))
if DEMO and not EMAIL_URL_IS_SET:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Carbonseed <alerts@localhost>")

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "") or "filesystem://"
if CELERY_BROKER_URL.startswith("filesystem://"):
    BROKER_DIR = Path(CELERY_BROKER_URL.removeprefix("filesystem://") or VAR_DIR / "broker")
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.3,  # seconds
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ROUTES = schedule.ROUTES
DIGEST_SECONDS = env.float("DIGEST_SECONDS", 3.0)
CELERY_BEAT_SCHEDULE = schedule.beat(DIGEST_SECONDS)

# 0 means: a worker per core, and as many threads as the database has connections for.
WEB_WORKERS = env.int("WEB_WORKERS", 0)
WEB_THREADS = env.int("WEB_THREADS", 0)
WEB_STALL_SECONDS = env.float("WEB_STALL_SECONDS", 20.0)  # see carbonseed/runtime/slow_client_watchdog.py

# How much one ingest request may carry and how fast a device may send (see docs/operators.md).
INGEST_MAX_BYTES = env.int("INGEST_MAX_BYTES", 1024 * 1024)
INGEST_MAX_READINGS = env.int("INGEST_MAX_READINGS", 5_000)
INGEST_DEVICE_RATE = env.float("INGEST_DEVICE_RATE", 5.0)  # readings a second
INGEST_DEVICE_BURST = env.int("INGEST_DEVICE_BURST", 600)  # readings
INGEST_BACKFILL_RATE = env.float("INGEST_BACKFILL_RATE", INGEST_DEVICE_RATE)  # the same for readings of the past
INGEST_BACKFILL_BURST = env.int("INGEST_BACKFILL_BURST", INGEST_DEVICE_BURST)
INGEST_LIVE_MINUTES = env.float("INGEST_LIVE_MINUTES", 15.0)  # what was measured earlier is backfill
INGEST_FACTORY_RATE = env.float("INGEST_FACTORY_RATE", 0.0)  # readings a second; 0 is off
INGEST_STRANGER_RATE = env.float("INGEST_STRANGER_RATE", 1.0)  # refused keys a second per address
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 64 * 1024 * 1024)  # of a day file, as it is uploaded
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_BYTES", 10 * 1024 * 1024)  # of a document behind a register's row
RETENTION_MONTHS = env.int("RETENTION_MONTHS", 72)
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "devices.log_redaction.RedactedFormatter",
            "format": "%(levelname)s %(name)s %(message)s",
        },
        "json": {
            "()": "devices.log_redaction.RedactedJsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if PRODUCTION else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},  # runserver's access log
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "kombu.connection": {"level": "ERROR"},  # it misses a host name in filesystem://
    },
}
