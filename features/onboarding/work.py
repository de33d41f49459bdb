"""What each step does: in PostgreSQL at once, on other stores by promise or so that it may be repeated."""

from django.db.models.functions import Lower

from features.entity_keys import entity_key
from features.feature_rows import OnlineRow
from features.gazetteer import countries, find_place, similar_names
from features.models import Address, Customer, Onboarding
from features.services.customer_documents import promise_customer
from features.services.customer_profiles import cache_profile
from features.services.places import store_places
from features.services.push import promise_features
from registry.messaging import promise_task

from .errors import RefusedApplicationError
from .first_features import first_features

REQUEST_PROFILE = "profiles.request"


def validate(onboarding: Onboarding) -> None:
    """Hold the application against the customers that there are.

    Raises:
        RefusedApplicationError: the email is another customer's, or the customer id somebody else's.
    """
    owners = Customer.objects.annotate(lower_email=Lower("email")).filter(lower_email=onboarding.email)
    if other := owners.exclude(customer_id=onboarding.customer_id).first():
        raise RefusedApplicationError(
            f"The email {onboarding.email} is that of customer {other.customer_id}."
        )
    known = Customer.objects.filter(customer_id=onboarding.customer_id).first()
    if known and known.email.lower() not in ("", onboarding.email):
        raise RefusedApplicationError(f"The customer id {onboarding.customer_id} is somebody else's.")


def locate(onboarding: Onboarding) -> None:
    """Find the city, with its coordinates.

    Raises:
        RefusedApplicationError: the country has no city of 15,000 people by that name.
    """
    name, code = onboarding.city_name, onboarding.country_code
    place = find_place(name, code)
    if place is None:
        guesses = " or ".join(similar_names(name, code))
        cure = f"Was it {guesses}?" if guesses else "Give the nearest city of 15,000 people."
        raise RefusedApplicationError(f"No city {name!r} is known in {countries()[code]}. {cure}")
    onboarding.city = store_places([place])[place.geonames_id]
    onboarding.save(update_fields=["city"])


def store(onboarding: Onboarding) -> None:
    """Make the customer, and promise MongoDB the document; who is a customer already stays as they are."""
    validate(onboarding)  # again: a customer may have been made by hand since
    customer = _known_customer(onboarding.customer_id) or _new_customer(onboarding)
    promise_customer(customer, action="customer.onboard")


def give_features(onboarding: Onboarding) -> None:
    """Keep the features of somebody who has bought nothing yet, as of joining, and promise them to Redis.

    Who has bought before joining here (a customer of old) is left to the views' own computing.
    """
    customer = Customer.objects.select_related("address__city__country").get(
        customer_id=onboarding.customer_id
    )
    if customer.purchases.filter(purchased_at__lt=customer.joined_at).exists():
        return
    key = entity_key(["customer_id"], {"customer_id": customer.customer_id})
    for view, values in first_features(customer).items():
        promise_features(view=view, rows=[OnlineRow(key, customer.joined_at, values)])


def cache(onboarding: Onboarding) -> None:
    """Have Redis hold the profile, for whoever looks first.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    cache_profile(onboarding.customer_id)


def recommend(onboarding: Onboarding) -> None:
    """Queue the customer's profile, with predictions and recommendations, for computing."""
    key = f"onboarding {onboarding.onboarding_id}"
    promise_task(REQUEST_PROFILE, key=key, customer_id=onboarding.customer_id)


def _known_customer(customer_id: str) -> Customer | None:
    known = Customer.objects.select_for_update(of=("self",)).filter(customer_id=customer_id)
    return known.select_related("address__city__country").first()


def _new_customer(onboarding: Onboarding) -> Customer:
    address = Address(
        city=onboarding.city,
        street=onboarding.street,
        postal_code=onboarding.postal_code,
        is_synthetic=onboarding.is_synthetic,
    )
    customer = Customer(
        customer_id=onboarding.customer_id,
        name=onboarding.name,
        email=onboarding.email,
        address=address,
        joined_at=onboarding.joined_at,
        is_synthetic=onboarding.is_synthetic,
    )
    # in bulk: no cache and no document can know somebody new, so nobody needs a signal
    Address.objects.bulk_create([address])
    return Customer.objects.bulk_create([customer])[0]
