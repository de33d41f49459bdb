"""System checks of our own."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register

from mlplatform_site.settings import stores


@register(Tags.database)
def every_store_has_a_url(databases: Any = None, **_: object) -> list[Error]:
    """``mlplatform.E001``: a store's URL is unknown (asked before migrations and by ``check``)."""
    if not databases:
        return []
    unset = {
        "DATABASE_URL": settings.DATABASES["default"]["NAME"] == "unset",
        "MONGODB_URL": settings.MONGODB_URL == stores.NO_MONGODB,
        "REDIS_CACHE_URL": settings.REDIS_CACHE_URL == stores.NO_REDIS,
        "REDIS_STORE_URL": settings.REDIS_STORE_URL == stores.NO_REDIS,
    }
    return [
        Error(
            f"{name} is not set, and no embedded stack was started here.",
            hint="Run `make demo` or `manage.py stack start`, or set the variable (see .env.example).",
            id="mlplatform.E001",
        )
        for name, is_unset in unset.items()
        if is_unset
    ]
