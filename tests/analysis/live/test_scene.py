import json
from itertools import product

from analysis.live.scene import MOST_EVENTS, Scene

FIRST = Scene({"lead": "<b>1</b>", "charts": "c"})
SECOND = Scene({"lead": "<b>2</b>", "charts": "c"})


def sent(scene: Scene, seen: str) -> dict[str, object]:
    lines = scene.event(seen).decode().split("\n")
    assert lines[0] == "event: scene"
    assert lines[1] == f"id: {scene.mark}"
    assert lines[3:] == ["", ""]
    found: dict[str, object] = json.loads(lines[2].removeprefix("data: "))
    return found


def test_only_the_parts_that_differ_are_sent() -> None:
    assert sent(SECOND, FIRST.mark)["parts"] == {"lead": "<b>2</b>"}


def test_who_has_seen_it_is_sent_nothing() -> None:
    assert SECOND.event(Scene(dict(SECOND.parts)).mark) == b""


def test_who_has_seen_nothing_that_is_known_is_sent_everything() -> None:
    for seen in ("", "nonsense", "a.b.c.d", "..", "\n\nid: 1"):
        assert sent(FIRST, seen)["parts"] == FIRST.parts


def test_what_browsers_say_they_have_seen_takes_no_memory() -> None:
    scene = Scene({name: name for name in "abcd"})
    for number in range(100):
        assert sent(scene, f"nonsense{number}")["parts"] == scene.parts
    assert len(scene._events) == 1
    for known in product(*(("", digest) for digest in scene.digests)):
        parts = sent(scene, ".".join([*known, "on?"]))["parts"]
        assert parts == {name: name for name, digest in zip("abcd", known, strict=True) if not digest}
        assert len(scene._events) <= MOST_EVENTS


def test_a_line_break_in_a_part_does_not_end_the_event() -> None:
    scene = Scene({"lead": "one\n\ntwo"})
    assert sent(scene, "")["parts"] == {"lead": "one\n\ntwo"}


def test_the_end_is_told_though_no_part_differs() -> None:
    over = Scene(FIRST.parts, is_over=True, status="Finished")
    assert sent(over, FIRST.mark) == {"parts": {}, "over": True, "status": "Finished"}
