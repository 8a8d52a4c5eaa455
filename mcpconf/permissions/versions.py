"""The order of versions, by each ecosystem's own rules."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any, TypeAlias

from mcpconf.model.package import Package

Order: TypeAlias = Any
"""Compares with the order of another version of the same ecosystem."""

_LONGEST = 256


def order(ecosystem: str, version: str) -> Order | None:
    """What an exact version is sorted by. None where there is no order: image tags, digests, broken text.

    npm orders by semantic versioning (https://semver.org/#spec-item-11), PyPI by PEP 440.
    """
    if len(version) > _LONGEST:
        return None
    match ecosystem:
        case "npm":
            return _order_npm(version)
        case "pypi":
            return _order_pypi(version)
        case _:
            return None


def older(package: Package, version: str, than: str) -> bool:
    """Whether an exact version comes before another; False where one of them has no order."""
    first, second = order(package.ecosystem, version), order(package.ecosystem, than)
    return first is not None and second is not None and bool(first < second)


def _order_npm(version: str) -> Order | None:
    import nodesemver  # 14 ms and more, and only changed versions are compared

    try:
        return _BY_SEMVER(nodesemver.make_semver(version, loose=False))
    except ValueError:
        return None


def _compare(first: Any, second: Any) -> int:
    return int(first.compare(second))


_BY_SEMVER = cmp_to_key(_compare)


def _order_pypi(version: str) -> Order | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version)
    except InvalidVersion:
        return None
