"""Taking applications: the row, its first step and that step's task commit together, or not at all."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import orjson
from django.db import connection, transaction

from features.models import Onboarding, OnboardingStep
from features.queries.onboardings import onboarding_with_id
from registry.exceptions import DuplicateNameError
from registry.fields import new_hex_id
from registry.services.idempotency import make_once

from .applications import Application, checked
from .steps import begin

# Whoever is on their way in or has come in keeps customer id and email; in a race the second one waits
# for the first one's commit, and then makes nothing.
TAKE = """
INSERT INTO features_onboarding
    (onboarding_id, customer_id, name, email, city_name, country_code, street, postal_code, joined_at,
     is_synthetic, source, state, reason)
SELECT onboarding_id, customer_id, name, email, city, country, street, postal_code, joined_at,
    is_synthetic, %(source)s, 'running', ''
FROM jsonb_to_recordset(%(applications)s::jsonb) AS given (onboarding_id uuid, customer_id text, name text,
    email text, city text, country text, street text, postal_code text, joined_at timestamptz,
    is_synthetic bool)
ON CONFLICT DO NOTHING RETURNING id
"""
FIRST = OnboardingStep.Name.VALIDATE


def submit(
    *,
    application: Application,
    source: str = Onboarding.Source.API,
    idempotency_key: str | None = None,
) -> Onboarding:
    """Take an application; the same one twice under a key is the same onboarding.

    Raises:
        BadInputError: a field is missing or wrong; nothing was changed.
        DuplicateNameError: the customer id or the email is another onboarding's.
        IdempotencyKeyReusedError: the key came with another application before.
    """

    def make() -> tuple[str, Onboarding]:
        taken = submit_many(applications=[wanted], source=source)
        if not taken:
            raise _taken_already(wanted)
        return str(taken[0].onboarding_id), taken[0]

    wanted = checked(application)
    # as it was given: a time that was left out is now, which is never the same
    asked = asdict(application)
    return make_once(
        operation="onboarding.submit", key=idempotency_key, request=asked, make=make, find=onboarding_with_id
    )


def submit_many(*, applications: Sequence[Application], source: str) -> list[Onboarding]:
    """Take checked applications in one transaction (five statements for any number).

    Returns:
        The new onboardings; none for whoever is on the way in or has come in already.

    Raises:
        BadInputError: one of them is wrong; nothing was changed.
    """
    rows = [_row(checked(application)) for application in applications]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"source": source, "applications": orjson.dumps(rows).decode()})
            ids = [pk for (pk,) in cursor.fetchall()]
        taken = list(Onboarding.objects.filter(pk__in=ids).order_by("pk"))
        begin(taken, FIRST)
    return taken


def _row(application: Application) -> dict[str, object]:
    onboarding_id = new_hex_id()
    kept = replace(application, customer_id=application.customer_id or onboarding_id)
    return {"onboarding_id": onboarding_id} | asdict(kept)


def _taken_already(application: Application) -> DuplicateNameError:
    others = Onboarding.objects.exclude(state=Onboarding.State.REFUSED)
    by_email = others.filter(email=application.email).first()
    what = f"email {application.email}" if by_email else f"customer id {application.customer_id}"
    other = by_email or others.filter(customer_id=application.customer_id).first()
    which = f" by the onboarding {other.onboarding_id} ({other.state})" if other else ""
    return DuplicateNameError(f"The {what} is taken{which}. Nothing was changed.")
