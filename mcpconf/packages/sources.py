"""Where the bytes of a server come from, where a command line or a variable says that it is no known registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mcpconf.model.entry import Entry, Value
from mcpconf.model.package import Ecosystem, Recognised
from mcpconf.packages import npm, pypi, recognise_entry, url_identity
from mcpconf.secrets.names import word_set

PUBLIC: Mapping[str, tuple[str, ...]] = {"npm": ("registry", "npmjs", "org"), "pypi": ("pypi", "org")}
"""The public registries, by the labels of their names: where the clients look that nobody has set up otherwise."""

_KNOWN = tuple(
    f"url:https://{place}"
    for place in (
        ".".join(PUBLIC["npm"]),
        f"{'.'.join(PUBLIC['pypi'])}/simple",
    )
)

_OPTIONS: Mapping[Ecosystem, frozenset[str]] = {
    "npm": word_set("--registry"),
    "pypi": word_set("--index-url -i --default-index --index --extra-index-url --find-links -f"),
}
_VARIABLE = re.compile(
    r"npm_config_(?:@[^:]+:)?registry|bun_config_registry|yarn_npm_registry_server|yarn_registry"
    r"|uv_(?:default_index|index|index_url|extra_index_url|find_links)|pip_(?:index_url|extra_index_url|find_links)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]++=(?=https?://)")
"""A run of letters is begun at its start only, so that a text of ten megabytes takes no more than its length."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_OPEN = ("git+http://", "git+git://")


class Source(NamedTuple):
    """A host, with the option or variable that names it; or the whole address of the package itself, with "".

    Of what an option names nothing else is kept: paths of registries may hold a token.
    """

    address: str
    said_by: str

    @property
    def is_archive(self) -> bool:
        return not self.said_by and not self.address.startswith("git+")


def sources(entry: Entry) -> Iterator[Source]:
    """Each place other than a known registry that code is taken from; of repositories, those that are not encrypted."""
    launched = recognise_entry(entry)
    for name, text in (*_options(launched), *_variables(launched, entry.env)):
        for address in _NAMED.sub("", text).split():
            if host := unknown_registry(address):
                yield Source(host, name)
    for name in sorted(_asked(launched)):
        if name.startswith(_OPEN) or _ADDRESS.match(name):
            yield Source(name, "")


def unknown_registry(address: str) -> str:
    """The host of an address that is no known registry; "" of one that is, and of what is no address."""
    identity = url_identity(address)
    if not _ADDRESS.match(address) or identity.startswith(_KNOWN):
        return ""
    return identity.removeprefix("url:").partition("://")[2].partition("/")[0]


def _asked(launched: Recognised) -> set[str]:
    """Names of all packages that are installed for it."""
    own = {launched.package.name} if launched.package is not None else set[str]()
    runs = bool(launched.argv and launched.argv[0])
    return own | {
        package.name for read in (npm.brought, pypi.brought) for package in (read(launched.argv) if runs else ())
    }


def names_source(name: str, value: Value) -> bool:
    """Whether a variable says, by addresses alone, where packages come from."""
    words = _NAMED.sub("", value.text or "").split()
    return _VARIABLE.fullmatch(name) is not None and bool(words) and all(map(_ADDRESS.match, words))


def _options(launched: Recognised) -> Iterator[tuple[str, str]]:
    words: Sequence[str] = launched.argv[1 : len(launched.argv) - len(launched.arguments)]
    names = _OPTIONS.get(launched.package.ecosystem, frozenset()) if launched.package is not None else frozenset()
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            yield name, value if equals else "".join(words[index + 1 : index + 2])


def _variables(launched: Recognised, env: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for word in launched.wrapper:
        name, equals, value = word.partition("=")
        if equals and _VARIABLE.fullmatch(name):
            yield name, value
    for name, given in env.items():
        if _VARIABLE.fullmatch(name) and given.text is not None:
            yield name, given.text
