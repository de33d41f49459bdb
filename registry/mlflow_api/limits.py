"""MLflow's limits, with its messages."""

from django.http import HttpRequest

from registry.exceptions import BadInputError

MAX_BATCH_BYTES = 1_000_000
MAX_METRICS = 1_000
MAX_PARAMS = 100
MAX_TAGS = 100
MAX_IN_ALL = 1_000


def check_size(request: HttpRequest) -> None:
    """Refuse a batch of more than a megabyte.

    Raises:
        BadInputError: it is.
    """
    size = len(request.body)
    if size > MAX_BATCH_BYTES:
        raise BadInputError(
            f"Batched logging API requests must be at most {MAX_BATCH_BYTES} bytes,"
            f" got a request of size {size}."
        )


def check_batch(*, metrics: int, params: int, tags: int) -> None:
    """Refuse a batch of more than MLflow's server takes.

    Raises:
        BadInputError: it has more.
    """
    in_all = metrics + params + tags
    for name, count, most in (
        ("metrics", metrics, MAX_METRICS),
        ("params", params, MAX_PARAMS),
        ("tags", tags, MAX_TAGS),
        ("metrics, params, and tags", in_all, MAX_IN_ALL),
    ):
        if count > most:
            raise BadInputError(
                f"A batch logging request can contain at most {most} {name}. Got {count} {name}."
                f" Please split up {name} across multiple requests and try again."
            )
