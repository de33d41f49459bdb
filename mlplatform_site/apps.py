"""The Django application."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class SiteConfig(AppConfig):
    name = "mlplatform_site"
    verbose_name = "ML Platform"

    def ready(self) -> None:
        """Register the system checks and the slow-query log."""
        from mlplatform_site import checks, slow_queries  # noqa: F401, PLC0415

        connection_created.connect(slow_queries.watch, dispatch_uid="slow_queries")
