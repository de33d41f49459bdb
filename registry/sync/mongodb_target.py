"""MongoDB as a target of the outbox: whole documents, the newer one stays."""

from collections.abc import Sequence

import pymongo
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError

from registry.breakers import MONGODB
from registry.crash_points import crash_point
from registry.documents.connection import collection, database, guarded_by_breaker
from registry.documents.guarded import replace_older
from registry.models import OutboxEntry, TrainingRun

from .bodies import Body, read_bodies
from .targets import Entry, Refusal, TargetUnavailableError

PING_SECONDS = 1.0
CONFIGS_OF_RUN = "model_configs.of_run"  # the configs of a run that is gone
# DocumentValidationFailure, BSONObjectTooLarge, BadValue, Overflow, DollarPrefixedFieldName, nesting
PERMANENT_CODES = {121, 10334, 17280, 17419, 2, 15, 52}
Refused = dict[tuple[str, str], str]


class MongoDBTarget:
    """Writes the documents that are owed, as they stand now."""

    title = "MongoDB"

    def ping(self) -> None:
        """Ask the primary, past the breaker: the relay waits by itself, and an answer closes the breaker."""
        try:
            with pymongo.timeout(PING_SECONDS):
                database().client.admin.command("ping")
        except PyMongoError as error:
            raise TargetUnavailableError(str(error)) from error
        MONGODB.succeeded()

    def apply(self, entries: Sequence[Entry], *, seconds: float) -> list[Refusal]:
        """Write each document once, however many changes it has had."""
        refused: Refused = {}
        configs = [entry for entry in entries if entry.topic == CONFIGS_OF_RUN]
        owed = [(entry.topic, entry.document_id) for entry in entries if entry.topic != CONFIGS_OF_RUN]
        try:
            for bodies in read_bodies(owed):
                with pymongo.timeout(seconds), guarded_by_breaker():
                    refused |= write_bodies(bodies)
            if configs:
                with pymongo.timeout(seconds), guarded_by_breaker():
                    _delete_configs(configs)
        except PyMongoError as error:
            raise TargetUnavailableError(str(error)) from error
        crash_point("deliver.after_mongodb")
        keyed = [(entry, refused.get((entry.topic, entry.document_id))) for entry in entries]
        return [(entry, reason) for entry, reason in keyed if reason is not None]


def _delete_configs(entries: Sequence[Entry]) -> None:
    """Configs of purged runs; where a run came back under the id, those from before the purge alone."""
    run_ids = [entry.document_id for entry in entries]
    back = set(TrainingRun.objects.filter(run_id__in=run_ids).order_by().values_list("run_id", flat=True))
    promised = OutboxEntry.objects.filter(pk__in=[each.id for each in entries if each.document_id in back])
    older = [
        {"run_id": run_id, "created_at": {"$lt": created_at}}
        for run_id, created_at in promised.order_by().values_list("document_id", "created_at")
    ]
    gone = {"run_id": {"$in": [run_id for run_id in run_ids if run_id not in back]}}
    collection("model_configs").delete_many({"$or": [gone, *older]})


def write_bodies(bodies: Sequence[Body]) -> Refused:
    """Write bodies, one bulk write a collection; returns those that MongoDB will never take."""
    refused: Refused = {}
    for name in {body.collection for body in bodies}:
        refused |= _write(name, [body for body in bodies if body.collection == name])
    return refused


def _write(name: str, bodies: Sequence[Body]) -> Refused:
    """One bulk write; where MongoDB refuses it whole, one write a body, to find the culprit."""
    try:
        collection(name).bulk_write([replace_older(body.document) for body in bodies], ordered=False)
    except BulkWriteError as error:
        return _permanently_refused(error, bodies)
    except (DocumentTooLarge, OperationFailure) as error:
        if isinstance(error, OperationFailure) and error.code not in PERMANENT_CODES:
            raise
        if len(bodies) > 1:
            return {key: reason for body in bodies for key, reason in _write(name, [body]).items()}
        return {(name, bodies[0].document_id): str(error)}
    return {}


def _permanently_refused(error: BulkWriteError, bodies: Sequence[Body]) -> Refused:
    failures = error.details.get("writeErrors", [])
    if error.details.get("writeConcernErrors") or any(f["code"] not in PERMANENT_CODES for f in failures):
        raise error
    return {
        (bodies[failure["index"]].collection, bodies[failure["index"]].document_id): failure["errmsg"]
        for failure in failures
    }
