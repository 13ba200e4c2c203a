from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("letters.public.urls")),
]

handler404 = "letters.public.views.not_found"
handler500 = "letters.public.views.server_error"
