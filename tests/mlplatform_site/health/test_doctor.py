"""Each usual failure, made with the real servers of a private stack."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis

from mlplatform_site.stack import lifecycle
from registry.store_health import STACK_NAMES
from tests.private_stack import PrivateStack, initialised

pytestmark = [pytest.mark.slow, pytest.mark.fault]
SECONDS = 5
FULL_DISK = Path(__file__).with_name("full_disk.sh")
SERVERS = ("postgres", "mongodb", "redis-cache", "redis-store")
VARIABLES = {
    "PostgreSQL": "DATABASE_URL",
    "MongoDB": "MONGODB_URL",
    "Redis (cache)": "REDIS_CACHE_URL",
    "Redis (store)": "REDIS_STORE_URL",
}


def ask(stack: PrivateStack, **environment: str) -> tuple[int, dict[str, Any]]:
    result = stack.manage("doctor", "--json", **environment)
    found: dict[str, Any] = json.loads(result.stdout)
    return result.returncode, {store["title"]: store for store in found["stores"]} | {"": found}


def test_doctor_finds_nothing_wrong_with_a_new_stack(private_stack: PrivateStack) -> None:
    status, found = ask(private_stack)
    assert status == 0
    assert {title: (found[title]["state"], found[title]["problems"]) for title in VARIABLES} == {
        title: ("ok", []) for title in VARIABLES
    }
    assert all(found[title]["ping_ms"] > 0 and found[title]["version"] for title in VARIABLES)
    assert (found[""]["outbox"]["waiting"], found[""]["outbox"]["parked"], found[""]["problems"]) == (
        0,
        0,
        [],
    )


def test_doctor_says_the_same_to_people(private_stack: PrivateStack) -> None:
    result = private_stack.manage("doctor")
    assert result.returncode == 0
    assert re.findall(r"^(\S+(?: \(\w+\))?) +ok", result.stdout, re.MULTILINE) == list(VARIABLES)
    assert result.stdout.endswith("All is well.\n")


def test_doctor_tells_the_server_that_hangs_from_those_that_answer(private_stack: PrivateStack) -> None:
    with private_stack.paused("mongodb"):
        status, found = ask(private_stack)
    assert status == 1
    assert {title: found[title]["state"] for title in VARIABLES} == {
        title: "down" if title == "MongoDB" else "ok" for title in VARIABLES
    }


def test_doctor_says_within_five_seconds_that_every_server_hangs(private_stack: PrivateStack) -> None:
    with private_stack.paused(*SERVERS):
        status, found = ask(private_stack)
    assert status == 1
    for title in VARIABLES:
        (problem,) = found[title]["problems"]
        assert problem["cause"].startswith(f"{title} hangs: ")
        assert f"stack stop {STACK_NAMES[title]} && manage.py stack start" in problem["cure"]
    assert found[""]["seconds"] < SECONDS


def test_doctor_says_that_the_passwords_are_wrong(private_stack: PrivateStack) -> None:
    wrong = {
        variable: re.sub(r":[^:@/]+@", ":wrong@", private_stack.url(variable))
        for variable in VARIABLES.values()
    }
    status, found = ask(private_stack, **wrong)
    assert status == 1
    for title, variable in VARIABLES.items():
        (problem,) = found[title]["problems"]
        assert problem["cause"] == f"{title} refused the user or password."
        assert f"Mend the user and password in {variable}" in problem["cure"]


def test_doctor_says_that_a_store_is_out_of_memory(private_stack: PrivateStack) -> None:
    with redis.Redis.from_url(private_stack.url("REDIS_STORE_URL")) as server:
        limit = server.config_get("maxmemory")["maxmemory"]
        server.config_set("maxmemory", "100kb")
        try:
            status, found = ask(private_stack)
        finally:
            server.config_set("maxmemory", limit)
    assert status == 1
    causes = [problem["cause"] for problem in found["Redis (store)"]["problems"]]
    assert "Redis (store) is out of memory and refuses writes." in causes
    assert "Raise maxmemory" in found["Redis (store)"]["problems"][-1]["cure"]


def test_doctor_says_that_the_store_may_evict(private_stack: PrivateStack) -> None:
    status, found = ask(private_stack, REDIS_STORE_URL=private_stack.url("REDIS_CACHE_URL"))
    assert status == 1
    (problem,) = found["Redis (store)"]["problems"]
    assert problem["cause"] == "Redis (store) may evict features: its policy is allkeys-lru."
    assert found["Redis (store)"]["state"] == "warning"


def test_doctor_says_what_is_missing_until_init_stores_has_run(private_stack: PrivateStack) -> None:
    elsewhere = re.sub(r"/\w+\?", "/elsewhere?", private_stack.url("MONGODB_URL"))
    status, found = ask(private_stack, MONGODB_URL=elsewhere)
    assert status == 1
    (problem,) = found["MongoDB"]["problems"]
    assert problem["cause"].startswith("MongoDB lacks model_configs")
    assert problem["cure"] == "Create them: manage.py init_stores"
    assert private_stack.manage("init_stores", MONGODB_URL=elsewhere).returncode == 0
    assert ask(private_stack, MONGODB_URL=elsewhere)[0] == 0


def test_doctor_says_that_migrations_are_pending(private_stack: PrivateStack) -> None:
    assert private_stack.manage("migrate", "features", "zero").returncode == 0
    status, found = ask(private_stack)
    assert status == 1
    (problem,) = found[""]["problems"]
    assert re.match(r"\d+ migrations are pending: features\.0001_initial", problem["cause"])
    assert problem["cure"] == "Run them: manage.py init_stores"
    assert private_stack.manage("init_stores").returncode == 0
    assert ask(private_stack)[0] == 0


def test_doctor_says_that_the_database_is_missing(private_stack: PrivateStack) -> None:
    elsewhere = private_stack.url("DATABASE_URL").rpartition("/")[0] + "/elsewhere"
    status, found = ask(private_stack, DATABASE_URL=elsewhere)
    assert status == 1
    assert 'database "elsewhere" does not exist' in found["PostgreSQL"]["problems"][0]["cause"]


def test_doctor_says_that_mongodb_has_no_such_replica_set(private_stack: PrivateStack) -> None:
    url = private_stack.url("MONGODB_URL").replace("replicaSet=rs0", "replicaSet=other")
    status, found = ask(private_stack, MONGODB_URL=url)
    assert status == 1
    assert "replica set" in found["MongoDB"]["problems"][0]["cause"]


def test_init_stores_names_the_store_that_does_not_answer(private_stack: PrivateStack) -> None:
    for variable, words in (
        ("DATABASE_URL", "PostgreSQL is not running"),
        ("MONGODB_URL", "MongoDB is not running"),
        ("REDIS_CACHE_URL", "Redis (cache) is not running"),
    ):
        nowhere = re.sub(r"(127\.0\.0\.1:)\d+", r"\g<1>1", private_stack.url(variable))
        result = private_stack.manage("init_stores", **{variable: nowhere, "MONGODB_TIMEOUT_MS": "300"})
        assert result.returncode == 1
        assert words in result.stderr
        assert "Traceback" not in result.stderr


def test_doctor_says_that_the_servers_are_stopped(private_stack: PrivateStack) -> None:
    lifecycle.stop(private_stack.folder)
    try:
        status, found = ask(private_stack)
    finally:
        private_stack.start()
    assert status == 1
    for title in VARIABLES:
        (problem,) = found[title]["problems"]
        assert problem["cause"].startswith(f"{title} is not running: ")
        assert "manage.py stack start" in problem["cure"]
    assert found[""]["seconds"] < SECONDS


def test_doctor_says_that_the_disk_is_full(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    trial = ["sh", "-c", f"mount -t tmpfs none '{tmp_path}'"]
    if not shutil.which("unshare") or subprocess.run([*alone, *trial], check=False).returncode:
        pytest.skip("a small disk needs a mount namespace: sysctl kernel.unprivileged_userns_clone=1")
    stack, data = PrivateStack(tmp_path / "stack"), map(str, initialised(tmp_path_factory))
    result = stack.run([*alone, "sh", str(FULL_DISK), str(tmp_path), sys.executable, *data])
    assert result.returncode == 1, result.stderr
    stores = {store["title"]: store for store in json.loads(result.stdout)["stores"]}
    for title in ("PostgreSQL", "MongoDB"):
        assert stores[title]["state"] == "down"
        causes = [problem["cause"] for problem in stores[title]["problems"]]
        assert any(cause.startswith(f"{title} has 0 MB left") for cause in causes)
        assert stores[title]["problems"][0]["cure"].startswith("Free some space")
