"""What the broker speaks, by ``BROKER_URL``; whoever only asks that imports no client of it."""

from django.conf import settings

AMQP = ("amqp://", "amqps://", "pyamqp://")
REDIS = ("redis://", "rediss://")


def is_rabbitmq() -> bool:
    """Whether the broker speaks AMQP."""
    return str(settings.BROKER_URL).startswith(AMQP)
