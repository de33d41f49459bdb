"""The Django application."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "mlplatform_site"
    verbose_name = "ML Platform"

    def ready(self) -> None:
        """Register the system checks."""
        from mlplatform_site import checks  # noqa: F401, PLC0415
