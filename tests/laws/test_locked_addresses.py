"""An address is locked as what it reaches: the same for all who reach the same, and without anything that may be a secret."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.artifacts import Wish, url
from mcpconf.documents.lock import render_lock
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Manifest

words = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=9)
hosts = st.lists(words.map(str.lower), min_size=2, max_size=3).map(".".join)
paths = st.lists(words, max_size=3).map(lambda steps: "".join(f"/{step}" for step in steps))
secrets = words.map("hunter2{}".format)


def locked(**stated: Any) -> bytes:
    server = Manifest.model_validate({"mcpconf": 1, "servers": {"a": stated}}).servers["a"]
    found = url.lock(Wish("a", server), None)  # nothing is asked of a workshop
    assert isinstance(found, LockedServer)
    return render_lock(Lock(servers={"a": found}))


@given(hosts, paths, st.tuples(secrets, secrets, secrets), st.lists(words, max_size=4))
def test_what_may_be_a_secret_is_not_in_the_lock(host: str, path: str, held: tuple[str, str, str], scopes: list[str]):
    query, user, token = held
    found = locked(
        url=f"https://{host}{path}?key={query}#{query}",
        headers={"Authorization": f"Bearer {token}"},
        oauth={
            "resource": f"https://{user}:{token}@{host}{path}?a={query}",
            "issuer": f"https://{user}@{host}",
            "scopes": scopes,
        },
    )
    assert b"hunter2" not in found
    assert host.encode() in found


@given(hosts, paths, secrets, st.lists(words, max_size=4, unique=True), st.data())
def test_addresses_that_reach_the_same_are_locked_alike(
    host: str, path: str, query: str, scopes: list[str], data: st.DataObject
):
    shuffled = data.draw(st.permutations(scopes))
    one = locked(url=f"https://{host}{path}", oauth={"scopes": scopes, "issuer": f"https://{host}/"})
    other = locked(
        url=f"HTTPS://{host.upper()}:443{path}/?key={query}",
        transport="http",
        oauth={"scopes": [*shuffled, *shuffled], "issuer": f"https://{host}"},
    )
    assert one == other


@given(hosts, paths, st.sampled_from(["host", "transport", "issuer", "resource", "scopes", "client_id"]))
def test_another_endpoint_is_another_lock(host: str, path: str, what: str):
    plain = {
        "url": f"https://{host}{path}",
        "oauth": {"issuer": "https://a.b", "resource": "https://a.b", "scopes": ["a"]},
    }
    changed = {
        "host": {"url": f"https://x{host}{path}"},
        "transport": {"transport": "sse"},
        **{name: {"oauth": {**plain["oauth"], name: "https://c.d"}} for name in ("issuer", "resource")},
        "scopes": {"oauth": {**plain["oauth"], "scopes": ["a", "b"]}},
        "client_id": {"oauth": {**plain["oauth"], "client_id": "editors"}},
    }[what]
    assert (
        locked(**plain) != locked(**plain, **changed)
        if what == "transport"
        else locked(**plain) != locked(**{**plain, **changed})
    )


def test_an_address_alone_is_all_that_is_locked():
    assert locked(url="https://a.b/c") == locked(url="https://a.b/c", oauth={})
    assert b"scopes" not in locked(url="https://a.b/c", oauth={})


def test_an_address_is_neither_installed_nor_started(tmp_path: Path):
    plain = LockedServer(input_digest="sha256:" + "0" * 64, endpoint={"url": "https://a.b"})
    assert url.install(plain, "/t", None) is None
    assert not isinstance(url.launch(plain, "/t", None), tuple)
    assert [*url.copies(plain, None)] == []
