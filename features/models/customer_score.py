"""What a customer is worth and likely to do, as of a time."""

from django.db import models
from django.db.models import Q

from features.personalisation.maths.segments import TITLES, SegmentName

from .customer import Customer

MOST = 1e9


class CustomerScore(models.Model):
    """A customer's newest scores: purchases strictly before ``as_of`` count."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="score")
    as_of = models.DateTimeField()
    recency_days = models.PositiveIntegerField(help_text="Days since the last purchase")
    frequency = models.PositiveIntegerField(help_text="Days with a purchase after the first such day")
    monetary = models.DecimalField(max_digits=14, decimal_places=2, help_text="US dollars spent in all")
    r = models.PositiveSmallIntegerField(help_text="Fifth by recency: 5 bought last")
    f = models.PositiveSmallIntegerField(help_text="Fifth by frequency: 5 bought most often")
    m = models.PositiveSmallIntegerField(help_text="Fifth by dollars: 5 spent most")
    segment = models.CharField(max_length=8, choices=[(each.value, TITLES[each]) for each in SegmentName])
    p_alive = models.FloatField(help_text="Probability that the customer still buys here at all (BG/NBD)")
    expected_purchases = models.FloatField(help_text="Days with a purchase in the next 52 weeks (BG/NBD)")
    expected_spend = models.FloatField(help_text="US dollars on such a day (gamma-gamma)")
    lifetime_value = models.FloatField(help_text="US dollars of the next 52 weeks, discounted")
    churn_probability = models.FloatField(
        null=True, blank=True, help_text="Buys nothing in 180 days (the deployed model); null without one"
    )
    run_id = models.CharField(max_length=32, help_text="The run whose parameters were used")
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["customer"]
        constraints = [
            models.CheckConstraint(
                name="customer_score_segment_known",
                condition=Q(segment__in=["dormant", "at_risk", "vip", "active"]),
            ),
            models.CheckConstraint(
                name="customer_score_fifths_from_1_to_5",
                condition=Q(r__range=(1, 5)) & Q(f__range=(1, 5)) & Q(m__range=(1, 5)),
            ),
            models.CheckConstraint(
                name="customer_score_p_alive_between_0_and_1", condition=Q(p_alive__range=(0, 1))
            ),
            models.CheckConstraint(
                name="customer_score_churn_between_0_and_1", condition=Q(churn_probability__range=(0, 1))
            ),
            models.CheckConstraint(
                name="customer_score_value_not_negative",
                # an end, too, for NaN is greater than every number
                condition=Q(expected_purchases__range=(0, MOST))
                & Q(expected_spend__range=(0, MOST))
                & Q(lifetime_value__range=(0, MOST)),
            ),
        ]
        indexes = [
            # a segment's customers, the most valuable first
            models.Index(fields=["segment", "-lifetime_value", "customer"], name="score_in_segment_by_value"),
            # all customers, the most valuable first
            models.Index(fields=["-lifetime_value", "customer"], name="score_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.get_segment_display()}, {self.lifetime_value:,.2f} dollars"
