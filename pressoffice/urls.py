from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from pressoffice import kept, public_urls, signing_in
from pressoffice.public_urls import handler404, handler500

__all__ = ["handler404", "handler500", "urlpatterns"]

# Of allauth's pages those that are used. Nobody signs up, and administrators keep the addresses.
account_pages = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("kept/<str:key>/", admin.site.admin_view(kept.kept_post), name="kept_post"),
    path("", RedirectView.as_view(pattern_name="mfa_index")),
    path("<path:unused>", signing_in.no_such_page),
]

urlpatterns = [
    path("admin/login/", signing_in.sign_in),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/account/", include(account_pages)),
    path("admin/", admin.site.urls),
    *public_urls.urlpatterns,
]
