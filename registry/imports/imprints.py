"""What an import left of things without a version, so that undo sees what people have done to them since."""

from django.db import connection

from registry.models import Import, ImportedItem


def _listed(rows: str, columns: str, *, of: str) -> str:
    texts = f"string_agg(row({columns})::text, ',' ORDER BY c.id)"
    return f"(SELECT {texts} FROM {rows} WHERE {of} = o.id)"  # noqa: S608 (made of constants)


LOGGED = (
    "o.name, o.model_type, o.status, o.status_message, o.lifecycle",
    _listed("registry_loggedmodelparam c", "c.key, c.value", of="c.model_id"),
    _listed("registry_loggedmodeltag c", "c.key, c.value", of="c.model_id"),
    _listed("registry_loggedmodelmetric c", "c.run_id, c.key, c.value, c.step", of="c.model_id"),
    _listed("registry_artifact c", "c.path, c.sha256", of="c.logged_model_id"),
)
VERSION = "c.number, c.run_id, c.logged_model_id, c.source, c.description, c.stage, c.status"
VERSION_TAGS = "registry_modelversion v JOIN registry_modelversiontag c ON c.version_id = v.id"
REGISTERED = (
    "o.name, o.description, o.last_number",
    _listed("registry_registeredmodeltag c", "c.key, c.value", of="c.model_id"),
    _listed("registry_modelversion c", VERSION, of="c.model_id"),
    _listed(VERSION_TAGS, "v.number, c.key, c.value", of="v.model_id"),
    _listed("registry_modelalias c", "c.alias, c.version_id", of="c.model_id"),
)
DATASET = (
    "o.name, o.description, o.digest, o.row_count, o.feature_count, o.source, o.schema, o.profile",
    _listed("registry_datasetparent c", "c.parent_id", of="c.child_id"),
)
IMPRINTS = {
    kind: f"SELECT md5(row({', '.join(facts)})::text) AS now FROM {table} o WHERE o.id = i.our_pk"  # noqa: S608
    for kind, table, facts in (
        ("logged_model", "registry_loggedmodel", LOGGED),
        ("registered_model", "registry_registeredmodel", REGISTERED),
        ("dataset", "registry_dataset", DATASET),
    )
}


def keep_imprint(item: ImportedItem) -> None:
    """Note what a thing is now, in the transaction that made it (one statement); nothing for other kinds."""
    if item.kind in IMPRINTS:
        keep = f"UPDATE registry_importeditem i SET checksum = ({IMPRINTS[item.kind]}) WHERE i.id = %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(keep, [item.pk])


def has_its_imprint(item: ImportedItem) -> bool:
    """Whether a thing is as the import left it (one statement)."""
    find = f"SELECT i.checksum = ({IMPRINTS[item.kind]}) FROM registry_importeditem i WHERE i.id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(find, [item.pk])
        return bool(cursor.fetchone()[0])


def without_their_imprint(row: Import) -> list[str]:
    """Our ids of what the import made and people have changed since (a statement a kind)."""
    changed: list[str] = []
    with connection.cursor() as cursor:
        for kind, now in IMPRINTS.items():
            find = (
                f"SELECT i.our_id FROM registry_importeditem i, LATERAL ({now}) x"  # noqa: S608
                " WHERE i.imported_by_id = %s AND i.kind = %s AND i.is_new"
                " AND i.checksum NOT IN ('', x.now) ORDER BY i.id"
            )
            cursor.execute(find, [row.pk, kind])
            changed += [our_id for (our_id,) in cursor.fetchall()]
    return changed
