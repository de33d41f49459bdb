"""What the commands that search MongoDB share: arguments, refusals and how rows are printed."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from registry.documents.condition_text import parsed_condition, parsed_moment
from registry.documents.conditions import Condition
from registry.documents.search import DocumentSearch
from registry.exceptions import BadInputError, StoreUnavailableError
from registry.queries.document_search import search_documents, serving_index

from .filters import row_count
from .tables import print_records

COLLECTION_SCAN = "no index; the whole collection is read"


def add_narrowing(parser: CommandParser, *, limit: int) -> None:
    """Add ``--where``, ``--tag``, ``--since``, ``--until``, ``--limit``, ``--explain`` and ``--json``."""
    parser.add_argument(
        "--where", action="append", default=[], type=_told(parsed_condition), metavar="CONDITION",
        help="such as 'config.layers.0.units>=64', 'name^=res', 'tags in a,b', 'config.lora exists';"
        " all must hold",
    )  # fmt: skip
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="KEY[=VALUE]",
        help="may be said again",
    )
    parser.add_argument("--since", type=_told(parsed_moment), metavar="TIME", help="from this day or moment")
    parser.add_argument("--until", type=_told(parsed_moment), metavar="TIME", help="before this one")
    parser.add_argument("--limit", type=row_count, default=limit, help=f"how many rows at most ({limit})")
    parser.add_argument("--explain", action="store_true", help="say which index serves the search, and stop")
    parser.add_argument("--json", action="store_true", help="a JSON list, for programs")


def add_columns(parser: CommandParser) -> None:
    """Add ``--fields`` and ``--sort``."""
    parser.add_argument(
        "--fields", type=_paths, default=[], metavar="PATH,PATH",
        help="only these, such as name,config.optimizer.lr; --json gives whole documents without it",
    )  # fmt: skip
    parser.add_argument(
        "--sort",
        default="",
        metavar="PATH",
        help="such as name or 'metrics.accuracy desc', else newest first",
    )


def narrowed(options: dict[str, Any], collection: str, *extra: Condition, **more: Any) -> DocumentSearch:
    """The search that the options ask for."""
    return DocumentSearch(
        collection=collection,
        conditions=[*extra, *options["where"]],
        tags=[_tag(each) for each in options["tag"]],
        since=options["since"],
        until=options["until"],
        limit=options["limit"],
        **more,
    )


@contextmanager
def refusals_told() -> Iterator[None]:
    """What is refused ends the command with the reason and the cure."""
    try:
        yield
    except (BadInputError, StoreUnavailableError) as error:
        raise CommandError(str(error)) from error


def print_documents(
    search: DocumentSearch, *, options: dict[str, Any], out: OutputWrapper, title: str, empty: str
) -> None:
    """Search and print, or say which index serves the search.

    Raises:
        CommandError: the search is refused, or MongoDB is away.
    """
    with refusals_told():
        if options["explain"]:
            out.write(f"Served by: {serving_index(search) or COLLECTION_SCAN}.")
            return
        records = search_documents(search)
    print_records(records, out=out, as_json=options["json"], title=title, empty=empty)


def columns(options: dict[str, Any], usual: Sequence[str]) -> Sequence[str]:
    """The fields asked for, else the usual ones, else (for programs) none: whole documents."""
    return options["fields"] or (() if options["json"] else usual)


def is_narrowed(options: dict[str, Any]) -> bool:
    """Whether anything was asked for that may fit nothing."""
    return any(options.get(name) for name in ("where", "tag", "since", "until", "framework", "experiment"))


def _told(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def parsed(text: str) -> Any:
        try:
            return parse(text)
        except BadInputError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def _paths(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]


def _tag(text: str) -> tuple[str, str | None]:
    key, sign, value = text.partition("=")
    return key, value if sign else None
