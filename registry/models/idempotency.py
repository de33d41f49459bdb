"""Idempotency keys: the same request twice has one effect."""

from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """The answer given to a request, to be given again when the same key comes."""

    scope = models.CharField(max_length=200, help_text="User, method and route")
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of the request")
    response = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once_per_scope"),
        ]
        indexes = [
            # the purge of old keys
            models.Index(fields=["created_at"], name="idempotency_key_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
