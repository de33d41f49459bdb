"""Tags: what people and tools say about experiments, runs and models."""

from django.db import models
from django.db.models import Q

from .experiment import Experiment
from .logged_model import LoggedModel
from .registered_model import ModelVersion, RegisteredModel
from .run import TrainingRun


class Tag(models.Model):
    """A key and a text that may change."""

    key = models.CharField(max_length=250)
    value = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class ExperimentTag(Tag):
    """A tag of an experiment."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta(Tag.Meta):
        constraints = [
            models.UniqueConstraint(fields=["experiment", "key"], name="experiment_tag_once"),
            models.CheckConstraint(name="experiment_tag_key_not_blank", condition=~Q(key="")),
        ]


class RunTag(Tag):
    """A tag of a run."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta(Tag.Meta):
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="run_tag_once"),
            models.CheckConstraint(name="run_tag_key_not_blank", condition=~Q(key="")),
        ]
        indexes = [
            # runs with a tag of this value (long values are cut by the hash)
            models.Index(models.F("key"), models.Func("value", function="md5"), name="run_tag_by_value"),
        ]


class LoggedModelTag(Tag):
    """A tag of a logged model."""

    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta(Tag.Meta):
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="logged_model_tag_once"),
            models.CheckConstraint(name="logged_model_tag_key_not_blank", condition=~Q(key="")),
        ]


class RegisteredModelTag(Tag):
    """A tag of a registered model."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta(Tag.Meta):
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="registered_model_tag_once"),
            models.CheckConstraint(name="registered_model_tag_key_not_blank", condition=~Q(key="")),
        ]


class ModelVersionTag(Tag):
    """A tag of a model version."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta(Tag.Meta):
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="model_version_tag_once"),
            models.CheckConstraint(name="model_version_tag_key_not_blank", condition=~Q(key="")),
        ]
