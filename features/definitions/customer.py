"""The customer, and what is known of one as of a time: purchases strictly before it count."""

from .base import EntityDefinition, FeatureDefinition, Type, ViewDefinition
from .customer_sources import ACTIVITY, PLACE, RFM, WINDOWS

CUSTOMER = EntityDefinition("customer", ("customer_id",), "Someone who bought something")
OWNER = "customer-analytics"
SESSION_SECONDS = 30 * 60

CUSTOMER_RFM = ViewDefinition(
    name="customer_rfm",
    entity=CUSTOMER,
    owner=OWNER,
    description="Recency, frequency and monetary value, as the literature on CDNOW has them",
    source=RFM,
    features=(
        FeatureDefinition("recency_days", Type.INT, "Days from the first purchase to the last"),
        FeatureDefinition("frequency", Type.INT, "Days with a purchase after the first such day"),
        FeatureDefinition("monetary_value", Type.FLOAT, "Mean US dollars of those days; 0 without one"),
        FeatureDefinition("total_spent", Type.FLOAT, "US dollars in all"),
        FeatureDefinition("tenure_days", Type.INT, "Days since the first purchase"),
        FeatureDefinition("is_repeat_buyer", Type.BOOL, "Bought on more than one day"),
    ),
)

CUSTOMER_ACTIVITY = ViewDefinition(
    name="customer_activity",
    entity=CUSTOMER,
    owner=OWNER,
    description="What was bought lately, in rolling windows",
    source=ACTIVITY,
    features=(
        *(FeatureDefinition(f"purchases_{days}d", Type.INT, f"In the last {days} days") for days in WINDOWS),
        *(FeatureDefinition(f"quantity_{days}d", Type.INT, f"Things, in {days} days") for days in WINDOWS),
        *(FeatureDefinition(f"amount_{days}d", Type.FLOAT, f"Dollars, in {days} days") for days in WINDOWS),
        FeatureDefinition("days_since_last_purchase", Type.INT),
        FeatureDefinition("days_between_last_purchases", Type.INT, "Null with one purchase"),
    ),
)

CUSTOMER_PLACE = ViewDefinition(
    name="customer_place",
    entity=CUSTOMER,
    owner=OWNER,
    description="Where the customer lives (made up for CDNOW), and six months of spending",
    source=PLACE,
    features=(
        FeatureDefinition("city", Type.STRING),
        FeatureDefinition("country", Type.STRING, "ISO 3166 code"),
        FeatureDefinition("latitude", Type.FLOAT, "Degrees"),
        FeatureDefinition("longitude", Type.FLOAT, "Degrees"),
        FeatureDefinition("population", Type.INT, "Of the city"),
        FeatureDefinition("monthly_spend", Type.VECTOR, "US dollars in each of six months, oldest first"),
    ),
)

CUSTOMER_SESSION = ViewDefinition(
    name="customer_session",
    entity=CUSTOMER,
    owner="web-shop",
    description="What the customer does in the shop right now; pushed, never computed",
    ttl_seconds=SESSION_SECONDS,
    features=(
        FeatureDefinition("pages_viewed", Type.INT),
        FeatureDefinition("cart_value", Type.FLOAT, "US dollars"),
        FeatureDefinition("is_returning", Type.BOOL),
        FeatureDefinition("last_page", Type.STRING),
    ),
)
