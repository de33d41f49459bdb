"""Customers, where they live and what they bought."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from features.models import Address, City, Country, Customer, Purchase
from registry.admin.base import HistoryAdmin, RecordAdmin, TabularInline

SHOWN_PURCHASES = 50


class PurchaseInline(TabularInline):
    model = Purchase
    extra = 0
    can_delete = False
    max_num = SHOWN_PURCHASES
    fields = readonly_fields = ("purchased_at", "quantity", "amount")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Customer)
class CustomerAdmin(RecordAdmin):
    list_display = ("customer_id", "name", "email", "city", "country", "joined_at", "is_synthetic")
    list_filter = ("is_synthetic",)
    list_select_related = ("address__city__country",)
    search_fields = ("customer_id__exact", "email__exact")
    search_help_text = "A customer's whole id or email"
    autocomplete_fields = ("address",)
    inlines = (PurchaseInline,)

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
