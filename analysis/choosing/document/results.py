"""What was measured. Every sentence is chosen by the figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from analysis.benchmarks.stores import WORKS, StoreBenchmark
from analysis.choosing.catalog import STORES, titles
from analysis.choosing.comparing import LEVELS, RUN_HERE, Comparison, milliseconds, times, told
from analysis.choosing.stores import StoreName

from .markdown import bullets, paragraphs, table

TITLES = {store: STORES[store].title for store in RUN_HERE}
KEY_READ = "key_value_read"


def results_section(
    benchmark: StoreBenchmark, comparisons: Sequence[Comparison], plots: Sequence[str]
) -> str:
    """Winners, plots, every work with all its figures, and what Redis does not win."""
    works = groupby(comparisons, key=lambda each: each.work)
    return paragraphs(
        "## Results",
        counted(comparisons),
        *(f"![{_caption(plot)}]({plot})" for plot in plots),
        "### Who is first",
        table(
            ("Work", "Level, clients", "First", "Ahead of the second", "Its p50"), map(_winner, comparisons)
        ),
        *(_work(benchmark, name, list(each)) for name, each in works),
        "### What Redis does not win",
        not_won(comparisons, StoreName.REDIS),
    )


def key_reads(benchmark: StoreBenchmark, comparisons: Sequence[Comparison]) -> str:
    """How far Redis is ahead, or not, in reading a value by its key."""
    said = [each.statement for each in benchmark.key_reads]
    measured = [f"{each.conditions}: {told(each)}" for each in comparisons if each.work == KEY_READ]
    return bullets(said or measured)


def counted(comparisons: Sequence[Comparison]) -> str:
    """How often each store was first."""
    raced = [each for each in comparisons if len(each.standings) > 1]
    first = Counter(each.leader.title for each in raced if not each.tied)
    ties = sum(bool(each.tied) for each in raced)
    if not raced:
        return "No two stores were measured at the same work."
    parts = [f"{title} in {first[title]}" for title in TITLES.values()]
    tied = f"; {ties} can't be told apart" if ties else ""
    return f"Of {len(raced)} comparisons, first were {', '.join(parts)}{tied}."


def not_won(comparisons: Iterable[Comparison], store: StoreName) -> str:
    """Where a store is behind, level, or has nothing to offer."""
    found: dict[str, list[str]] = {"Behind": [], "A tie": [], "Not offered": []}
    for each in comparisons:
        where = f"{each.title} ({each.conditions})"
        outcome = each.outcome(store)
        if outcome == "absent":
            found["Not offered"].append(f"{where}: {dict(each.absent)[TITLES[store]]}.")
        elif outcome in ("lost", "tied"):
            found["Behind" if outcome == "lost" else "A tie"].append(f"{where}: {told(each)}")
    parts = [part for title, lines in found.items() if lines for part in (f"**{title}**", bullets(lines))]
    return paragraphs(*parts) or f"{TITLES[store]} was first at every work that was measured."


def gain_of_a_cache(comparisons: Iterable[Comparison]) -> str:
    """Whether Redis gains over the ORM alone, or over bare statements as well."""
    found = {each.level: each for each in comparisons if each.work == KEY_READ and each.clients == 1}
    library, driver = found.get("library"), found.get("driver")
    if library is None or driver is None:
        return ""
    if library.outcome(StoreName.REDIS) != "won":
        return "The cache API is not ahead of the ORM here: a cache pays for what is dear to compute."
    if driver.outcome(StoreName.REDIS) == "won":
        return (
            "Redis is ahead of the ORM and of bare statements: a cache gains even where reads are bare SQL."
        )
    others = [each for each in driver.tied or (driver.leader.store,) if each is not StoreName.REDIS]
    return (
        f"Redis is ahead of the ORM, not of a bare read from {titles(*others)}: where one row by its key "
        "is all, read "
        f"it by a bare statement first, and cache what is dear to compute."
    )


def _winner(each: Comparison) -> tuple[str, ...]:
    second = each.standings[1] if len(each.standings) > 1 else None
    first = "a tie" if each.tied else f"**{each.leader.title}**"
    ahead = f"{times(second.times)} {second.title}" if second else "alone"
    ahead += ", within the spread" if each.tied else ""
    return (each.title, each.conditions, first, ahead, milliseconds(each.leader.p50_ms))


def _work(benchmark: StoreBenchmark, name: str, found: Sequence[Comparison]) -> str:
    work = WORKS.get(name)
    rows = [(each.conditions, *(_figure(each, store) for store in TITLES)) for each in found]
    return paragraphs(
        f'<a id="{name.replace("_", "-")}"></a>\n\n### {found[0].title}',
        work.says if work else "",
        benchmark.notes.get(name, ""),
        table(("Items a second (p50, p99)", *TITLES.values()), rows),
        bullets(f"{each.conditions}: {told(each)}" for each in found),
    )


def _figure(comparison: Comparison, store: StoreName) -> str:
    standing = comparison.of(store)
    if standing is None:
        return "–"  # noqa: RUF001 (as tables show nothing)
    shown = f"{standing.per_second:,.0f} ({milliseconds(standing.p50_ms)}, {milliseconds(standing.p99_ms)})"
    return f"**{shown}**" if comparison.outcome(store) == "won" else shown


def _caption(plot: str) -> str:
    level = plot.rsplit("_", 1)[-1].removesuffix(".png")
    return f"Stores at the same work, {LEVELS.get(level, level)}"
