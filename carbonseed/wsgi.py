"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
application = get_wsgi_application()

from carbonseed.checks import refuse_unsafe  # noqa: E402 needs the apps

refuse_unsafe()
