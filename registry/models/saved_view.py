"""Saved views: ways of looking at the runs table, under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A runs table's address that its owner named; it holds conditions and columns, never a run."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", db_index=False
    )
    name = models.CharField(max_length=100)
    query = models.TextField(blank=True, help_text="The address behind its question mark")
    is_shared = models.BooleanField(default=False, help_text="Whether everyone who is logged in sees it")
    is_default = models.BooleanField(default=False, help_text="Whether its owner's runs table opens with it")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once_per_owner"),
            models.CheckConstraint(name="saved_view_name_not_blank", condition=~Q(name="")),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_default=True), name="saved_view_one_default_per_owner"
            ),
        ]
        indexes = [
            # the menu of what others share, by name
            models.Index(fields=["name"], condition=Q(is_shared=True), name="saved_view_shared"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.owner}"
