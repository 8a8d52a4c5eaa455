"""Where a plan comes from: the manifest, the machine, and the state that it was made for."""

from __future__ import annotations

from mcpconf.model.base import Tolerant


class PlanOrigin(Tolerant):
    """`commit` and `dirty` are of the file that was named; `manifest_digest` covers it and every layer it includes.

    `signature`: who signed the commit, and `until` the last day that it counts, on a machine that asks for that.
    """

    commit: str | None = None
    dirty: bool | None = None
    signature: str | None = None
    until: str | None = None
    manifest: str = ""
    manifest_digest: str = ""
    lock_digest: str | None = None


class PlanMachine(Tolerant):
    """`groups` are the groups of the manifest that the machine belongs to, in the order of the manifest.

    `trust` is a digest of whom the machine believes about manifests; None where it says nobody.
    """

    os: str
    user: str
    id: str
    groups: list[str] = []
    trust: str | None = None


class PlanState(Tolerant):
    """`key` names the key of the digests without telling it; "" if there is none yet."""

    serial: int
    applied: bool
    key: str = ""
