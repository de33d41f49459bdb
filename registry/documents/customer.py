"""The collection ``customers``: a customer whole, with where they live as a point on the map."""

from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel

from . import schema

POINT: schema.Schema = {
    "bsonType": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"enum": ["Point"]},
        "coordinates": {"bsonType": "array", "minItems": 2, "maxItems": 2, "items": schema.NUMBER},
    },
}
VALIDATOR = schema.json_schema(
    required=["_id", "v", "customer_id"],
    properties={
        "_id": schema.HEX_ID,
        "v": schema.WHOLE,
        "ck": schema.WHOLE,
        "b": schema.WHOLE,
        "customer_id": schema.NAME,
        "name": schema.TEXT,
        "email": schema.TEXT,
        "joined_at": schema.DATE,
        "is_synthetic": {"bsonType": "bool"},
        "place": schema.OBJECT,
        "location": POINT,
        "deleted": {"bsonType": "bool"},
    },
)
INDEXES = [
    # a customer's document by the id that people know
    IndexModel([("customer_id", ASCENDING)], name="customer"),
    # newest customers, as the admin lists them
    IndexModel([("joined_at", DESCENDING)], name="date"),
    # customers near a place
    IndexModel([("location", GEOSPHERE)], name="place"),
    schema.RECONCILED,
]
