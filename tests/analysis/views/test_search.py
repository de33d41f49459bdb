"""The page of the search."""

import pytest
from django.test import Client

from tests.factories import RegisteredModelFactory, RunFactory

pytestmark = pytest.mark.django_db


def html(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_what_matched_is_marked(reader: Client) -> None:
    run = RunFactory.create(name="<b>Forest</b> & co")
    page = html(reader, "/search/?q=FOREST")
    assert f'<a href="/runs/{run.run_id}/">&lt;b&gt;<mark>Forest</mark>&lt;/b&gt; &amp; co</a>' in page
    assert "<b>Forest" not in page


def test_the_whole_id_leads_to_its_page(reader: Client) -> None:
    run = RunFactory.create()
    response = reader.get("/search/", {"q": f" {run.run_id.upper()} "})
    assert (response.status_code, response["Location"]) == (302, f"/runs/{run.run_id}/")


def test_a_filter_can_be_run_as_one(reader: Client) -> None:
    page = html(reader, "/search/?q=metrics.accuracy+%3E+0.9")
    assert "/runs/?filter=metrics.accuracy+%3E+0.9" in page


def test_long_lists_lead_to_all_of_it(reader: Client) -> None:
    RunFactory.create_batch(21)
    page = html(reader, "/search/?q=experiment-")
    assert "more than 20" in page
    assert "/experiments/?q=experiment-" in page


def test_a_model_without_an_address_is_named_all_the_same(reader: Client) -> None:
    RegisteredModelFactory.create(name="team/churn")
    page = html(reader, "/search/?q=churn")
    assert "<span>team/<mark>churn</mark></span>" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "What are you looking for?"),
        ("nothing-has-this", "the first four characters of an id"),
        ("zq", "only the beginnings of names"),
        ("%00%27%22%3Cscript%3E", "Nothing has this in its name"),
    ],
)
def test_an_empty_answer_says_what_to_do(reader: Client, text: str, said: str) -> None:
    page = html(reader, f"/search/?q={text}")
    assert said in page
    assert "<script>" not in page


def test_a_short_text_is_told_what_it_finds(reader: Client) -> None:
    RunFactory.create(name="ab-1")
    assert "type more to look inside them" in html(reader, "/search/?q=ab")


def test_the_search_is_in_the_header_of_every_page(reader: Client) -> None:
    assert 'aria-label="Search everything"' in html(reader, "/workers/")
