"""The WSGI application that granian serves."""

import multiprocessing
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
# Behind a proxy every caller has the proxy's address: only one that is trusted may say who really calls.
application = wrap_wsgi_with_proxy_headers(get_wsgi_application(), trusted_hosts=settings.TRUSTED_PROXIES)

from carbonseed.checks import refuse_unsafe_settings  # noqa: E402 needs the apps
from carbonseed.runtime import heartbeat  # noqa: E402 needs the apps
from carbonseed.runtime.rate_limit_wsgi import rate_limited  # noqa: E402 needs the apps
from carbonseed.runtime.slow_client_watchdog import with_watchdog  # noqa: E402 needs the settings

application = with_watchdog(rate_limited(application))

refuse_unsafe_settings()
if multiprocessing.current_process().name == "granian-worker":  # only a process that serves requests has a heartbeat
    heartbeat.start()
