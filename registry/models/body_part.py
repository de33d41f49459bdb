"""Body parts: what MongoDB's documents are made of, kept so that each can be made again."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

COLLECTIONS = ("runs", "run_logs", "experiments", "customers")


class BodyPart(models.Model):
    """One piece of one MongoDB document: a document is its parts, folded in the order of versions."""

    collection = models.CharField(max_length=16)
    document_id = models.CharField(max_length=64, db_collation="C")
    part = models.CharField(max_length=64, db_collation="C", help_text="start, status, tags, params:3, …")
    owner_id = models.CharField(max_length=32, db_collation="C", help_text="Run, experiment or customer")
    version = models.PositiveIntegerField(help_text="The owner's version that brought it")
    checksum = models.BigIntegerField(help_text="CRC-32 of name, version and payload")
    payload = models.BinaryField(help_text="BSON, so that NaN, dates and 64 bits survive")
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            # covers reconcile's scan, which reads versions and checksums of everything
            models.UniqueConstraint(
                fields=["collection", "document_id", "part"],
                include=["version", "checksum"],
                name="body_part_once",
            ),
            models.CheckConstraint(
                name="body_part_collection_known", condition=Q(collection__in=COLLECTIONS)
            ),
        ]
        indexes = [
            # all documents of a run or experiment
            models.Index(fields=["owner_id"], name="body_part_by_owner"),
            # tombstones that have stood long enough
            models.Index(fields=["written_at"], condition=Q(part="tombstone"), name="body_part_tombstones"),
        ]

    def __str__(self) -> str:
        return f"{self.collection} {self.document_id}: {self.part} v{self.version}"
