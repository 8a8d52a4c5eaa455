"""The lock of a host's file, as its row tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class HostLock(NamedTuple):
    """How the host keeps others from writing a file while it does so itself.

    `kernel`: it holds the kernel's lock on a file of its own, which it leaves where it is. `folder`: it makes a folder, with
    a file in it that names who did, and takes it away; one that is older than `stale` seconds counts as left behind.
    """

    kind: Literal["kernel", "folder"]
    path: Mapping[str, str]
    stale: float
