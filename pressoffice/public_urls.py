"""All addresses of a site without the desk."""

from django.urls import include, path

from pressoffice import metrics

urlpatterns = [
    path("metrics", metrics.page, name="metrics"),
    path("", include("letters.public.urls")),
]

handler404 = "letters.public.views.not_found"
handler500 = "letters.public.views.server_error"
