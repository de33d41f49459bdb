"""The trade-offs of each store, and what to move between them."""

from analysis.choosing.catalog import STORES
from analysis.choosing.moving import AFTERWARDS, MOVES, Move
from analysis.choosing.stores import Store

from .markdown import bullets, paragraphs, table


def stores_section() -> str:
    """Those that run here, then the others, marked as such."""
    run_here = [store for store in STORES.values() if store.is_run]
    others = [store for store in STORES.values() if not store.is_run]
    return paragraphs(
        "## Trade-offs",
        *(_store(store) for store in run_here),
        "## Stores that this platform does not run",
        "What follows is from their own documentation. The benchmark measured none of them.",
        *(_store(store) for store in others),
    )


def moves_section() -> str:
    """Recommendations for moving data."""
    return paragraphs(
        "## Moving data between stores",
        "Never write to two stores one after the other: the second write is lost sooner or later. One "
        "store is the "
        "record, and the others follow it.",
        *(_move(each) for each in MOVES),
        f"{AFTERWARDS.statement} ([{AFTERWARDS.document}]({AFTERWARDS.document}))",
    )


def _store(store: Store) -> str:
    facts = [
        ("Strengths", "; ".join(store.strengths)),
        ("Weaknesses", "; ".join(store.weaknesses)),
        ("Best for", "; ".join(store.best_for)),
        ("Not for", "; ".join(store.not_for)),
        *store.facets,
    ]
    if store.instead:
        facts.append(("Inside this platform instead", store.instead))
    sources = " · ".join(f"[{source.title}]({source.url})" for source in store.sources)
    return paragraphs(
        f"### {store.title}",
        f"{store.setup}.",
        table(("", ""), [(f"**{name}**", told) for name, told in facts]),
        f"Sources: {sources}" if sources else "",
    )


def _move(move: Move) -> str:
    state = "this version does it" if move.is_built else "not built in this version: advice"
    return paragraphs(
        f"### {move.title}: {STORES[move.source].title} → {STORES[move.target].title}",
        bullets(
            [
                f"**When** {move.when}.",
                f"**How** ({state}): {move.how}",
                *(
                    f"**Recorded**: {each.statement} ([{each.document}]({each.document}))"
                    for each in move.evidence
                ),
            ]
        ),
    )
