"""The audit trail: who changed what, when and by which way."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One change, written in the transaction that made it; never changed, never deleted by the site."""

    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )
    username = models.CharField(max_length=150, blank=True, help_text="Kept when the user is gone")
    channel = models.CharField(max_length=16, help_text="web, api, command, tracker or internal")
    token_prefix = models.CharField(max_length=12, blank=True)
    action = models.CharField(max_length=64, help_text="What was done, e.g. run.end")
    subject_type = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=255, help_text="Public id or name of what was changed")
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            # what happened to one thing, newest first
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
            # what one user did, newest first
            models.Index(fields=["user", "-id"], name="audit_by_user"),
            # the admin's filters, for what is rare; a training that logs writes to neither
            models.Index(
                fields=["subject_type", "-id"], condition=~Q(subject_type="run"), name="audit_beside_runs"
            ),
            models.Index(
                fields=["channel", "-id"],
                condition=~Q(channel="api") & ~Q(channel="tracker"),
                name="audit_beside_programs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id} by {self.username or self.channel}"
