"""Looking for servers in a registry, and which of them a manifest has already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mcpconf.authoring.registry_offers import Offer, offers
from mcpconf.authoring.registry_source import Source, pages
from mcpconf.model.asked import parse_package
from mcpconf.model.manifest import Server
from mcpconf.model.registry import Listing, Match, Matches
from mcpconf.model.written import RefusedError
from mcpconf.packages import identity_of_package, url_identity
from mcpconf.workshop import Web


def search(text: str, source: Source, web: Web | None, servers: Mapping[str, Server], limit: int) -> Matches:
    """What has the text in its name, title or description. Raises McpconfError, as `published` does."""
    wanted, skipped = text.casefold(), 0
    found: dict[str, Listing] = {}
    for page in pages(text, source, web):
        skipped += page.skipped
        for item in page.listings:
            server = item.server
            if wanted in f"{server.name}\n{server.title}\n{server.description}".casefold():
                _keep(found, item)
        if source.remote and len(found) > limit:
            break
    names = dict(_identities(servers))
    matches = [_match(item, names) for item in sorted(found.values(), key=lambda item: _order(item, wanted))[:limit]]
    return Matches(source.registry, text, tuple(matches), len(found) > limit, skipped)


def _keep(found: dict[str, Listing], item: Listing) -> None:
    """Of several versions the one that the registry calls the latest, else the last that it lists."""
    known = found.get(item.server.name)
    if known is None or item.is_latest or not known.is_latest:
        found[item.server.name] = item


def _order(item: Listing, wanted: str) -> tuple[bool, bool, str]:
    """What is there to be used first, then what is called so."""
    return item.status == "deleted", wanted not in item.server.name.casefold(), item.server.name


def _match(item: Listing, names: Mapping[str, tuple[str, ...]]) -> Match:
    every = offers(item.server)
    approved = {name for identity in _offered(every) for name in names.get(identity, ())}
    return Match(item, tuple(dict.fromkeys(offer.kind for offer in every)), tuple(sorted(approved)))


def _offered(every: Iterable[Offer]) -> Iterator[str]:
    for offer in every:
        if offer.remote is not None:
            yield url_identity(offer.remote.url)
            continue
        try:
            yield identity_of_package(parse_package(offer.name))
        except RefusedError:
            continue


def _identities(servers: Mapping[str, Server]) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for name, server in servers.items():
        if server.package is not None:
            found.setdefault(identity_of_package(server.package), []).append(name)
        elif server.url is not None:
            found.setdefault(url_identity(str(server.url)), []).append(name)
    yield from ((identity, tuple(names)) for identity, names in found.items())
