from io import StringIO

from rich.console import Console

from mlplatform_site.demo import banner
from mlplatform_site.demo.preparation import Access


def test_addresses_stand_whole_on_one_line_of_a_narrow_terminal() -> None:
    said = StringIO()
    access = Access("admin", "a password", "mlp_token")
    banner.show(Console(file=said, width=40), "http://127.0.0.1:8155", access, 12)
    lines = [line.strip() for line in said.getvalue().splitlines()]
    assert "Why        http://127.0.0.1:8155/models/customer-churn/why/?customer_id=00004" in lines
    assert "API token  mlp_token" in lines
