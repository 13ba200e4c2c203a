"""All settings, from the environment. Every name read here is described in docs/settings.md."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """The setting, or what is in the file that the setting with `_FILE` after its name names."""
    if path := os.environ.get(f"PRESSOFFICE_{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"PRESSOFFICE_{name}_FILE cannot be read: {error}") from None
    return os.environ.get(f"PRESSOFFICE_{name}", default).strip()


def env_flag(name: str, default: bool) -> bool:
    value = env(name, "1" if default else "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"PRESSOFFICE_{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


# --- Safety -----------------------------------------------------------------------------------

DEBUG = env_flag("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY") or ("a key for trying things out, never for a server" * DEBUG)
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set PRESSOFFICE_SECRET_KEY to a long random text, or PRESSOFFICE_SECRET_KEY_FILE to a file"
        " that holds one."
    )
# What an older key sealed can still be read: links in mails, sessions, second factors.
SECRET_KEY_FALLBACKS = env_list("OLD_SECRET_KEYS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

HTTPS = env_flag("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# What it says of other names under this one is theirs to decide, and cannot be taken back soon.
HSTS = env("HSTS", "site")
if HSTS not in ("site", "subdomains", "preload"):
    raise ImproperlyConfigured(f"PRESSOFFICE_HSTS: {HSTS!r} is not site, subdomains or preload.")
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and HSTS != "site"
SECURE_HSTS_PRELOAD = HTTPS and HSTS == "preload"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
if header := env("PROXY_HTTPS_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + header.upper().replace("-", "_"), "https")
ALLAUTH_TRUSTED_CLIENT_IP_HEADER = env("PROXY_ADDRESS_HEADER") or None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "pressoffice.kept.from_an_old_page"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000  # a list of 300 recipients has six fields for each

# --- The office -------------------------------------------------------------------------------

# Names of languages are in the language itself: a reader looks for their own.
LANGUAGE_NAMES = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "ru": "Русский",
    "az": "Azərbaycanca",
    "ar": "العربية",
}
LANGUAGES = []
for code in env_list("LANGUAGES", "en,fr,ar"):
    if code not in LANGUAGE_NAMES:
        known = ", ".join(LANGUAGE_NAMES)
        raise ImproperlyConfigured(f"PRESSOFFICE_LANGUAGES: {code!r} is not one of {known}.")
    LANGUAGES.append((code, LANGUAGE_NAMES[code]))
if not LANGUAGES:
    raise ImproperlyConfigured("PRESSOFFICE_LANGUAGES must name at least one language.")
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [BASE_DIR / "letters" / "locale", BASE_DIR / "pressoffice" / "cldr" / "locale"]
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["pressoffice.formats"]
TIME_ZONE = env("TIME_ZONE", "UTC")
# In which the moment of a publication is shown too, for readers elsewhere.
PRESSOFFICE_MORE_TIME_ZONES = env_list("MORE_TIME_ZONES", "UTC,America/New_York")
for zone in (TIME_ZONE, *PRESSOFFICE_MORE_TIME_ZONES):
    if zone not in available_timezones():
        raise ImproperlyConfigured(f"{zone!r} is not a time zone, such as Asia/Baku.")

PRESSOFFICE_THREE_PEOPLE = env_flag("THREE_PEOPLE", default=False)
# Links in mails cannot know by which name a reader reaches the site.
_host = (ALLOWED_HOSTS or ["localhost"])[0].removeprefix(".")
_default_url = f"https://{_host}" if HTTPS else f"http://{_host}:{os.environ.get('PORT', '8000')}"
PRESSOFFICE_SECURITY_CONTACT = env("SECURITY_CONTACT", f"mailto:security@{_host}")
PRESSOFFICE_SITE_URL = env("SITE_URL", _default_url).rstrip("/")

# --- Django -----------------------------------------------------------------------------------

# 0: the public site only, for a database role that can read nothing else.
PRESSOFFICE_DESK = env_flag("DESK", default=True)
INSTALLED_APPS = [
    "letters.apps.LettersConfig",
    "letters.apps.DeskConfig",
    "pressoffice.apps.HostConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_countries",  # for the names of countries in each language
    "tinymce",
]
MIDDLEWARE = [
    "pressoffice.seeing.each_request",
    "pressoffice.middleware.mistakes_are_not_kept",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "pressoffice.outage.at_once",
    "letters.public.caching.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pressoffice.kept.kept_posts",
    "pressoffice.signing_in.second_factor_required",
]
ROOT_URLCONF = "pressoffice.urls" if PRESSOFFICE_DESK else "pressoffice.public_urls"
WSGI_APPLICATION = "pressoffice.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pressoffice.signing_in.of_the_desk",
            ]
        },
    }
]
if not PRESSOFFICE_DESK:
    FOR_STAFF = (
        *("letters.apps.DeskConfig", "allauth", "tinymce"),
        *("django.contrib.sessions", "django.contrib.messages", "django.contrib.auth."),
        *("django.middleware.csrf.CsrfViewMiddleware", "pressoffice.signing_in"),
        "pressoffice.kept",
    )
    processors: Any = TEMPLATES[0]["OPTIONS"]
    for names in (INSTALLED_APPS, MIDDLEWARE, processors["context_processors"]):
        names[:] = [name for name in names if not name.startswith(FOR_STAFF)]
DATA = Path(env("DATA", str(BASE_DIR)))


def database(name: str) -> Any:
    """What an address says of a database; one that is not read as it was meant is refused."""
    address = os.environ[name]
    try:
        found: Any = dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True)
        is_whole = bool(found.get("NAME")) and "#" not in address
    except ValueError:  # its words may hold the password
        is_whole = False
    if not is_whole:
        raise ImproperlyConfigured(
            f"{name} cannot be read: it must be like postgres://user@host/name. Put the password"
            " into PRESSOFFICE_DATABASE_PASSWORD, where it may hold any sign, or write signs like"
            " # % / @ [ ] as %23 %25 %2F %40 %5B %5D."
        ) from None
    found.setdefault("OPTIONS", {})
    if found["ENGINE"] == "django.db.backends.postgresql":
        # Pages are many small questions: compiling one takes ten times as long as answering it,
        # and what an index names is read as quickly as what stands in a row.
        found["OPTIONS"].setdefault("options", "-c jit=off -c random_page_cost=1.1")
    return found


if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": database("DATABASE_URL")}
    if password := env("DATABASE_PASSWORD"):
        DATABASES["default"]["PASSWORD"] = password
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        # One that is not there is soon known not to be.
        DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
    if os.environ.get("REPLICA_DATABASE_URL"):
        DATABASES["replica"] = database("REPLICA_DATABASE_URL")
        DATABASES["replica"]["OPTIONS"].setdefault("connect_timeout", 1)
        DATABASE_ROUTERS = ["pressoffice.replica.Router"]
        # Inside of what tells visitors at once that a database is gone: the primary may answer.
        inside = MIDDLEWARE.index("pressoffice.outage.at_once") + 1
        MIDDLEWARE.insert(inside, "pressoffice.replica.for_the_public")
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA / "db.sqlite3"),
            # A reader never waits for a writer (WAL); writers queue for up to 20 s, and take
            # their place at the start (IMMEDIATE), so that none fails half-way as busy.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }

# A file that grows when copies of pages must not be shown again (letters/caches.py).
PRESSOFFICE_CACHE_MARK = env("CACHE_MARK")
# Shared by every process that answers: attempts to sign in are counted in it.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# The key that signs publications: a file in this folder, or, where that suits better, a secret.
PRESSOFFICE_KEYS = Path(env("KEYS", str(DATA / "keys")))
PRESSOFFICE_SIGNING_KEY = env("SIGNING_KEY")
# Whose private key opens the keys in a backup.
PRESSOFFICE_BACKUP_CERTIFICATE = env("BACKUP_CERTIFICATE")

MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(BASE_DIR / "media")))
WHITENOISE_USE_FINDERS = DEBUG
# Where files are instead, for several machines to share them.
PRESSOFFICE_S3_BUCKET, _endpoint = env("S3_BUCKET"), env("S3_ENDPOINT")
if PRESSOFFICE_S3_BUCKET and not PRESSOFFICE_DESK:
    raise ImproperlyConfigured(
        "PRESSOFFICE_S3_BUCKET and PRESSOFFICE_DESK=0 do not go together: in the bucket are the"
        " files of letters to come."
    )
if PRESSOFFICE_S3_BUCKET and not find_spec("storages"):
    raise ImproperlyConfigured(
        "PRESSOFFICE_S3_BUCKET is set, and the package django-storages[s3] is not installed."
    )
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "pressoffice.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": PRESSOFFICE_S3_BUCKET,
            "endpoint_url": _endpoint or None,
            "region_name": env("S3_REGION") or None,
            "access_key": env("S3_ACCESS_KEY") or None,
            "secret_key": env("S3_SECRET_KEY") or None,
        },
    }
    if PRESSOFFICE_S3_BUCKET
    # Who comes second writes the same.
    else {"BACKEND": "letters.files.Disk", "OPTIONS": {"allow_overwrite": True}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Seeing what goes on ------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "pressoffice.logs.JSONLines"}, "plain": {}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if DEBUG else "lines",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Each step of each PDF is of no use in the log.
        **{name: {"level": "WARNING"} for name in ("pikepdf", "weasyprint", "fontTools")},
        # Of a page that is not there, and of any other, there is a line from here…
        "django.request": {"level": "ERROR"},
        # …but when developing, from the server that is used then.
        "pressoffice.seeing": {"level": "WARNING" if DEBUG else "INFO"},
    },
}
PRESSOFFICE_METRICS_TOKEN = env("METRICS_TOKEN")
PRESSOFFICE_PROXY_STATUS = env("PROXY_STATUS")
# Where the worker looks whether a letter is shown, and whom it tells what caches are to drop.
PRESSOFFICE_SEEN_AT = env("SEEN_AT", PRESSOFFICE_SITE_URL if HTTPS else "").rstrip("/")
PRESSOFFICE_PURGE_URL, PRESSOFFICE_PURGE_TOKEN = env("PURGE_URL"), env("PURGE_TOKEN")
for name, url in (
    ("SEEN_AT", PRESSOFFICE_SEEN_AT),
    ("PURGE_URL", PRESSOFFICE_PURGE_URL),
    ("S3_ENDPOINT", _endpoint),
    ("PROXY_STATUS", PRESSOFFICE_PROXY_STATUS),
):
    if url and not url.startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"PRESSOFFICE_{name} must begin with http:// or https://.")
if dsn := env("SENTRY_DSN"):
    from pressoffice import sentry

    sentry.start(dsn)


# --- Signing in -------------------------------------------------------------------------------

PRESSOFFICE_REQUIRE_MFA = env_flag("REQUIRE_MFA", default=True)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "pressoffice.signing_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "email*",
    "password1*",
]  # nobody signs up: a check asks for it
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Of one account: 5 wrong passwords or codes in 5 minutes. The rest is for one address.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key"}
MFA_ADAPTER = "pressoffice.signing_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator typed the address
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# --- Mail -------------------------------------------------------------------------------------

MAIL_SERVER, _, _port = env("MAIL_SERVER").partition(":")
MAIL_TLS = env("MAIL_TLS", "starttls")
if MAIL_TLS not in ("starttls", "ssl", "none"):
    raise ImproperlyConfigured(f"PRESSOFFICE_MAIL_TLS: {MAIL_TLS!r} is not starttls, ssl or none.")
if _port and not _port.isdecimal():
    raise ImproperlyConfigured(f"PRESSOFFICE_MAIL_SERVER: {_port!r} is not a port.")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", f"press-office@{_host}")
MAILERS: dict[str, dict[str, Any]] = {
    # Without a server a mail fails, and is seen to fail; when developing, the terminal shows it.
    "default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if DEBUG and not MAIL_SERVER
    else {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": MAIL_SERVER or "localhost",
            "port": int(_port or {"starttls": 587, "ssl": 465, "none": 25}[MAIL_TLS]),
            "username": env("MAIL_USER"),
            "password": env("MAIL_PASSWORD"),
            "use_tls": MAIL_TLS == "starttls",
            "use_ssl": MAIL_TLS == "ssl",
            "timeout": 10,
        },
    }
}

# --- The editor of texts: the small set of blocks that letters/markup.py lets through -------------

TINYMCE_DEFAULT_CONFIG = {
    "license_key": "gpl",
    "promotion": False,
    "branding": False,
    "menubar": False,
    "statusbar": True,
    "elementpath": False,
    "browser_spellcheck": True,
    "contextmenu": False,
    "plugins": "lists link wordcount directionality",
    "toolbar": "undo redo | blocks | bold italic superscript subscript | bullist numlist blockquote"
    " | link | ltr rtl | removeformat",
    "toolbar_mode": "sliding",
    "block_formats": "Paragraph=p; Heading=h2; Subheading=h3",
    "valid_elements": "p[dir|lang],h2[dir|lang],h3[dir|lang],strong/b,em/i,sup,sub,br,"
    "blockquote[lang|dir],ul,ol,li,a[href|lang|dir],span[lang|dir]",
    # What is typed in front of a line makes a list at most: other signs are kept as typed.
    "text_patterns": [
        {"start": "* ", "cmd": "InsertUnorderedList"},
        {"start": "1. ", "cmd": "InsertOrderedList"},
    ],
    # What is copied elsewhere is put right on the server (static/draft.js); this is without it.
    "paste_data_images": False,
    "link_title": False,
    "link_target_list": False,
    "link_default_protocol": "https",
    "convert_urls": False,
    "indent": False,
    "entity_encoding": "raw",
    "height": 480,
    "min_height": 240,
    "width": "100%",
}
TINYMCE_COMPRESSOR = False
