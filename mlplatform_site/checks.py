"""System checks of our own."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register  # noqa: A004 (Django's name)

from mlplatform_site.settings import stores
from registry.messaging.protocols import AMQP, REDIS

BROKERS = (*AMQP, *REDIS)


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


@register()
def the_broker_is_one_we_speak_to(**_: object) -> list[Error]:
    """``mlplatform.E002``: ``BROKER_URL`` begins as neither RabbitMQ's nor Redis's do, perhaps mistyped."""
    if str(settings.BROKER_URL).startswith(BROKERS):
        return []
    return [
        Error(
            "BROKER_URL is that of no broker we speak to.",
            hint=f"It begins with one of {', '.join(BROKERS)}; empty, it is the Redis store.",
            id="mlplatform.E002",
        )
    ]


@register(Tags.security)
def addresses_are_those_of_clients(**_: object) -> list[Warning]:
    """``mlplatform.W001``: behind a proxy, every client would have one address, and share its limits."""
    if settings.SECURE_PROXY_SSL_HEADER is None or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "A proxy is in front (BEHIND_TLS_PROXY), and all clients count as one address.",
            hint="Set TRUSTED_PROXIES to the number of proxies that append to X-Forwarded-For.",
            id="mlplatform.W001",
        )
    ]
