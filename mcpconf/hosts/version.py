"""Where a host says which version of it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class VersionPlace(NamedTuple):
    """Where a host's version can be read without starting it. `npm`: the package by which npm installs it for all.

    `file` holds JSON, with the version at the key path `at`; of several files that are there the highest counts.
    """

    npm: str = ""
    file: Mapping[str, str] = {}
    at: tuple[str, ...] = ()
