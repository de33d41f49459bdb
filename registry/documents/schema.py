"""Pieces that the collections' validators share."""

from typing import Any

from pymongo import ASCENDING, IndexModel

Schema = dict[str, Any]

HEX_ID: Schema = {"bsonType": "string", "pattern": "^[0-9a-f]{32}$"}
EXPERIMENT_ID: Schema = {"bsonType": "string", "pattern": "^[0-9a-f]{1,32}$"}
TEXT: Schema = {"bsonType": "string"}
NAME: Schema = {"bsonType": "string", "minLength": 1, "maxLength": 255}
FRAMEWORK: Schema = {"bsonType": "string", "pattern": "^[a-z0-9][a-z0-9_.+-]{0,63}$"}
NUMBER: Schema = {"bsonType": "number"}
WHOLE: Schema = {"bsonType": ["int", "long"], "minimum": 0}
DATE: Schema = {"bsonType": "date"}
OBJECT: Schema = {"bsonType": "object"}
TAG_LIST: Schema = {"bsonType": "array", "items": TEXT}
TAG_PAIRS: Schema = {
    "bsonType": "array",
    "items": {"bsonType": "object", "required": ["k", "v"], "properties": {"k": TEXT, "v": TEXT}},
}

# what reconcile compares, range by range, without reading a document
RECONCILED = IndexModel(
    [("b", ASCENDING), ("_id", ASCENDING), ("v", ASCENDING), ("ck", ASCENDING)], name="reconciled"
)


def json_schema(*, required: list[str], properties: Schema) -> Schema:
    """A ``$jsonSchema`` validator; fields that it does not name are free."""
    return {"$jsonSchema": {"bsonType": "object", "required": required, "properties": properties}}
