import datetime as dt

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from registry.enums import RunStatus
from registry.models import (
    Artifact,
    Dataset,
    Experiment,
    LoggedModel,
    Metric,
    ModelVersion,
    Param,
    RegisteredModel,
    TrainingRun,
)

START = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence("user-{}".format)


class DatasetFactory(DjangoModelFactory[Dataset]):
    class Meta:
        model = Dataset

    name = factory.Sequence("dataset-{}".format)
    digest = factory.Sequence("{:064x}".format)
    row_count = 100
    feature_count = 4


class ExperimentFactory(DjangoModelFactory[Experiment]):
    class Meta:
        model = Experiment

    name = factory.Sequence("experiment-{}".format)


class RunFactory(DjangoModelFactory[TrainingRun]):
    """A finished run of one hour; each starts a minute after the one before."""

    class Meta:
        model = TrainingRun

    experiment = factory.SubFactory(ExperimentFactory)
    dataset = factory.SubFactory(DatasetFactory)
    name = factory.Sequence("run-{}".format)
    model_name = "forest"
    framework = "scikit-learn"
    status = RunStatus.FINISHED
    accuracy = 0.9
    loss = 0.3
    started_at = factory.Sequence(lambda n: START + dt.timedelta(minutes=n))
    ended_at = factory.LazyAttribute(
        lambda run: run.started_at + dt.timedelta(hours=1) if run.status != RunStatus.RUNNING else None
    )
    duration_seconds = factory.LazyAttribute(
        lambda run: (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
    )


class ParamFactory(DjangoModelFactory[Param]):
    class Meta:
        model = Param

    run = factory.SubFactory(RunFactory)
    key = "lr"
    value = "0.1"
    value_number = 0.1


class MetricFactory(DjangoModelFactory[Metric]):
    class Meta:
        model = Metric

    run = factory.SubFactory(RunFactory)
    key = "loss"
    latest_value = 0.5
    latest_step = 0
    latest_timestamp_ms = 0
    min_value = factory.SelfAttribute("latest_value")
    max_value = factory.SelfAttribute("latest_value")


class ArtifactFactory(DjangoModelFactory[Artifact]):
    class Meta:
        model = Artifact

    run = factory.SubFactory(RunFactory)
    path = factory.Sequence("file-{}.txt".format)
    size_bytes = 3
    sha256 = factory.Sequence("{:064x}".format)
    media_type = "text/plain"


class LoggedModelFactory(DjangoModelFactory[LoggedModel]):
    class Meta:
        model = LoggedModel

    source_run = factory.SubFactory(RunFactory)
    experiment = factory.LazyAttribute(
        lambda model: model.source_run.experiment if model.source_run else ExperimentFactory.create()
    )
    name = factory.Sequence("logged-{}".format)


class RegisteredModelFactory(DjangoModelFactory[RegisteredModel]):
    class Meta:
        model = RegisteredModel

    name = factory.Sequence("model-{}".format)


class ModelVersionFactory(DjangoModelFactory[ModelVersion]):
    class Meta:
        model = ModelVersion

    model = factory.SubFactory(RegisteredModelFactory)
    number = factory.Sequence(lambda n: n + 1)
    run = factory.SubFactory(RunFactory)
