"""The Django application."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class SiteConfig(AppConfig):
    name = "mlplatform_site"
    verbose_name = "ML Platform"

    def ready(self) -> None:
        """Register the system checks, the slow-query log and the count of failed logins."""
        from mlplatform_site import checks, login_throttle, slow_queries  # noqa: F401, PLC0415

        connection_created.connect(slow_queries.watch, dispatch_uid="slow_queries")
        login_throttle.connect()
