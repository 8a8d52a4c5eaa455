"""What a registry has of a package: which version is the best, how old it is, and whether somebody took it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from mcpconf.errors import Problem
from mcpconf.model.package import Ecosystem, Package
from mcpconf.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Release:
    """`published` is RFC 3339, "" if the registry does not tell. `withdrawn` is why nobody should take it any more."""

    version: str
    published: str = ""
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`asked` is a version or range of the manifest, "" for any; `before` and `avoided` are as in a wish."""

    asked: str = ""
    before: str = ""
    avoided: Callable[[str], bool] = lambda _version: False


class Offers(Protocol):
    """A Problem tells what is missing, without a place."""

    def best(self, bounds: Bounds) -> Release | Problem:
        """The greatest version within bounds. No prerelease, unless the range names one."""

    def release(self, version: str) -> Release | Problem:
        """What is told of one version."""


_MODULES: Mapping[Ecosystem, str] = {"npm": "mcpconf.artifacts.npm_offers", "pypi": "mcpconf.artifacts.pypi_offers"}


@contextmanager
def offers(package: Package, workshop: Workshop) -> Iterator[Offers | Problem]:
    """Asked through the user's own client, in a room of its own."""
    module = _MODULES.get(package.ecosystem)
    if module is None:
        yield Problem(
            "not-supported", f"which versions there are of `{package}` is not asked", None, "look for yourself"
        )
        return
    opened: AbstractContextManager[Offers | Problem] = import_module(module).offers(package.name, workshop)
    with opened as found:
        yield found
