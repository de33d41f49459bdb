"""Registered models that are here already: the versions that the source has had since."""

from dataclasses import replace

from registry.exceptions import ConflictError
from registry.models import ImportedItem, ModelAlias, RegisteredModel
from registry.sync.audit import record as audit

from .book import Book
from .imprints import has_its_imprint, keep_imprint
from .records import ImportedRegisteredModel
from .transactions import writing
from .versions_written import write_versions


def with_new_versions(book: Book, given: ImportedRegisteredModel) -> ImportedRegisteredModel | None:
    """The model with nothing but versions above those that came, and their aliases; None where there is none.

    Raises:
        ConflictError: somebody has registered such a version here since.
    """
    item = book.current.items.get(kind="registered_model", source_id=given.source_id)
    model = RegisteredModel.objects.filter(pk=item.our_pk or 0).first()
    versions = [version for version in given.versions if version.number > item.version]
    if model is None or not versions:
        return None
    first = min(version.number for version in versions)
    if first <= model.last_number:
        raise ConflictError(f"Version {first} of {model.name!r} was registered here since, and there since.")
    aliases = {alias: number for alias, number in given.aliases.items() if number > item.version}
    return replace(given, versions=versions, aliases=aliases)


def write_again(book: Book, given: ImportedRegisteredModel) -> None:
    """Add new versions of a model in one transaction; aliases that are here stay where they point.

    Raises:
        ConflictError: as above.
    """
    with writing(book):
        item = book.current.items.get(kind="registered_model", source_id=given.source_id)
        model = RegisteredModel.objects.select_for_update(of=("self",)).filter(pk=item.our_pk or 0).first()
        new = with_new_versions(book, given)
        if model is None or new is None:
            return
        is_untouched = has_its_imprint(item)
        versions = write_versions(book, model, new.versions)
        taken = set(model.aliases.values_list("alias", flat=True))
        ModelAlias.objects.bulk_create(
            ModelAlias(model=model, alias=alias, version=versions[number])
            for alias, number in new.aliases.items()
            if alias not in taken
        )
        item.version = model.last_number = max(versions)
        model.save(update_fields=["last_number", "updated_at"])
        audit(action="model.import", subject_id=model.name, details={"versions": len(versions)})
        _keep(item, is_untouched=is_untouched)


def _keep(item: ImportedItem, *, is_untouched: bool) -> None:
    """What people changed before this is still theirs when the import is taken back."""
    item.save(update_fields=["version"])
    if is_untouched:
        keep_imprint(item)
