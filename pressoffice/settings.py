"""All settings, from the environment. Every name read here is described in docs/settings.md."""

import os
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
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
    raise ImproperlyConfigured("Set PRESSOFFICE_SECRET_KEY to a long random text.")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

HTTPS = env_flag("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if header := env("PROXY_HTTPS_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + header.upper().replace("-", "_"), "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

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
LOCALE_PATHS = [BASE_DIR / "letters" / "locale"]
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["pressoffice.formats"]
TIME_ZONE = env("TIME_ZONE", "UTC")

PRESSOFFICE_THREE_PEOPLE = env_flag("THREE_PEOPLE", default=False)

# --- Django -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "letters.apps.LettersConfig",
    "letters.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "tinymce",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "pressoffice.urls"
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
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

DATA = Path(env("DATA", str(BASE_DIR)))
if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}
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

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(BASE_DIR / "media")))
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
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
    "toolbar": "undo redo | blocks | bold italic superscript | bullist numlist blockquote"
    " | link | ltr rtl | removeformat",
    "block_formats": "Paragraph=p; Heading=h2; Subheading=h3",
    "valid_elements": "p[dir|lang],h2,h3,strong/b,em/i,sup,sub,br,blockquote[lang|dir],ul,ol,li,"
    "a[href|lang],span[lang|dir]",
    "convert_urls": False,
    "entity_encoding": "raw",
    "height": 480,
    "width": "100%",
}
TINYMCE_COMPRESSOR = False
