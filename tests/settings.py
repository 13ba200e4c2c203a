"""Settings of the suite: those of a server, but for HTTPS and the hashed names of static files."""

import os

os.environ |= {
    "PRESSOFFICE_DEBUG": "0",
    "PRESSOFFICE_SECRET_KEY": "the secret key of the tests, which nothing else uses",
    "PRESSOFFICE_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "PRESSOFFICE_HTTPS": "0",
    "PRESSOFFICE_SITE_URL": "http://testserver",
    "PRESSOFFICE_LANGUAGES": "en,fr,es,ru,az,ar",
    "PRESSOFFICE_TIME_ZONE": "UTC",
    "PRESSOFFICE_THREE_PEOPLE": "0",
    "PRESSOFFICE_REQUIRE_MFA": "0",
}

from pressoffice.settings import *  # noqa: E402, F403
from pressoffice.settings import STORAGES  # noqa: E402

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected: files are served from where they are.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
# Found when asked for; otherwise all are listed for every new test client.
WHITENOISE_AUTOREFRESH = True
# A server takes a third of a second over each password, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
