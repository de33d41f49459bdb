"""Logged and registered models in the second pass: each whole in one transaction, after the runs."""

from collections.abc import Iterator, Mapping
from itertools import islice

from django.db import DataError, IntegrityError
from django.utils import timezone

from registry.enums import Lifecycle, LoggedModelStatus
from registry.exceptions import RegistryError
from registry.fields import new_hex_id
from registry.models import (
    Experiment,
    ImportedItem,
    LoggedModel,
    LoggedModelMetric,
    LoggedModelParam,
    ModelAlias,
    RegisteredModel,
    RegisteredModelTag,
    RunModel,
    TrainingRun,
)
from registry.services.logged_model_ends import finalize_logged_model
from registry.services.logged_model_rows import store_logged_model_tags
from registry.sync.audit import record as audit

from .book import Book
from .experiments import Placed
from .files import keep_files, staged_files
from .models_again import write_again
from .records import ImportedLoggedModel, ImportedRegisteredModel, Problem, Progress
from .refusing import refuse
from .transactions import writing
from .versions_written import logged_models_by_source, runs_by_source, write_versions

CHUNK = 500
REFUSED = (RegistryError, IntegrityError, DataError)


def write_models(book: Book) -> Iterator[Progress]:
    """Logged models, the runs that read or made them, then registered models."""
    done = 0
    for logged in book.source.logged_models():
        if not isinstance(logged, Problem) and _is_wanted(book, "logged_model", logged.source_id):
            _each(book, "logged_model", logged)
            done += 1
            yield Progress("write models", done)
    _link(book)
    for model in book.source.registered_models():
        if not isinstance(model, Problem) and (
            _is_wanted(book, "registered_model", model.source_id) or _has_more(book, model.source_id)
        ):
            _each(book, "registered_model", model)
            done += 1
            yield Progress("write models", done)


def _is_wanted(book: Book, kind: str, source_id: str) -> bool:
    return not (book.is_done(kind, source_id) or book.findings.is_refused(kind, source_id))


def _has_more(book: Book, source_id: str) -> bool:
    return source_id in book.new_versions and not book.findings.is_refused("registered_model", source_id)


def _each(book: Book, kind: str, model: ImportedLoggedModel | ImportedRegisteredModel) -> None:
    try:
        if isinstance(model, ImportedLoggedModel):
            _write_logged(book, model)
        elif book.is_done(kind, model.source_id):
            write_again(book, model)
        else:
            _write_registered(book, model)
    except RegistryError as error:
        refuse(book, kind, model.source_id, model.place, error)
    except (IntegrityError, DataError) as error:
        said = str(error).strip().splitlines()[0]
        cure = "Look whether it is here already."
        book.findings.add(
            Problem(model.place or model.name, f"PostgreSQL refused it: {said}.", cure, kind, model.source_id)
        )
    else:
        book.done.setdefault(kind, set()).add(model.source_id)


def _write_logged(book: Book, given: ImportedLoggedModel) -> None:
    with staged_files(given.artifacts) as staged, writing(book):
        experiment = Experiment.objects.get(experiment_id=book.experiments[given.experiment_source_id].our_id)
        scored = {score.run_source_id for score in given.scores}
        runs = runs_by_source(book, {given.run_source_id, *scored})
        created_at = given.created_at or timezone.now()
        model = LoggedModel.objects.create(
            model_id=given.model_id or new_hex_id(), experiment=experiment,
            source_run=runs.get(given.run_source_id), name=given.name, model_type=given.model_type,
            status=LoggedModelStatus.PENDING, status_message=given.status_message,
            lifecycle=Lifecycle.DELETED if given.is_deleted else Lifecycle.ACTIVE,
            deleted_at=timezone.now() if given.is_deleted else None,
            created_by=book.terms.user, created_at=created_at,
        )  # fmt: skip
        LoggedModelParam.objects.bulk_create(
            LoggedModelParam(model=model, key=key, value=value) for key, value in given.params.items()
        )
        store_logged_model_tags(model, given.tags)
        _score(model, given, runs)
        keep_files({model: staged})
        _end(book, model, given)
        audit(action="logged_model.import", subject_id=model.model_id, details={"name": model.name})
        book.note("logged_model", given.source_id, Placed(model.model_id, is_new=True, our_pk=model.pk))


def _score(model: LoggedModel, given: ImportedLoggedModel, runs: Mapping[str, TrainingRun]) -> None:
    LoggedModelMetric.objects.bulk_create(
        (
            LoggedModelMetric(
                model=model, run=runs[each.run_source_id], key=each.key, value=each.value, step=each.step,
                timestamp_ms=each.timestamp_ms, dataset_name=each.dataset_name,
                dataset_digest=each.dataset_digest,
            )
            for each in given.scores
            if each.run_source_id in runs
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def _end(book: Book, model: LoggedModel, given: ImportedLoggedModel) -> None:
    """Its status; where it is ready, its run's body tells what it is, which is a new version of the run."""
    if given.is_deleted or given.status != LoggedModelStatus.READY:
        LoggedModel.objects.filter(pk=model.pk).update(status=given.status)
        return
    finalize_logged_model(model_id=model.model_id, status=given.status)
    if model.source_run is not None:
        model.source_run.refresh_from_db(fields=["version"])
        items = ImportedItem.objects.filter(
            imported_by=book.current, kind="run", our_id=model.source_run.run_id
        )
        items.update(version=model.source_run.version)


def _link(book: Book) -> None:
    """Which runs read or made which models; again changes nothing."""
    links = iter(book.links)
    while chunk := list(islice(links, CHUNK)):
        with writing(book):
            runs = runs_by_source(book, {run for run, _ in chunk})
            models = logged_models_by_source(book, {link.model_source_id for _, link in chunk})
            RunModel.objects.bulk_create(
                (
                    RunModel(
                        run=runs[run], model=models[link.model_source_id], role=link.role, step=link.step
                    )
                    for run, link in chunk
                    if run in runs and link.model_source_id in models
                ),
                ignore_conflicts=True,
            )


def _write_registered(book: Book, given: ImportedRegisteredModel) -> None:
    with writing(book):
        last = max((version.number for version in given.versions), default=0)
        model = RegisteredModel.objects.create(
            name=given.name, description=given.description, last_number=last, created_by=book.terms.user
        )
        if given.created_at is not None:
            RegisteredModel.objects.filter(pk=model.pk).update(created_at=given.created_at)
        RegisteredModelTag.objects.bulk_create(
            RegisteredModelTag(model=model, key=key, value=value) for key, value in given.tags.items()
        )
        versions = write_versions(book, model, given.versions)
        ModelAlias.objects.bulk_create(
            ModelAlias(model=model, alias=alias, version=versions[number])
            for alias, number in given.aliases.items()
        )
        audit(action="model.import", subject_id=model.name, details={"versions": len(versions)})
        placed = Placed(model.name, is_new=True, version=last, our_pk=model.pk)
        book.note("registered_model", given.source_id, placed)
