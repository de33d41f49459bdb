"""Registered models and their versions by filter, order and page."""

from collections.abc import Sequence

from django.contrib.auth.models import User

from registry.filters import Entity, Node, Order
from registry.models import ExperimentPermission
from registry.queries.model_versions import JOINS, version_rows
from registry.queries.permission_sql import permission_sql
from registry.queries.registered_models import registered_model_rows

from .keys import KeySearch, keys_page
from .nouns import HIDDEN_TAG, Noun
from .ordering import SortKey
from .pages import Page, Place, checked_size

MAX_MODELS, MAX_VERSIONS = 1_000, 200_000
BY_NAME = (SortKey("m.name", "text"),)
MODEL = Noun(
    tables="registry_registeredmodel m",
    key="m.id",
    texts={"name": "m.name"},
    moments={"creation_timestamp": "m.created_at", "last_updated_timestamp": "m.updated_at"},
    order=BY_NAME,
    ties=BY_NAME,
    owned={Entity.TAG: ("registry_registeredmodeltag", "x.model_id = m.id")},
)
NEWEST_FIRST = SortKey("v.number", "int8", is_descending=True)
VERSION = Noun(
    tables=JOINS,
    key="v.id",
    texts={"name": "m.name", "source_path": "v.source"},
    ids={"run_id": "r.run_id"},
    moments={"creation_timestamp": "v.created_at", "last_updated_timestamp": "v.updated_at"},
    numbers={"version_number": "v.number"},
    order=(SortKey("v.updated_at", "timestamptz", is_descending=True), *BY_NAME, NEWEST_FIRST),
    ties=(*BY_NAME, NEWEST_FIRST),
    owned={Entity.TAG: ("registry_modelversiontag", "x.version_id = v.id")},
)
NO_PROMPT = "NOT EXISTS (SELECT 1 FROM {} x WHERE {} AND x.key = %(hidden)s AND x.value = 'true')"


def registered_models_page(
    *,
    user: User,
    condition: Node | None = None,
    orders: Sequence[Order] = (),
    after: Place | None = None,
    size: int = 100,
    has_prompts: bool = False,
) -> Page:
    """Registered models as rows (three statements).

    Args:
        has_prompts: whether what clients keep as prompts is found, too.

    Raises:
        BadInputError: the order or the size of the page can't be had.
    """
    found = keys_page(
        MODEL,
        KeySearch(
            size=checked_size(size, most=MAX_MODELS),
            condition=condition,
            keys=MODEL.sort_keys(orders),
            after=after,
            within=_shown(MODEL, has_prompts=has_prompts),
            values={"hidden": HIDDEN_TAG},
        ),
    )
    return Page(registered_model_rows(user, found.rows), found.next_after)


def versions_page(
    *,
    user: User,
    condition: Node | None = None,
    orders: Sequence[Order] = (),
    after: Place | None = None,
    size: int = 10_000,
    has_prompts: bool = False,
) -> Page:
    """Versions, of all models, that the user may know of, as rows (two statements).

    Raises:
        BadInputError: the order or the size of the page can't be had.
    """
    permission, values = permission_sql(user, ExperimentPermission.Level.READ)
    found = keys_page(
        VERSION,
        KeySearch(
            size=checked_size(size, most=MAX_VERSIONS),
            condition=condition,
            keys=VERSION.sort_keys(orders),
            after=after,
            within=f"{permission} AND {_shown(VERSION, has_prompts=has_prompts)}",
            values=values | {"hidden": HIDDEN_TAG},
        ),
    )
    return Page(version_rows(user, found.rows), found.next_after)


def _shown(noun: Noun, *, has_prompts: bool) -> str:
    return "true" if has_prompts else NO_PROMPT.format(*noun.owned[Entity.TAG])
