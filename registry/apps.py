"""The Django application."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "System of record"

    def ready(self) -> None:
        """Tell mongoengine where MongoDB is (nothing connects yet), and watch for slow queries."""
        from registry import slow_queries  # noqa: PLC0415
        from registry.documents import connection  # noqa: PLC0415

        connection.register()
        connection_created.connect(slow_queries.watch, dispatch_uid="slow_queries")
