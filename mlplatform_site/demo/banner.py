"""What the demo prints when the site is up."""

from rich.console import Console
from rich.rule import Rule

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
    console.print(Rule(f"ML Platform is up ({seconds:.0f} s)", style="green", align="left"))
    for name, value in (
        ("Site", f"{url}/"),
        ("Runs", f"{url}/runs/"),
        ("Why", f"{url}/models/customer-churn/why/?customer_id=00004"),
        ("Admin", f"{url}/admin/"),
        ("User", access.username),
        ("Password", access.password),
        ("API token", access.token),
    ):
        # whole, without a box: an address that is folded can be neither clicked nor copied
        console.print(f"  [dim]{name:11}[/]{value}", soft_wrap=True, highlight=False)
    console.print(Rule(style="green"))
    console.print("Point an MLflow client at it (docs/mlflow.md):", style="dim")
    console.print(MLFLOW_LINES.format(url=url, token=access.token), soft_wrap=True, highlight=False)
    console.print("Ask a deployed model for predictions (docs/predictions.md):", style="dim")
    console.print(
        PREDICT_LINES.format(url=url, token=access.token), soft_wrap=True, highlight=False, markup=False
    )
    console.print("\nCtrl-C stops everything that this command started.", style="dim")
