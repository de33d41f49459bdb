import datetime as dt
import itertools

from analysis.queries.model_registry.timeline import Event, Moment, last_replaced, moments

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def history(*rows: tuple[int, int, str, str], environment: str = "production") -> list[Event]:
    """Rows of deployment, version, status and note."""
    seconds = itertools.count()
    return [
        Event(
            deployment,
            version,
            environment,
            "",
            status,
            note,
            "ada",
            START + dt.timedelta(seconds=next(seconds)),
        )
        for deployment, version, status, note in rows
    ]


def told(events: list[Event]) -> list[tuple[str, int, int | None]]:
    return [(each.kind, each.version, each.replaced) for each in moments(events)]


LIVE_1 = [(1, 1, "requested", ""), (1, 1, "live", "")]
LIVE_2 = [(2, 2, "requested", ""), (1, 1, "retired", "Replaced by version 2"), (2, 2, "live", "better")]


def test_a_replacement_is_one_moment() -> None:
    assert told(history(*LIVE_1, *LIVE_2)) == [("promoted", 2, 1), ("first", 1, None)]


def test_an_older_version_is_a_roll_back_and_the_same_one_another_endpoint() -> None:
    back = [(3, 1, "requested", ""), (2, 2, "retired", "Replaced by version 1"), (3, 1, "live", "")]
    again = [(4, 1, "requested", ""), (3, 1, "retired", "Replaced by version 1"), (4, 1, "live", "")]
    assert told(history(*LIVE_1, *LIVE_2, *back, *again))[:2] == [("endpoint", 1, 1), ("rolled back", 1, 2)]


def test_after_a_retirement_the_next_one_replaces_nothing() -> None:
    events = history(*LIVE_1, (1, 1, "retired", "slow"), (2, 2, "requested", ""), (2, 2, "live", ""))
    assert told(events) == [("first", 2, None), ("retired", 1, None), ("first", 1, None)]


def test_a_failure_names_who_stayed_and_a_request_without_an_answer_is_shown() -> None:
    failed = [(2, 2, "requested", ""), (2, 2, "failed", "damaged")]
    events = history(*LIVE_1, *failed, (3, 3, "requested", ""))
    assert told(events)[:2] == [("requested", 3, None), ("failed", 2, 1)]


def test_a_history_that_begins_in_the_middle_still_knows_what_was_replaced() -> None:
    assert told(history(*LIVE_2)) == [("promoted", 2, 1)]


def test_the_history_of_one_version_says_by_which_it_was_replaced() -> None:
    events = history(*LIVE_1, (1, 1, "retired", "Replaced by version 2"))
    assert told(events)[0] == ("replaced", 1, 2)
    assert moments(events)[0].note == ""


def test_environments_have_histories_of_their_own() -> None:
    elsewhere = history((9, 9, "requested", ""), (9, 9, "live", ""), environment="staging")
    found = moments([*history(*LIVE_1), *elsewhere, *history(*LIVE_2)])
    assert [(each.environment, each.kind) for each in found] == [
        ("production", "promoted"), ("staging", "first"), ("production", "first"),
    ]  # fmt: skip
    assert last_replaced(found) == {"production": 1}


def test_the_version_before_is_that_of_the_newest_change() -> None:
    def change(version: int, replaced: int | None, kind: str) -> Moment:
        return Moment(kind, version, "production", replaced, "", "", "", START)

    assert last_replaced([change(3, 2, "rolled back"), change(2, 1, "promoted")]) == {"production": 2}
    assert last_replaced([change(3, None, "first")]) == {}
