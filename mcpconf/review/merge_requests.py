"""Who approved a merge request of GitLab: its approvals do not say of which commit they are, so that their time must.

They are what `GET /projects/ID/merge_requests/IID/approvals` answers, with `approved_at` of each, and the versions what the
same address answers with `versions` for its last word: each is a push, with the commit that it made the head and the time
at which GitLab saw it (docs.gitlab.com/api, 2026-11). Approving takes the role of a developer at least.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from mcpconf.model.base import Json
from mcpconf.model.moment import moment_of


class NoApprovalsError(Exception):
    """The message says what was expected."""


def is_merge_request(pages: Iterable[Json]) -> bool:
    return any(isinstance(page, dict) for page in pages)


def approved(pages: Iterable[Json], head: str) -> frozenset[str]:
    """The names, in small letters, of who approved after `head` was pushed, while it still is the newest. Raises NoApprovalsError."""
    whole = [page for page in pages if isinstance(page, dict)]
    pushes = [_push(item) for page in pages if isinstance(page, list) for item in page]
    if len(whole) != 1 or not isinstance(whole[0].get("approved_by"), list):
        raise NoApprovalsError("one map with `approved_by` was expected, and a list of versions")
    if not pushes:
        raise NoApprovalsError("without the versions of the merge request nobody knows what was approved")
    pushed, newest = max(pushes)
    return frozenset(name for name, at in _approvals(whole[0]["approved_by"]) if newest == head and at >= pushed)


def _push(version: Json) -> tuple[datetime, str]:
    commit = version.get("head_commit_sha") if isinstance(version, dict) else None
    moment = moment_of(version.get("created_at")) if isinstance(version, dict) else None
    if not isinstance(commit, str) or moment is None:
        raise NoApprovalsError("a version must have `head_commit_sha` and `created_at`")
    return moment, commit


def _approvals(items: list[Json]) -> Iterator[tuple[str, datetime]]:
    for item in items:
        user = item.get("user") if isinstance(item, dict) else None
        name = user.get("username") if isinstance(user, dict) else None
        moment = moment_of(item.get("approved_at")) if isinstance(item, dict) else None
        if not isinstance(name, str) or moment is None:
            raise NoApprovalsError("an approval must have `user.username` and `approved_at`")
        yield name.casefold(), moment
