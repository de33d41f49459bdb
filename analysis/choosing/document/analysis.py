"""The whole document."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from analysis.benchmarks.stores import StoreBenchmark
from analysis.choosing.comparing import Comparison
from analysis.choosing.conditions import caution, flat
from analysis.choosing.figures import Figures
from analysis.choosing.matrix import MatrixRow, matrix_rows
from analysis.choosing.stores import StoreName

from .markdown import bullets, paragraphs, table
from .matrix import matrix_section
from .results import counted, gain_of_a_cache, key_reads, results_section
from .stores import moves_section, stores_section

RULES = (
    "Let every fact begin in PostgreSQL, in one transaction with its outbox row.",
    "Put what each framework shapes as it likes into MongoDB, under the id of its row.",
    "Put copies that must be near into Redis, and only what can be made again.",
    "Put bytes into files under their digest.",
    "Take a column-family, graph or time-series store when its case below is yours, not before.",
)


def analysis_document(figures: Figures, *, plots: Sequence[str], diagram: str) -> str:
    """ANALYSIS.md, a function of the figures alone: the same input gives the same bytes.

    Args:
        figures: with a recorded benchmark.
        plots: paths of pictures, relative to the document, in their order.
        diagram: the architecture's picture, likewise.

    Raises:
        ValueError: Where no benchmark is recorded.
    """
    benchmark = figures.benchmark
    if benchmark is None:
        raise ValueError(figures.trouble)
    rows = matrix_rows(figures)
    return (
        paragraphs(
            "# Which store for what",
            f"Written by `manage.py write_analysis` from the benchmark recorded at "
            f"{benchmark.recorded_at}. Don't edit it: record anew (`manage.py benchmark`) and write anew; "
            "sentences follow the figures.",
            _in_a_hurry(benchmark, figures, rows),
            matrix_section(rows),
            results_section(benchmark, figures.comparisons, plots),
            stores_section(),
            _architecture(diagram),
            moves_section(),
            _conditions(benchmark),
        )
        + "\n"
    )


def plots_beside(benchmark: Path) -> list[str]:
    """The pictures that were drawn with a benchmark, by name, as the repository has them."""
    return [f"docs/benchmarks/{path.name}" for path in sorted(benchmark.parent.glob("stores_*.png"))]


def _in_a_hurry(benchmark: StoreBenchmark, figures: Figures, rows: Sequence[MatrixRow]) -> str:
    heaps: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        name = row.best.title if row.best.is_run else f"{row.best.title} (not run here)"
        heaps[name].append(row.case.title)
    return paragraphs(
        "## In a hurry",
        bullets(RULES),
        table(("Keep in", "what"), [(f"**{name}**", "; ".join(cases)) for name, cases in heaps.items()]),
        caution(benchmark),
        f"**Measured.** {counted(figures.comparisons)} Reading a value by its key:",
        key_reads(benchmark, figures.comparisons),
        gain_of_a_cache(figures.comparisons),
        _redis(figures.comparisons),
        _warnings(rows),
        "For data of your own: `manage.py choose_store`, or the page `/stores/choose/`.",
    )


def _redis(comparisons: Sequence[Comparison]) -> str:
    """At which works Redis is not first at some level, in one line."""
    lost = dict.fromkeys(
        each.title for each in comparisons if each.outcome(StoreName.REDIS) in ("lost", "tied")
    )
    if not lost:
        return ""
    titles = "; ".join(lost)
    return f"**Redis is not first** at some level of: {titles} ([where](#what-redis-does-not-win))."


def _warnings(rows: Sequence[MatrixRow]) -> str:
    """Choices for speed that the figures do not bear out."""
    doubtful = [row.case.title for row in rows if row.verdict == "lost" and row.case.is_about_speed]
    if not doubtful:
        return ""
    return f"**Not borne out by these figures**, although speed decides them: {'; '.join(doubtful)}."


def _architecture(diagram: str) -> str:
    return paragraphs(
        "## Architecture",
        f"![Clients write by services into PostgreSQL and its outbox; the other stores follow]({diagram})",
        "Solid: calls. Dashed: after the commit, by the writer first and by the relay for whatever did not "
        "take. "
        "PostgreSQL is the only place where a fact begins to exist; everything in Redis, and every MongoDB "
        "document "
        "of a run, can be made again from it. More: [docs/architecture.md](docs/architecture.md), "
        "[docs/reliability.md](docs/reliability.md).",
    )


def _conditions(benchmark: StoreBenchmark) -> str:
    facts = flat({**benchmark.environment, **benchmark.settings})
    cores = benchmark.environment.get("cpus")
    shared = f"{cores} cores" if cores else "the same cores"
    return paragraphs(
        "## Conditions and limits of the measurement",
        table(("condition", "value"), list(facts)),
        bullets(
            (
                f"Servers and clients shared {shared}: eight clients take their part of the rate.",
                "No network lay between them. One would add the same to every round trip.",
                "One server of each store, without a replica to wait for.",
                "Everything fitted into memory; reading from disks would change the figures.",
                "Clients are Python's: driver, ORM and ODM are part of each figure, as in the platform.",
                "Column-family, graph and time-series stores were not measured by this benchmark.",
            )
        ),
    )
