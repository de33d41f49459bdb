"""A full disk under one server: what was acknowledged stays, and room brings everything back."""

import itertools

import pytest

from tests.private_stack import PrivateStack

from .disks import small_disk
from .servers import StoreServer
from .story import Story
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
NOTE = "x" * 90_000
MOST_NOTES = 600


def test_mongodb_without_room_costs_no_acknowledged_run(stack: PrivateStack, zygote: Zygote) -> None:
    with small_disk(stack, "mongodb", 420) as disk:
        before = Story(stack, zygote)
        before.perform("register")
        disk.fill()
        during = [Story(stack, zygote) for _ in range(5)]
        for story in during:
            for operation in ("register", "note", "change", "end"):
                story.perform(operation)
        disk.free()
        StoreServer(stack, "mongodb").wait_until_back()
        for story in (before, *during):
            story.relay()
        for story in (before, *during):
            story.assert_all_is_well()


def test_postgresql_without_room_refuses_and_keeps_what_it_acknowledged(
    stack: PrivateStack, zygote: Zygote
) -> None:
    with small_disk(stack, "postgres", 200) as disk:
        story = Story(stack, zygote)
        story.perform("register")
        disk.fill()
        for number in itertools.count():
            request = {"run_id": story.told.run_id, "text": f"{number} {NOTE}", "key": f"note {number}"}
            if zygote.attempt("note", **request)["status"] != 0:
                break
            story.told.notes.append(request["text"])
            assert number < MOST_NOTES, "the disk does not fill"
        disk.free()
        StoreServer(stack, "postgres").wait_until_back()
        zygote.do("note", **request)
        story.told.notes.append(request["text"])
        story.relay()
        story.assert_all_is_well()
