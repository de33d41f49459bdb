"""Shell models: MongoDB's collections as the admin sees them, without tables."""

from django.db import models


class ShellModel(models.Model):
    """Gives a collection a place and a view permission in the admin; holds no rows."""

    class Meta:
        abstract = True
        managed = False
        default_permissions = ["view"]


class ModelConfigDocument(ShellModel):
    """The collection ``model_configs``."""

    class Meta(ShellModel.Meta):
        verbose_name = "model config (MongoDB)"
        verbose_name_plural = "model configs (MongoDB)"


class ExperimentDocument(ShellModel):
    """The collection ``experiments``."""

    class Meta(ShellModel.Meta):
        verbose_name = "experiment body (MongoDB)"
        verbose_name_plural = "experiment bodies (MongoDB)"


class RunDocument(ShellModel):
    """The collection ``runs``."""

    class Meta(ShellModel.Meta):
        verbose_name = "run body (MongoDB)"
        verbose_name_plural = "run bodies (MongoDB)"


class CustomerDocument(ShellModel):
    """The collection ``customers``."""

    class Meta(ShellModel.Meta):
        verbose_name = "customer (MongoDB)"
        verbose_name_plural = "customers (MongoDB)"


class EventDocument(ShellModel):
    """The collection ``events``."""

    class Meta(ShellModel.Meta):
        verbose_name = "event (MongoDB)"
        verbose_name_plural = "events (MongoDB)"
