"""Whose commits a change is made of."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.paths import approvals_path, lock_path
from mcpconf.errors import Problem
from mcpconf.model.trust import Doubt
from mcpconf.system.compared import Revisions, commits_between
from mcpconf.system.signatures import signed_commit


def unsigned(compared: Revisions, judge: LoadedManifest, after: LoadedManifest) -> tuple[Doubt, ...]:
    """Commits that change the manifest, its layers or what lies beside it, and that no signer of the base signed."""
    policy = judge.manifest.policy
    binding = "signature" in policy.require
    if not policy.signers and not binding:
        return ()
    return tuple(Doubt(problem, binding) for problem in _problems(compared, judge, after))


def _problems(compared: Revisions, judge: LoadedManifest, after: LoadedManifest) -> Iterator[Problem]:
    inner = compared.inner
    paths = {inner, lock_path(inner), approvals_path(inner)}
    paths |= {compared.head.identity(layer.file) for layer in after.layers}
    paths |= {compared.base.identity(layer.file) for layer in judge.layers}
    keys = tuple(judge.manifest.policy.signers.items())
    for commit in commits_between(compared, sorted(paths)):
        found = signed_commit(compared.top, commit, keys)
        if isinstance(found, Problem):
            yield found
