"""The steps as tasks, each tried again alone; where one ends, the next is promised."""

from registry.messaging import Queues, task

from . import work
from .steps import Name, run


@task("onboarding.validate", queue=Queues.ONBOARDING)
def validate(*, onboarding_id: str) -> None:
    """Hold the application against the customers that there are."""
    run(Name.VALIDATE, onboarding_id, work.validate)


@task("onboarding.locate", queue=Queues.ONBOARDING)
def locate(*, onboarding_id: str) -> None:
    """Find the city."""
    run(Name.LOCATE, onboarding_id, work.locate)


@task("onboarding.store", queue=Queues.ONBOARDING)
def store(*, onboarding_id: str) -> None:
    """Make the customer in PostgreSQL and, by promise, in MongoDB."""
    run(Name.STORE, onboarding_id, work.store)


@task("onboarding.features", queue=Queues.ONBOARDING)
def give_features(*, onboarding_id: str) -> None:
    """Give the first features."""
    run(Name.FEATURES, onboarding_id, work.give_features)


@task("onboarding.cache", queue=Queues.ONBOARDING)
def cache(*, onboarding_id: str) -> None:
    """Cache the profile."""
    run(Name.CACHE, onboarding_id, work.cache)


@task("onboarding.recommend", queue=Queues.ONBOARDING)
def recommend(*, onboarding_id: str) -> None:
    """Queue the customer for recommendations."""
    run(Name.RECOMMEND, onboarding_id, work.recommend)
