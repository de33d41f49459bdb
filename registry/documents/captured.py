"""Collections of captured tables: ``cdc_<table>``, a document a row, as change capture writes them.

They are made when a capture begins, not by ``init_stores``: which tables there are is the capture's
to say, and a platform without one has none. A row's columns are PostgreSQL's affair (it checks them,
and may alter them while all runs), so the validator asks only for what the capture itself adds.
No index but ``_id``: rows are read by key or by whole table; who needs another makes it.
"""

from pymongo.errors import CollectionInvalid

from . import schema
from .connection import database

PREFIX = "cdc_"
CHECKPOINTS = "cdc_checkpoints"
MOVED = "cdc_moved"  # while a transaction is written in pieces: documents whose rows move to another
OURS = "registry_"
VALIDATOR = schema.json_schema(
    required=["_id", "_lsn", "_schema"], properties={"_lsn": {"bsonType": "long"}, "_schema": schema.WHOLE}
)


def collection_of(table: str) -> str:
    """Where a table's rows are: ``registry_param`` in ``cdc_param``."""
    return PREFIX + table.removeprefix(OURS)


def create_for(table: str) -> str:
    """Make a table's collection where there is none; returns its name."""
    name = collection_of(table)
    try:
        database().create_collection(name, validator=VALIDATOR)
    except CollectionInvalid:  # it is there
        database().command("collMod", name, validator=VALIDATOR, validationLevel="strict")
    return name
