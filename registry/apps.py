"""The Django application."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "System of record"

    def ready(self) -> None:
        """Tell mongoengine where MongoDB is; nothing connects yet."""
        from registry.documents import connection  # noqa: PLC0415

        connection.register()
