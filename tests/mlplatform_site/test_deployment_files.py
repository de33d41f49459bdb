"""Docker files can't be run everywhere, so they are compared with what the settings read."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlplatform_site.stack import postgres, rabbitmq

PROJECT = Path(__file__).resolve().parents[2]
READ = re.compile(
    r'(?:env\.(?:str|bool|int|list)|store_url|positive_int|not_negative_int|one_of|directions|environ\.get)\(\s*"([A-Z_]+)"'
)
COMPOSE_ONLY = {
    "POSTGRES_PASSWORD",
    "MONGODB_PASSWORD",
    "REDIS_PASSWORD",
    "RABBITMQ_PASSWORD",
    "UI_PASSWORD",
    "WEB_PORT",
}
BY_HAND = {"STACK_POSTGRES", "STACK_MONGOD", "STACK_REDIS", "STACK_RABBITMQ"}
TEXT = (PROJECT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return found


def example_names() -> set[str]:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


def settings_names() -> set[str]:
    files = [
        *(PROJECT / "mlplatform_site/settings").glob("*.py"),
        PROJECT / "mlplatform_site/stack/endpoints.py",
        PROJECT / "mlplatform_site/web/gunicorn_settings.py",
    ]
    names = {name for file in files for name in READ.findall(file.read_text())}
    return names - {"PYTEST_XDIST_WORKER"}


def test_the_example_names_every_setting_that_is_read_and_no_other() -> None:
    assert example_names() - COMPOSE_ONLY - BY_HAND == settings_names()


def test_compose_uses_only_variables_of_the_example() -> None:
    assert set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", TEXT)) <= example_names()


def test_every_secret_must_be_set() -> None:
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "MONGODB_PASSWORD", "REDIS_PASSWORD", "UI_PASSWORD"):
        uses = re.findall(rf"(?<!\$)\$\{{{name}([^}}]*)\}}", TEXT)
        assert uses, name
        assert all(use.startswith(":?") for use in uses), name
        assert re.search(rf"^{name}=$", (PROJECT / ".env.example").read_text(), re.MULTILINE)


def test_rabbitmq_is_refused_without_its_password_and_nothing_else_is(services: dict[str, Any]) -> None:
    assert re.findall(r"(?<!\$)\$\{RABBITMQ_PASSWORD([^}]*)\}", TEXT) == [":-"]
    words = [word.replace("$$", "$") for word in services["rabbitmq"]["entrypoint"]]
    refused = subprocess.run(
        words, env={"RABBITMQ_DEFAULT_PASS": ""}, capture_output=True, text=True, check=False
    )
    assert (refused.returncode, refused.stderr) == (1, "Set RABBITMQ_PASSWORD in .env\n")
    words[-1] = words[-1].replace("docker-entrypoint.sh", "echo")
    assert subprocess.check_output(words, env={"RABBITMQ_DEFAULT_PASS": "x"}) == b"rabbitmq-server\n"


def test_every_store_has_a_health_check_and_the_application_waits_for_it(services: dict[str, Any]) -> None:
    stores = {"postgres", "mongodb", "redis-cache", "redis-store"}
    for name in stores:
        assert services[name]["healthcheck"]["test"]
    for name in ("web", "init"):
        waits = services[name]["depends_on"]
        assert stores <= {each for each, how in waits.items() if how["condition"] == "service_healthy"}
    assert services["web"]["depends_on"]["init"]["condition"] == "service_completed_successfully"


def test_every_service_has_a_memory_limit(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "mem_limit" not in service} == set()


def test_the_redis_servers_have_a_policy_each(services: dict[str, Any]) -> None:
    assert "--maxmemory-policy allkeys-lru" in services["redis-cache"]["command"][-1]
    assert "--maxmemory-policy noeviction" in services["redis-store"]["command"][-1]
    assert "--appendonly yes" in services["redis-store"]["command"][-1]


def test_postgresql_keeps_as_much_of_its_log_as_the_embedded_one(services: dict[str, Any]) -> None:
    embedded = postgres.SETTINGS + postgres.SINCE_18
    for name in ("wal_level", "max_slot_wal_keep_size", "idle_replication_slot_timeout"):
        value = re.search(rf"^{name} = '?(\w+)'?$", embedded, re.MULTILINE)
        assert value
        assert f"{name}={value[1]}" in services["postgres"]["command"]


def test_data_lies_in_named_volumes(services: dict[str, Any]) -> None:
    named = set(yaml.safe_load(TEXT)["volumes"])
    used = {
        volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])
    }
    assert used == named


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 3
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_browsers_of_the_stores_come_only_with_their_profile(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if service.get("profiles") == ["ui"]} == {
        "mongo-express", "redis-commander",
    }  # fmt: skip


def test_the_application_gets_the_urls_that_the_settings_read(services: dict[str, Any]) -> None:
    given = services["web"]["environment"]
    for name in ("DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL"):
        host = re.search(r"@([a-z-]+):", given[name])
        assert host
        assert host[1] in services


def test_rabbitmq_comes_only_with_its_profile_and_whoever_works_waits_for_it(
    services: dict[str, Any],
) -> None:
    assert services["rabbitmq"]["profiles"] == ["messaging"]
    assert services["rabbitmq"]["healthcheck"]["test"]
    for name in ("worker", "consumer", "beat"):
        assert "profiles" not in services[name]  # the Redis store is the broker without it
        assert services[name]["depends_on"]["rabbitmq"] == {"condition": "service_healthy", "required": False}


def test_the_broker_of_the_example_is_the_one_of_compose(services: dict[str, Any]) -> None:
    example = re.search(
        r"BROKER_URL=amqp://(\w+):\$\{RABBITMQ_PASSWORD\}@(\w+):5672/(\w+)",
        (PROJECT / ".env.example").read_text(),
    )
    assert example
    given = services["rabbitmq"]["environment"]
    assert example.groups() == (given["RABBITMQ_DEFAULT_USER"], "rabbitmq", given["RABBITMQ_DEFAULT_VHOST"])
    assert (given["RABBITMQ_DEFAULT_USER"], given["RABBITMQ_DEFAULT_VHOST"]) == (
        rabbitmq.USER,
        rabbitmq.VHOST,
    )


def test_the_image_runs_as_an_ordinary_user() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert dockerfile.count("FROM ") == 2
    assert re.search(r"^USER mlplatform$", dockerfile, re.MULTILINE)
