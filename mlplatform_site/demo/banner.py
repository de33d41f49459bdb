"""What the demo prints when the site is up."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from .preparation import Access

MLFLOW_LINES = """\
[bold]export[/] MLFLOW_TRACKING_URI={url}
[bold]export[/] MLFLOW_TRACKING_TOKEN={token}
pip install mlflow
python -c 'import mlflow; mlflow.set_experiment("first"); mlflow.log_metric("accuracy", 0.9)'"""

PREDICT_LINES = """\
curl -H "Authorization: Bearer {token}" -H "Content-Type: application/json" \\
  -d '{{"entities": {{"customer_id": ["00001", "00004"]}}}}' {url}/predict/customer-churn"""


def show(console: Console, url: str, access: Access, seconds: float) -> None:
    """Print the URLs, the login, the token and the lines for an MLflow client."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in (
        ("Site", f"{url}/"),
        ("Runs", f"{url}/runs/"),
        ("Why", f"{url}/models/customer-churn/why/?customer_id=00004"),
        ("Admin", f"{url}/admin/"),
        ("User", access.username),
        ("Password", access.password),
        ("API token", access.token),
    ):
        table.add_row(name, value)
    console.print(
        Panel(table, title=f"ML Platform is up ({seconds:.0f} s)", border_style="green", expand=False)
    )
    console.print("Point an MLflow client at it (docs/mlflow.md):", style="dim")
    console.print(MLFLOW_LINES.format(url=url, token=access.token), soft_wrap=True, highlight=False)
    console.print("Ask a deployed model for predictions (docs/predictions.md):", style="dim")
    console.print(
        PREDICT_LINES.format(url=url, token=access.token), soft_wrap=True, highlight=False, markup=False
    )
    console.print("\nCtrl-C stops everything that this command started.", style="dim")
