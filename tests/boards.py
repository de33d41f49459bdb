"""Leaderboards as Redis has them."""

from features.online.leaderboards import head, note_built


def runs_on_board(dataset: str) -> list[str]:
    """The runs by accuracy, the best first; boards count as whole from then on."""
    note_built()
    found = head(dataset)
    assert found is not None
    return [place.run_id for place in found.places]
