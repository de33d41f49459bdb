"""The Django application."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "mlplatform_site"
    verbose_name = "ML Platform"
