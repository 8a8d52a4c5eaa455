"""Where a server may connect to: a host or a range of addresses, and a port or all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Addresses: TypeAlias = IPv4Network | IPv6Network

_ANY_BELOW = "*."
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_BRACKETED = re.compile(r"\[([0-9a-f:./]*:[0-9a-f:./]*)\](?::([0-9]{1,5}))?")
_PLAIN = re.compile(r"([^:\[\]]*)(?::([0-9]{1,5}))?")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
"""A last label that makes a name an address of the old notations (`127.1`, `0x7f.1`), as resolvers read them."""
_LONGEST_NAME = 253
_LONGEST = 300
_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class Endpoint:
    """`host` is a name in lower case, `*.` and a name for all names below it, or a range of addresses.

    `port` None stands for every port.
    """

    host: str
    port: int | None = None

    @cached_property
    def addresses(self) -> Addresses | None:
        """The range, or None for names: which addresses they have is known to no document."""
        try:
            return ip_network(self.host)
        except ValueError:
            return None

    def wider(self) -> Iterator[Endpoint]:
        """Every endpoint that lets in whatever this one does, itself among them. A name has no known address."""
        for host in self._hosts():
            yield from (Endpoint(host, port) for port in dict.fromkeys((self.port, None)))

    def _hosts(self) -> Iterator[str]:
        if self.addresses is not None:
            yield from (
                str(self.addresses.supernet(new_prefix=length)) for length in range(self.addresses.prefixlen + 1)
            )
            return
        yield self.host
        parent = self.host.removeprefix(_ANY_BELOW).partition(".")[2]
        while parent:
            yield f"{_ANY_BELOW}{parent}"
            parent = parent.partition(".")[2]

    def __str__(self) -> str:
        host = self.host
        if self.addresses is not None:
            host = str(self.addresses) if self.addresses.num_addresses > 1 else str(self.addresses.network_address)
            host = f"[{host}]" if ":" in host and self.port is not None else host
        return host if self.port is None else f"{host}:{self.port}"


def parse_endpoint(text: str) -> Endpoint:
    """Read `api.example.org:443`, `*.example.org`, `10.0.0.0/8`, `[fd00::1]:443`. Raises ValueError, saying what is wrong."""
    if len(text) > _LONGEST:
        raise ValueError("is too long for a host")
    folded = text.lower()
    if "://" in folded:
        raise ValueError("is an address of a page")
    host, port = _parted(folded)
    if port is not None and not 1 <= port <= _HIGHEST_PORT:
        raise ValueError("has a port that is none")
    addresses = _addresses(host)
    if addresses is not None:
        return Endpoint(str(addresses), port)
    if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise ValueError("is neither a host nor an address")
    return Endpoint(host, port)


def _parted(text: str) -> tuple[str, int | None]:
    """Host and port. An IPv6 address without brackets has no port."""
    match = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if match is None:
        return text, None
    return match[1], int(match[2]) if match[2] else None


def _addresses(host: str) -> Addresses | None:
    """A single address as the range of itself; one of IPv4 in the clothes of IPv6 as what it is."""
    if "%" in host:
        return None
    try:
        if "/" not in host:
            return _single(ip_address(host))
        return ip_network(host)
    except ValueError as error:
        if "has host bits set" in str(error):
            raise ValueError("has bits behind its prefix, so that two ranges could be meant") from None
        return None


def _single(address: IPv4Address | IPv6Address) -> Addresses:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return ip_network(address)
