from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.pages import page


def test_keys_and_values_have_the_size_that_is_told() -> None:
    assert (len(data.key(7)), len(data.value(7))) == (32, 200)
    assert len({data.key(number) for number in range(1_000)}) == 1_000


def test_a_record_has_ten_fields_and_its_id() -> None:
    found = data.record(5)
    assert tuple(found) == data.COLUMNS
    assert len(data.FIELDS) == 10
    assert (found["record_id"], data.record(5, record_id="another")["record_id"]) == (data.key(5), "another")


def test_groups_are_those_of_the_finished_records_below_the_loss() -> None:
    kept = [each for each in data.records(500) if each["status"] == "FINISHED" and each["loss"] < 0.3]
    found = data.groups(500, 0.3)
    assert sum(count for _, count, _, _ in found) == len(kept)
    assert [name for name, *_ in found] == sorted({each["framework"] for each in kept})
    assert max(best for *_, best in found) == max(each["accuracy"] for each in kept)


def test_vectors_have_fifty_floats_and_differ() -> None:
    assert len(data.vector(3)) == len(data.feature_names()) == 50
    assert data.vector(3) != data.vector(4)
    assert data.entity(3) == "C3"


def test_a_page_is_of_about_twenty_kilobytes_and_always_the_same() -> None:
    assert 15_000 < len(page(2)) < 25_000
    assert page(2) == page(2)
    assert page(2).count("<tr class") == 100
