"""The site's routes."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from mlplatform_site.health.views import livez, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/1/", include("features.urls")),
    path("api/1/", include("registry.api.urls")),  # the last: it answers what nobody else knows
    path("", include("features.root_urls")),
    path("", include("registry.mlflow_api.urls")),
    path("", include("analysis.urls")),
]

handler500 = "mlplatform_site.errors.failure"
