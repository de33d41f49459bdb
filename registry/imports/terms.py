"""How an import is to be done, and whose it is."""

from dataclasses import dataclass

from django.contrib.auth.models import User


@dataclass(frozen=True)
class Terms:
    """What the operator asked for.

    Attributes:
        user: who owns what is made, and must be allowed to edit what is joined; None for the operator.
        experiment_prefix: put before every experiment's name.
        is_strict: one problem, and nothing is stored.
        is_dry: examine only.
    """

    user: User | None = None
    experiment_prefix: str = ""
    is_strict: bool = False
    is_dry: bool = False
