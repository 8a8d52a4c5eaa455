"""Where sign-ins are kept, as a row says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from mcpconf.hosts.vocabulary import At, Keys, PerSystem


class Store(NamedTuple):
    """Where sign-ins are kept: only that one is there is ever told, for which server, and until when.

    `kind` names the module of `stores` that looks. `document`: a JSON file with one sign-in for each place that `at` leads
    to; below it `proof` is what makes it one, `server` and `url` tell whose it is, `expires` when it ends, in `unit` since
    1970. `named`: each file that the path finds is a sign-in, its last hole the server, or the md5 or sha256 of its address.
    """

    id: str
    kind: str
    path: PerSystem
    at: At
    server: Keys
    url: Keys
    expires: Keys
    unit: Literal["s", "ms"]
    proof: Keys


class Keeper(NamedTuple):
    """A program that keeps sign-ins for the servers of any host, and is no host itself."""

    id: str
    title: str
    docs: str
    checked: str
    base: Mapping[str, PerSystem]
    stores: tuple[Store, ...]
