"""Creating the collections: validators and indexes, by command and never on first query."""

from collections.abc import Iterator
from dataclasses import dataclass

from pymongo import IndexModel

from . import customer, event, experiment, model_config, run
from .connection import Body, database


@dataclass(frozen=True)
class CollectionSpec:
    """A collection as it should be."""

    name: str
    validator: Body
    indexes: list[IndexModel]
    outdated: tuple[str, ...] = ()
    """Indexes of before, which go."""


SPECS = (
    CollectionSpec("model_configs", model_config.VALIDATOR, model_config.INDEXES),
    CollectionSpec("experiments", experiment.VALIDATOR, experiment.INDEXES),
    CollectionSpec("runs", run.VALIDATOR, run.INDEXES),
    CollectionSpec("run_logs", run.LOG_VALIDATOR, run.LOG_INDEXES),
    CollectionSpec("customers", customer.VALIDATOR, customer.INDEXES),
    CollectionSpec("events", event.VALIDATOR, event.INDEXES, event.OUTDATED),
)


def create_collections() -> Iterator[str]:
    """Bring every collection to its specification; safe to run again. Yields each name when done."""
    found = set(database().list_collection_names())
    for spec in SPECS:
        if spec.name not in found:
            database().create_collection(spec.name, validator=spec.validator, check_exists=False)
        else:
            database().command("collMod", spec.name, validator=spec.validator, validationLevel="strict")
        present = database()[spec.name].index_information() if spec.outdated else {}
        for name in present.keys() & set(spec.outdated):
            database()[spec.name].drop_index(name)
        database()[spec.name].create_indexes(spec.indexes)
        yield spec.name


def missing_parts() -> list[str]:
    """What the specification asks for and MongoDB lacks, as ``collection`` or ``collection.index``."""
    infos = {info["name"]: info for info in database().list_collections()}
    missing = []
    for spec in SPECS:
        info = infos.get(spec.name)
        if info is None:
            missing.append(spec.name)
            continue
        if info.get("options", {}).get("validator") != spec.validator:
            missing.append(f"{spec.name} validator")
        present = database()[spec.name].index_information()
        missing += [
            f"{spec.name}.{index.document['name']}"
            for index in spec.indexes
            if index.document["name"] not in present
        ]
    return missing
