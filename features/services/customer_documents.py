"""A customer's document in MongoDB: kept in parts, promised in the transaction that makes or changes it."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.signals import post_delete, post_save

from features.models import Address, Customer
from registry.models import BodyPart
from registry.sync.outbox import Part, promise
from registry.sync.purge_rows import bury, unbury

COLLECTION = "customers"


def document_id_of(customer_id: str) -> str:
    """The document's ``_id``: 32 hexadecimal characters, a digest of the customer's id."""
    return hashlib.blake2b(customer_id.encode(), digest_size=16).hexdigest()


def promise_customer(customer: Customer, *, action: str = "") -> None:
    """Owe MongoDB a customer as they stand, in the running transaction; the relay delivers.

    The caller has made or locked the row, so versions go up one by one.

    Raises:
        RuntimeError: no transaction is open.
    """
    document_id = document_id_of(customer.customer_id)
    versions = unbury([document_id]) or {document_id: _version(document_id) + 1}
    promise(
        collection=COLLECTION,
        document_id=document_id,
        owner_id=document_id,
        version=versions[document_id],
        part=Part("start", _content(customer)),
        action=action,
        is_urgent=False,
    )


def listen() -> None:
    """Keep the documents of customers who are changed or deleted by hand."""
    for model in (Customer, Address):
        post_save.connect(_changed, sender=model, dispatch_uid="customer document")
    post_delete.connect(_deleted, sender=Customer, dispatch_uid="customer document")


def _changed(instance: Customer | Address, created: bool, **_: Any) -> None:  # noqa: FBT001 (Django's)
    if created:
        return
    condition = {"pk" if isinstance(instance, Customer) else "address": instance.pk}
    with transaction.atomic():
        customers = Customer.objects.select_for_update(of=("self",)).filter(**condition).order_by("pk")
        for customer in _documented(customers.select_related("address__city__country")):
            promise_customer(customer)


def _deleted(instance: Customer, **_: Any) -> None:
    document_id = document_id_of(instance.customer_id)
    with transaction.atomic():
        if version := _version(document_id):
            bury(
                collection=COLLECTION,
                document_id=document_id,
                owner_id=document_id,
                version=version + 1,
                rest={"customer_id": instance.customer_id},
            )


def _documented(customers: Iterable[Customer]) -> list[Customer]:
    """Those that have a document."""
    by_id = {document_id_of(customer.customer_id): customer for customer in customers}
    parts = BodyPart.objects.filter(collection=COLLECTION, document_id__in=by_id, part="start")
    return [by_id[document_id] for document_id in parts.order_by().values_list("document_id", flat=True)]


def _version(document_id: str) -> int:
    parts = BodyPart.objects.filter(collection=COLLECTION, document_id=document_id)
    return parts.aggregate(version=Max("version"))["version"] or 0


def _content(customer: Customer) -> dict[str, Any]:
    content: dict[str, Any] = {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "email": customer.email,
        "joined_at": customer.joined_at,
        "is_synthetic": customer.is_synthetic,
    }
    return content | (_whereabouts(customer.address) if customer.address else {})


def _whereabouts(address: Address) -> dict[str, Any]:
    city = address.city
    place = {
        "city": city.name,
        "country": city.country.code,
        "geonames_id": city.geonames_id,
        "population": city.population,
        "street": address.street,
        "postal_code": address.postal_code,
    }
    # GeoJSON: longitude first
    return {
        "place": place,
        "location": {"type": "Point", "coordinates": [city.longitude, city.latitude]},
    }
