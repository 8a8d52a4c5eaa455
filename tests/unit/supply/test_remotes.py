"""Asking an address who gives out tokens for it, against servers on this machine: what is kept, and what a hostile one gets."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.artifacts import UNSET
from mcpconf.artifacts.changes import lock_changes
from mcpconf.artifacts.metadata import METADATA, resource_addresses
from mcpconf.errors import Problem
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.supply.remotes import described
from mcpconf.system.web import SystemWeb
from tests.bundles import workshop
from tests.loopback import CERTIFICATE, OUTSIDE, Answer, body, raw, serving, to

PRM = "/.well-known/oauth-protected-resource"
AS = "/.well-known/oauth-authorization-server"
SECRET = "hunter2hunter2"


def look_up(host: str, port: int, **more: object) -> list:
    return socket.getaddrinfo({"outside.example": OUTSIDE}.get(host, host), port, **more)


@pytest.fixture(autouse=True)
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def asked(folder: Path, url: str, **more: object) -> dict | Problem:
    web = SystemWeb((5, 2), look_up=look_up, is_inside=lambda address: address != OUTSIDE)
    shop = replace(workshop(folder), web=web, **more)
    locked = LockedServer(input_digest=UNSET, endpoint={"url": url, "transport": "http"})
    return described(locked, shop)


def told(value: object) -> Answer:
    return body(json.dumps(value).encode())


def outside(answers: dict[str, Answer]):
    return serving(answers, tls=True, place=OUTSIDE)


def test_what_an_address_tells_is_kept_sorted_and_plain(tmp_path: Path):
    answers: dict[str, Answer] = {}
    with outside(answers) as server:
        own = server.address
        answers[f"{PRM}/mcp"] = told(
            {
                "resource": f"{own}/mcp",
                "authorization_servers": [f"{own}/tenant", f"https://u:{SECRET}@evil.example/"],
                "scopes_supported": ["write", "read", "with space", 7],
                "resource_name": SECRET,
            }
        )
        answers[f"{AS}/tenant"] = told(
            {
                "issuer": f"{own}/tenant",
                "token_endpoint": f"{own}/token?key={SECRET}",
                "authorization_endpoint": "javascript:1",
            }
        )
        found = asked(tmp_path, f"{own}/mcp")
    assert isinstance(found, dict)
    assert found[METADATA] == {
        "resource": f"{own}/mcp",
        "issuers": {f"{own}/tenant": {"token_endpoint": f"{own}/token"}},
        "scopes": ["read", "write"],
    }
    assert SECRET not in json.dumps(found)
    assert not any(name.lower() in ("authorization", "cookie") for _, headers in server.seen for name in headers)


def test_an_address_without_metadata_has_only_what_the_manifest_says(tmp_path: Path):
    with outside({}) as server:
        found = asked(tmp_path, f"{server.address}/mcp")
    assert found == {"url": f"{server.address}/mcp", "transport": "http"}
    assert [path for path, _ in server.seen] == [f"{PRM}/mcp", PRM]


@pytest.mark.parametrize("refused", [f"{PRM}/mcp", PRM, AS])
def test_what_is_kept_from_whoever_is_not_known_stays_as_it_was(tmp_path: Path, refused: str):
    """Not to be told is not to be without: whoever is pinned stays so."""
    answers: dict[str, Answer] = {refused: raw(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")}
    with outside(answers) as server:
        if refused == AS:
            answers[PRM] = told({"resource": f"{server.address}/mcp", "authorization_servers": [server.address]})
        url = f"{server.address}/mcp"
        known = {"url": url, "transport": "http", METADATA: {"resource": url, "issuers": {"https://i.example": {}}}}
        shop = replace(workshop(tmp_path), web=SystemWeb((5, 2), look_up=look_up, is_inside=lambda it: it != OUTSIDE))
        assert described(LockedServer(input_digest=UNSET, endpoint=known), shop) == known


def test_metadata_of_another_resource_is_refused(tmp_path: Path):
    for other in ("https://evil.example/mcp", "https://outside.example/mcp", "no address", None):
        with outside({PRM: told({"resource": other, "authorization_servers": ["https://evil.example"]})}) as server:
            found = asked(tmp_path / str(other)[:3], f"{server.address}/mcp")
        assert isinstance(found, Problem)
        assert found.message == "its metadata is about another resource"


@pytest.mark.parametrize("where", ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:{port}/x"])
def test_a_redirection_to_the_inside_is_not_followed(tmp_path: Path, where: str):
    with serving({"/x": told({"resource": "x"})}) as inner:
        target = where.format(port=inner.address.rpartition(":")[2])
        with outside({f"{PRM}/mcp": to(target)}) as server:
            found = asked(tmp_path, f"{server.address}/mcp")
    assert isinstance(found, Problem)
    assert inner.seen == []


def test_an_issuer_on_this_machine_is_not_asked_for_an_address_of_the_world(tmp_path: Path):
    answers: dict[str, Answer] = {}
    with serving({}) as inner, outside(answers) as server:
        answers[PRM] = told({"resource": server.address, "authorization_servers": [inner.address]})
        found = asked(tmp_path, f"{server.address}/mcp")
    assert isinstance(found, dict)
    assert found[METADATA]["issuers"] == {inner.address: {}}
    assert inner.seen == []


def test_a_body_without_end_is_cut_off(tmp_path: Path):
    flood = raw(b"HTTP/1.1 200 OK\r\n\r\n", *[b"[" * 65536] * 40)
    with outside({f"{PRM}/mcp": flood}) as server:
        found = asked(tmp_path, f"{server.address}/mcp")
    assert isinstance(found, Problem)
    assert found.kind == "oversized"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"resource": ' + b"[" * 5000, b"\xff\xfe", b'"x"'])
def test_what_is_no_document_is_told(tmp_path: Path, data: bytes):
    with outside({f"{PRM}/mcp": body(data)}) as server:
        found = asked(tmp_path, f"{server.address}/mcp")
    assert isinstance(found, Problem)
    assert found.kind in ("malformed", "invalid")


def test_an_issuer_that_speaks_for_another_tells_nothing(tmp_path: Path):
    answers: dict[str, Answer] = {}
    with outside(answers) as server:
        own = server.address
        answers[PRM] = told({"resource": own, "authorization_servers": [own]})
        answers[AS] = told({"issuer": "https://login.example.org", "token_endpoint": "https://evil.example/token"})
        found = asked(tmp_path, f"{own}/mcp")
    assert isinstance(found, dict)
    assert found[METADATA]["issuers"] == {own: {}}


def test_offline_nothing_is_asked_and_what_is_known_stays(tmp_path: Path):
    with outside({}) as server:
        found = asked(tmp_path, f"{server.address}/mcp", offline=True)
    assert found == {"url": f"{server.address}/mcp", "transport": "http"}
    assert server.seen == []


def test_the_path_comes_behind_the_well_known_name():
    assert [*resource_addresses("https://a.example/x/mcp/")] == [
        f"https://a.example{PRM}/x/mcp",
        f"https://a.example{PRM}",
    ]
    assert [*resource_addresses("https://a.example/")] == [f"https://a.example{PRM}"]


def changed(old: dict, new: dict, scopes: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    def locked(metadata: dict) -> LockedServer:
        endpoint = {"url": "https://a.example/mcp", "transport": "http", "scopes": [*scopes], **metadata}
        return LockedServer(input_digest=UNSET, endpoint=endpoint)

    (change,) = lock_changes(Lock(servers={"a": locked(old)}), Lock(servers={"a": locked(new)}))
    return [(alarm.kind, alarm.text) for alarm in change.alarms]


def metadata(resource: str = "https://a.example/mcp", issuer: str = "https://login.example", **more: object) -> dict:
    told = {
        "resource": resource,
        "issuers": {issuer: {"token_endpoint": "https://login.example/token"}},
        "scopes": ["read"],
    }
    return {METADATA: {**told, **more}}


def test_another_identity_is_an_alarm():
    assert changed(metadata(), metadata(resource="https://a.example/")) == [
        ("identity_changed", "resource https://a.example/mcp  ->  https://a.example/")
    ]
    assert ("identity_changed", "issuer https://login.example  ->  https://evil.example") in changed(
        metadata(), metadata(issuer="https://evil.example")
    )
    elsewhere = {"https://login.example": {"token_endpoint": "https://evil.example/token"}}
    assert changed(metadata(), metadata(issuers=elsewhere)) == [
        (
            "identity_changed",
            "token_endpoint of https://login.example https://login.example/token  ->  https://evil.example/token",
        )
    ]
    assert ("identity_changed", "issuer https://login.example  ->  none") in changed(metadata(), {})
    assert changed({}, metadata()) == []


def test_scopes_that_nobody_asked_for_are_an_alarm():
    more = metadata(scopes=["admin", "read", "write"])
    assert changed(metadata(), more, ("write",)) == [("scopes_added", "admin")]
