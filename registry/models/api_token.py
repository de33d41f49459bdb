"""API tokens: kept as a hash, shown once."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from registry.enums import TokenScope


class ApiToken(models.Model):
    """A user's token; the server keeps its SHA-256 and its first characters only."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", db_index=False
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, help_text="The token's first characters, to tell it by")
    sha256 = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=8, choices=TokenScope.choices))
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="api_token_name_once_per_user"),
            models.CheckConstraint(name="api_token_has_scope", condition=Q(scopes__len__gte=1)),
            models.CheckConstraint(
                name="api_token_scopes_known",
                condition=Q(scopes__contained_by=TokenScope.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
