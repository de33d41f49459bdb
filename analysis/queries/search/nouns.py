"""Everything that is few beside runs: by name, in one statement."""

from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from analysis.queries.search.asked import Asked
from analysis.queries.search.found import SHOWN, Hit
from registry.enums import DeploymentStatus
from registry.models import ExperimentPermission
from registry.queries.model_versions import JOINS
from registry.queries.permission_sql import permission_sql

# The whole name first, then the shortest that has the text in it.
BEST = "ORDER BY lower({name}) <> lower(%(text)s), length({name}), {name} LIMIT %(most)s"
EXPERIMENTS = f"""SELECT 'experiment', e.experiment_id, e.name, left(e.description, 120), e.experiment_id
FROM registry_experiment e
WHERE (e.name ILIKE %(anywhere)s OR e.experiment_id LIKE %(id_pattern)s) AND {{may}}
{BEST.format(name="e.name")}"""  # noqa: S608 (made of constants)
DATASETS = f"""SELECT 'dataset', d.name, d.name, left(d.source, 120), left(d.digest, 16)
FROM registry_dataset d
WHERE (d.name ILIKE %(anywhere)s OR d.digest ILIKE %(beginning)s) AND d.lifecycle = 'active'
{BEST.format(name="d.name")}"""  # noqa: S608 (made of constants)
MODELS = f"""SELECT 'model', n.name, n.name, left(n.description, 120), '' FROM registry_registeredmodel n
WHERE n.name ILIKE %(anywhere)s {BEST.format(name="n.name")}"""  # noqa: S608 (made of constants)
ALIASES = f"""SELECT 'alias', m.name, m.name || '@' || a.alias, 'version ' || v.number, ''
FROM {JOINS} JOIN registry_modelalias a ON a.version_id = v.id
WHERE (a.alias ILIKE %(anywhere)s OR m.name || '@' || a.alias ILIKE %(anywhere)s) AND {{may}}
{BEST.format(name="a.alias")}"""  # noqa: S608 (made of constants)
VIEWS = f"""SELECT 'view', w.name, w.name,
       (SELECT left(string_agg(f.name, ', ' ORDER BY f.position, f.name), 200) FROM features_feature f
        WHERE f.view_id = w.id), ''
FROM features_featureview w
WHERE w.is_active AND (w.name ILIKE %(anywhere)s OR EXISTS (
    SELECT 1 FROM features_feature f WHERE f.view_id = w.id AND f.name ILIKE %(anywhere)s))
{BEST.format(name="w.name")}"""  # noqa: S608 (made of constants)
DEPLOYMENTS = f"""SELECT 'deployment', m.name, m.name || ' ' || v.number || ' in '
       || p.environment, p.endpoint, replace(p.deployment_id::text, '-', '')
FROM {JOINS} JOIN registry_deployment p ON p.version_id = v.id
WHERE (p.environment ILIKE %(beginning)s OR p.endpoint ILIKE %(anywhere)s OR m.name ILIKE %(anywhere)s
       OR replace(p.deployment_id::text, '-', '') LIKE %(id_pattern)s)
  AND p.status = %(live)s AND {{may}}
{BEST.format(name="m.name")}"""  # noqa: S608 (made of constants)
PARTS = (EXPERIMENTS, DATASETS, MODELS, ALIASES, VIEWS, DEPLOYMENTS)
NO_ID = "-"


def found_nouns(asked: Asked, *, viewer: User) -> list[Hit]:
    """Up to 21 of each kind that the viewer may know of (one statement).

    Registered models and feature views are everyone's to know, as datasets are; what is deployed and
    what an alias names is told where the version may be read.
    """
    may, permission = permission_sql(viewer, ExperimentPermission.Level.READ)
    values: dict[str, Any] = {
        "text": asked.text,
        "anywhere": asked.anywhere,
        "beginning": asked.beginning,
        "id_pattern": f"{asked.hex_id}%" if asked.hex_id else NO_ID,
        "live": DeploymentStatus.LIVE,
        "most": SHOWN + 1,
    }
    statement = " UNION ALL ".join(f"({part})" for part in PARTS).format(may=may)
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(permission) | values)
        return [
            Hit(kind, key, title, detail or "", code) for kind, key, title, detail, code in cursor.fetchall()
        ]
