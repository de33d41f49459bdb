"""Customers and what they bought."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from .geography import Address


class Customer(models.Model):
    """A customer, by the source's own id."""

    customer_id = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    address = models.ForeignKey(
        Address, on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    joined_at = models.DateTimeField()
    is_synthetic = models.BooleanField(
        default=False, help_text="Name, email and address are made up, for want of a source"
    )

    class Meta:
        ordering = ["customer_id"]
        constraints = [
            models.CheckConstraint(name="customer_id_not_blank", condition=~Q(customer_id="")),
        ]
        indexes = [
            # newest customers
            models.Index(fields=["-joined_at"], name="customer_by_age"),
            # whose email it is, whatever its case
            models.Index(Lower("email"), name="customer_by_email"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.customer_id})"


class Purchase(models.Model):
    """One purchase: a number of things for an amount of US dollars."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="purchases", db_index=False)
    purchased_at = models.DateTimeField()
    quantity = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["-purchased_at", "-id"]
        constraints = [
            models.CheckConstraint(name="purchase_amount_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [
            # a customer's purchases in order, and point-in-time features
            models.Index(fields=["customer", "purchased_at"], name="purchase_by_customer"),
            # purchases in a window of time
            models.Index(fields=["purchased_at"], name="purchase_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.amount}"
