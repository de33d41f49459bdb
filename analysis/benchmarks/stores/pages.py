"""The page that is fetched from a store or rendered anew: a table of 100 records."""

import functools

from django.template import Context, Engine, Template

from .data import page_numbers, record

SOURCE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Runs {{ number }}</title></head>
<body><h1>Runs {{ number }}</h1><table>
<tr><th>run<th>framework<th>model<th>dataset<th>status<th>accuracy<th>loss<th>seconds</tr>
{% for each in records %}<tr class="{% if each.status == "FINISHED" %}is-well{% else %}is-ill{% endif %}">
<td><a href="/runs/{{ each.record_id }}/">{{ each.name }}</a><td>{{ each.framework }}<td>{{ each.model_type }}
<td>{{ each.dataset }}<td>{{ each.status|lower }}<td>{{ each.accuracy|floatformat:4 }}
<td>{{ each.loss|floatformat:4 }}<td>{{ each.duration_seconds|floatformat:1 }}</tr>
{% endfor %}</table></body></html>
"""


def page(number: int) -> str:
    """Render the page."""
    shown = [record(each) for each in page_numbers(number)]
    return _template().render(Context({"number": number, "records": shown}))


@functools.cache
def kept_page(number: int) -> str:
    """The same, rendered once a process."""
    return page(number)


@functools.cache
def _template() -> Template:
    return Engine().from_string(SOURCE)
