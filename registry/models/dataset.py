"""Datasets: what a run was trained on."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.enums import Lifecycle


class Dataset(models.Model):
    """A named, digested set of rows; parents say what it was made from."""

    name = models.CharField(max_length=255, unique=True)
    description = models.TextField(blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 (or the source's own digest) of the data")
    row_count = models.BigIntegerField(null=True, blank=True)
    feature_count = models.IntegerField(null=True, blank=True)
    given_name = models.CharField(
        max_length=500,
        blank=True,
        help_text="What its logger calls it, where that name means other data, too",
    )
    source_type = models.CharField(max_length=36, blank=True)
    source = models.TextField(blank=True, help_text="Where the data came from")
    schema = models.JSONField(default=dict, blank=True, help_text="Columns and their types")
    profile = models.TextField(blank=True, help_text="What its logger found in it")
    parents = models.ManyToManyField(
        "self", symmetrical=False, through="DatasetParent", related_name="children"
    )
    lifecycle = models.CharField(max_length=8, choices=Lifecycle.choices, default=Lifecycle.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="dataset_name_not_blank", condition=~Q(name="")),
            models.CheckConstraint(
                name="dataset_row_count_not_negative",
                condition=Q(row_count__isnull=True) | Q(row_count__gte=0),
            ),
            models.CheckConstraint(
                name="dataset_feature_count_not_negative",
                condition=Q(feature_count__isnull=True) | Q(feature_count__gte=0),
            ),
            models.CheckConstraint(
                name="dataset_lifecycle_known", condition=Q(lifecycle__in=Lifecycle.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DatasetParent(models.Model):
    """One edge of the lineage between datasets."""

    child = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="parent_links", db_index=False)
    parent = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="child_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="dataset_parent_once"),
            models.CheckConstraint(name="dataset_parent_not_itself", condition=~Q(child=F("parent"))),
        ]

    def __str__(self) -> str:
        return f"{self.child} from {self.parent}"
