"""What a customer is worth, as ``personalisation.score`` worked it out."""

from .base import FeatureDefinition, Type, ViewDefinition
from .customer import CUSTOMER, OWNER

# Scores are written as of a time and this brings those of that time: at others there is nothing to compute.
SCORES = """
SELECT c.customer_id AS entity_key, segment, r AS recency_fifth, f AS frequency_fifth, m AS monetary_fifth,
    s.recency_days AS days_since_last_purchase, p_alive, expected_purchases, expected_spend, lifetime_value,
    churn_probability
FROM features_customerscore s JOIN features_customer c ON c.id = s.customer_id WHERE s.as_of = %(as_of)s
"""
CUSTOMER_VALUE = ViewDefinition(
    name="customer_value",
    entity=CUSTOMER,
    owner=OWNER,
    description="Segment, probability to be alive, and what is expected of the next 52 weeks",
    source=SCORES,
    features=(
        FeatureDefinition("segment", Type.STRING, "dormant, at_risk, vip or active"),
        FeatureDefinition("recency_fifth", Type.INT, "1 to 5; 5 bought last"),
        FeatureDefinition("frequency_fifth", Type.INT, "1 to 5; 5 bought most often"),
        FeatureDefinition("monetary_fifth", Type.INT, "1 to 5; 5 spent most"),
        FeatureDefinition("days_since_last_purchase", Type.INT),
        FeatureDefinition("p_alive", Type.FLOAT, "Probability that the customer still buys here at all"),
        FeatureDefinition("expected_purchases", Type.FLOAT, "Days with a purchase in the next 52 weeks"),
        FeatureDefinition("expected_spend", Type.FLOAT, "US dollars on such a day"),
        FeatureDefinition("lifetime_value", Type.FLOAT, "US dollars of those weeks, discounted"),
        FeatureDefinition("churn_probability", Type.FLOAT, "Buys nothing in 180 days; null without a model"),
    ),
)
