"""A few customers and a registered model of their value, for the tests of scoring."""

import datetime as dt

from features.models import Customer
from features.personalisation.maths.bg_nbd import BgNbd
from features.personalisation.maths.gamma_gamma import GammaGamma
from features.personalisation.parameters import NAME, PATH, ValueModel, to_json
from registry.models import ModelVersion
from registry.services.model_aliases import set_alias
from tests.factories import CustomerFactory, PurchaseFactory
from tests.features.served import register

MODEL = ValueModel(BgNbd(0.243, 4.414, 0.793, 2.426), GammaGamma(6.25, 3.74, 15.44))
AS_OF = dt.date(1997, 7, 1)


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)


def bought(customer_id: str, *purchases: tuple[str, str]) -> Customer:
    """A customer with purchases: a day and US dollars each."""
    customer = CustomerFactory.create(customer_id=customer_id)
    for day, amount in purchases:
        PurchaseFactory(customer=customer, purchased_at=at(day), amount=amount)
    return customer


def three_customers() -> None:
    """One who comes often, one who came once long ago, one who bought twice on one day; none as of the end."""
    bought("ann", ("1997-01-10", "10"), ("1997-03-10", "30"), ("1997-06-20", "20"), ("1997-07-01", "99"))
    bought("bob", ("1997-01-02", "15"))
    bought("eve", ("1997-05-01", "7"), ("1997-05-01", "8"))


def champion_of_value(model: ValueModel = MODEL) -> ModelVersion:
    version = register(to_json(model), name=NAME, path=PATH, environment="")
    set_alias(model=NAME, alias="champion", version=version.number)
    return version
