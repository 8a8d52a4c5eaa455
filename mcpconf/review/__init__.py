"""What a change of the manifest allows, judged before it is merged. Read this first.

Both sides come from git's object database: no server is started, nothing is installed, no hook runs, no network is used. What
judges is what the base says, and what the change itself tightens; what the change loosens does not count until it is merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mcpconf.artifacts.supplied import NOTHING_SUPPLIED
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.errors import ExitCode
from mcpconf.judging import judged as judged_alone
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Manifest
from mcpconf.permissions.access import AccessChange, Difference, Revision
from mcpconf.permitted.comparing import Side, scrubber_of_sides, side_of
from mcpconf.report.findings import blocks
from mcpconf.review.access import access_changes
from mcpconf.review.reviews import NOBODY, approving, demanded
from mcpconf.review.signing import unsigned
from mcpconf.review.tightness import judging
from mcpconf.secrets import Scrubber
from mcpconf.system.compared import MergedDocuments, Revisions, revisions
from mcpconf.system.includes import SystemDocuments
from mcpconf.system.revisions import RevisionDocuments
from mcpconf.system.sources import read_document


@dataclass(frozen=True, slots=True)
class Asked:
    """`base` and `head` are revisions; `merge` judges what a merge of both would have. `reviews` is a file, `author` whose change it is."""

    manifest: str
    base: str
    head: str = "HEAD"
    merge: bool = False
    reviews: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """`ancestor` is the commit that both sides come from; `documents` are the files of the manifest that is judged."""

    difference: Difference
    ancestor: str
    findings: tuple[Finding, ...]
    fail_on: str
    documents: tuple[str, ...]
    scrubber: Scrubber

    @property
    def code(self) -> ExitCode:
        blocked = self.difference.refused or blocks(self.findings, self.fail_on)
        return ExitCode.BLOCKED if blocked else ExitCode.SUCCESS


def check(asked: Asked) -> Review:
    """Read both sides -> compare -> ask for approvals -> judge by the policy of the base.

    Raises McpconfError: exit 1 for documents that cannot be read on either side, 64 for revisions that there are not.
    """
    compared = revisions(asked.manifest, asked.base, asked.head)
    before, after = _sides(compared, merge=asked.merge)
    base = _side(asked.base, compared.base, compared.inner)
    judged = judging(base.loaded, after.loaded)
    given = NOBODY
    if asked.reviews:
        data = read_document(asked.reviews, "list of reviews")
        given = approving(data, asked.reviews, compared.head.commit, asked.author)
    changes = demanded(access_changes(before, after), judged.manifest.policy, given)
    findings = judged_alone(
        judged,
        after.supplied,
        locked=after.supplied.lock is not None or base.supplied.lock is not None,
        access=changes,
        doubts=unsigned(compared, base.loaded, after.loaded),
    )
    return Review(
        Difference(_revision(compared.base), _revision(compared.head), changes),
        compared.ancestor.commit,
        findings,
        judged.manifest.policy.fail_on,
        tuple(layer.file for layer in after.loaded.layers),
        scrubber_of_sides(before, after, told=_texts(changes, findings)),
    )


def diff(manifest: str, text: str) -> tuple[Difference, Scrubber]:
    """`A..B`, `A...B` (from where B left A), or `A`: against the file as it is. Raises McpconfError (exit 1 or 64)."""
    base, dots, head = text.partition("...") if "..." in text else text.partition("..")
    compared = revisions(manifest, base or "HEAD", head or "HEAD")
    first = compared.ancestor if dots == "..." else compared.base
    before = _side(first.revision, first, compared.inner)
    if dots:
        after, revision = _side(head or "HEAD", compared.head, compared.inner), _revision(compared.head)
    else:
        after, revision = side_of(manifest, SystemDocuments(), manifest), Revision(manifest)
    found = Difference(_revision(first), revision, access_changes(before, after))
    return found, scrubber_of_sides(before, after, told=_texts(found.changes, ()))


def _texts(changes: Iterable[AccessChange], findings: Iterable[Finding]) -> Iterator[str]:
    """All that is told in words of others: names and reasons may hold what belongs into no manifest."""
    for change in changes:
        yield from (change.address, change.dimension, change.text)
    for item in findings:
        yield from (item.address, item.message, item.hint, item.evidence)


def _revision(documents: RevisionDocuments) -> Revision:
    return Revision(documents.revision, documents.commit)


def _sides(compared: Revisions, *, merge: bool) -> tuple[Side, Side]:
    if merge:
        path = compared.head.told(compared.inner)
        merged = side_of("the merge", MergedDocuments(compared), path)
        return _side(compared.base.revision, compared.base, compared.inner), merged
    before = _side(compared.ancestor.revision, compared.ancestor, compared.inner)
    return before, side_of(compared.head.revision, compared.head, compared.head.told(compared.inner))


def _side(label: str, documents: RevisionDocuments, inner: str) -> Side:
    """A side that may have had no manifest yet."""
    path = documents.told(inner)
    if documents.content(path) is None:
        nothing = Manifest(mcpconf=1)
        return Side(label, "", LoadedManifest.in_memory(nothing), NOTHING_SUPPLIED, nothing)
    return side_of(label, documents, path)
