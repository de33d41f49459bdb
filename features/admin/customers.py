"""Customers, where they live and what they bought."""

from django.contrib import admin
from django.utils.safestring import SafeString

from features.models import Address, City, Country, Customer, CustomerScore, Purchase
from registry.admin.base import HistoryAdmin, RecordAdmin, table


@admin.register(Customer)
class CustomerAdmin(RecordAdmin):
    list_display = ("customer_id", "name", "email", "city", "country", "joined_at", "is_synthetic")
    list_filter = ("is_synthetic",)
    list_select_related = ("address__city__country",)
    search_fields = ("customer_id__exact", "email__exact")
    search_help_text = "A customer's whole id or email"
    autocomplete_fields = ("address",)
    readonly_fields = ("newest_purchases",)

    @admin.display(description="purchases, newest first")
    def newest_purchases(self, customer: Customer) -> SafeString:
        rows = customer.purchases.order_by("-purchased_at", "-id")
        return table(rows.values_list("purchased_at", "quantity", "amount"), "at", "quantity", "US dollars")

    @admin.display(description="city")
    def city(self, customer: Customer) -> str:
        return customer.address.city.name if customer.address else ""

    @admin.display(description="country")
    def country(self, customer: Customer) -> str:
        return customer.address.city.country.name if customer.address else ""


@admin.register(Purchase)
class PurchaseAdmin(HistoryAdmin):
    list_display = ("customer", "purchased_at", "quantity", "amount")
    list_select_related = ("customer",)
    search_fields = ("customer__customer_id__exact",)
    search_help_text = "A customer's whole id"


@admin.register(CustomerScore)
class CustomerScoreAdmin(HistoryAdmin):
    list_display = ("customer", "segment", "lifetime_value", "p_alive", "expected_purchases", "as_of")
    list_select_related = ("customer",)
    list_filter = ("segment",)
    search_fields = ("customer__customer_id__exact",)
    search_help_text = "A customer's whole id"


@admin.register(Address)
class AddressAdmin(RecordAdmin):
    list_display = ("street", "postal_code", "city", "is_synthetic")
    list_select_related = ("city",)
    search_fields = ("street__startswith",)
    autocomplete_fields = ("city",)


@admin.register(City)
class CityAdmin(RecordAdmin):
    list_display = ("name", "country", "population", "latitude", "longitude")
    list_select_related = ("country",)
    search_fields = ("name__startswith",)
    autocomplete_fields = ("country",)


@admin.register(Country)
class CountryAdmin(RecordAdmin):
    list_display = ("name", "code")
    search_fields = ("name__startswith", "code__exact")
