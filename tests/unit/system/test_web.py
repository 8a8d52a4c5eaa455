"""The network as `lock` and `install` see it, against servers on this machine: what a hostile one can do, and what it gets."""

from __future__ import annotations

import gzip
import socket
import time

import pytest

from mcpconf.errors import Problem
from mcpconf.system.web import SystemWeb
from tests.loopback import CERTIFICATE, OUTSIDE, Answer, body, raw, serving, to

SECRET = "hunter2hunter2"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def look_up(host: str, port: int, **more: object) -> list:
    places = {"outside.example": OUTSIDE, "inside.example": "127.0.0.1"}
    return socket.getaddrinfo(places.get(host, host), port, **more)


WORLD = SystemWeb(look_up=look_up, is_inside=lambda address: address != OUTSIDE)


def refused(found: bytes | Problem) -> tuple[str, str]:
    assert isinstance(found, Problem), found
    assert SECRET not in str(found)
    return found.kind, found.message


def test_a_file_is_got_as_it_is():
    with serving({"/a": body(b"\x00\xff" * 3000)}) as server:
        assert SystemWeb().get(f"{server.address}/a", 6000) == b"\x00\xff" * 3000
        assert SystemWeb().get(f"{server.address}/a", 6000, {"Accept": "x/y"}) == b"\x00\xff" * 3000
    (_, first), (_, second) = server.seen
    assert first["User-Agent"].startswith("mcpconf/")
    assert first["Accept-Encoding"] == "identity"
    assert second["Accept"] == "x/y"


def test_what_is_larger_than_the_limit_is_refused():
    endless = raw(b"HTTP/1.0 200 OK\r\n\r\n", *[b"x" * 65536] * 100)
    with serving({"/a": body(b"x" * 101), "/endless": endless}) as server:
        for path in ("/a", "/endless"):
            found = refused(SystemWeb().get(server.address + path, 100))
            assert found == ("oversized", "`127.0.0.1` sent more than 100 bytes")
        assert SystemWeb().get(f"{server.address}/a", 101) == b"x" * 101


def test_a_body_that_ends_too_early_is_not_taken():
    with serving({"/a": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")}) as server:
        assert refused(SystemWeb().get(f"{server.address}/a", 100)) == (
            *("unreadable", "`127.0.0.1` cannot be reached (the connection ended 7 bytes too early)"),
        )


def test_chunks_that_end_too_early_are_not_taken():
    with serving({"/a": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")}) as server:
        assert refused(SystemWeb().get(f"{server.address}/a", 100))[0] == "unreadable"


def test_a_packed_body_is_not_unpacked():
    bomb = gzip.compress(bytes(10_000_000))
    with serving({"/a": body(bomb, Content_Encoding="gzip")}) as server:
        assert refused(SystemWeb().get(f"{server.address}/a", 100_000_000)) == (
            *("malformed", "`127.0.0.1` sent it packed, as `gzip`"),
        )


@pytest.mark.parametrize(
    "answer",
    [
        raw(*[b"HTTP/1.0 200 OK\r\n"], *[b"X: y\r\n"] * 50, pause=0.1),
        raw(b"HTTP/1.0 200 OK\r\n\r\n", *[b"x"] * 50, pause=0.1),
        raw(b"HTTP/1.0 200 OK\r\nContent-Length: 999\r\n\r\n", *[b"x"] * 50, pause=0.1),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 50, pause=0.1),
    ],
)
def test_a_server_that_drips_is_left_after_the_overall_time(answer: Answer):
    with serving({"/a": answer}) as server:
        before = time.monotonic()
        found = refused(SystemWeb((5, 0.5)).get(f"{server.address}/a", 10_000))
        assert time.monotonic() - before < 3
    assert found == ("unreadable", "`127.0.0.1` did not send it within 0.5 s")


@pytest.mark.usefixtures("_trusted")
def test_a_server_that_drips_behind_encryption_is_left_too():
    with serving({"/a": raw(b"HTTP/1.0 200 OK\r\n\r\n", *[b"x"] * 50, pause=0.1)}, tls=True) as server:
        before = time.monotonic()
        found = refused(SystemWeb((5, 0.5)).get(f"{server.address}/a", 10_000))
        assert time.monotonic() - before < 3
    assert found[1] == "`127.0.0.1` did not send it within 0.5 s"


def test_a_server_that_is_silent_is_left():
    with serving({"/a": raw(b"", pause=2)}) as server:
        found = refused(SystemWeb((0.2, 60)).get(f"{server.address}/a", 100))
    assert found == ("unreadable", "`127.0.0.1` cannot be reached (it did not answer)")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (404, "missing"),
        (410, "missing"),
        (401, "refused"),
        (403, "refused"),
        (405, "missing"),
        (500, "unreadable"),
        (304, "unreadable"),
    ],
)
def test_an_answer_that_is_none_is_told(code: int, kind: str):
    with serving({"/a?token=" + SECRET: body(SECRET.encode(), code)}) as server:
        assert refused(SystemWeb().get(f"{server.address}/a?token={SECRET}", 100))[0] == kind


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://example.org/a", "only `https` addresses are asked, not `http`"),
        ("file:///etc/passwd", "only `https` addresses are asked, not `file`"),
        ("ftp://127.0.0.1/a", "only `https` addresses are asked, not `ftp`"),
        ("data:,x", "only `https` addresses are asked, not `data`"),
        ("/etc/passwd", "only `https` addresses are asked, not ``"),
        (f"https://user:{SECRET}@example.org/", "an address with a user name is not asked"),
        ("https://@example.org/", "an address with a user name is not asked"),
        ("https://[::1", "this is no address"),
        ("https://a:b/", "this is no address"),
        ("https:///a", "this address names no host"),
        (f"http://127.0.0.1:1/a b?{SECRET}", "the address holds characters that none may hold"),
        (f"http://127.0.0.1:1/\r\nHost: x?{SECRET}", "the address holds characters that none may hold"),
    ],
)
def test_an_address_that_is_none_of_ours_is_not_asked(address: str, told: str):
    assert refused(SystemWeb().get(address, 100)) == ("invalid", told)


def test_nobody_there_is_told_by_the_host_alone():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"
    assert refused(SystemWeb().get(address, 100)) == (
        "unreadable",
        "`127.0.0.1` cannot be reached (Connection refused)",
    )


def test_a_name_that_leads_nowhere_is_told():
    def nowhere(*_args: object, **_more: object) -> list:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    found = refused(SystemWeb(look_up=nowhere).get(f"https://none.example/{SECRET}", 100))
    assert found == ("unreadable", "`none.example` cannot be reached (Name or service not known)")


def test_http_is_for_this_machine_whatever_its_name_leads_to():
    def elsewhere(_host: str, port: int, **_more: object) -> list:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]

    found = refused(SystemWeb(look_up=elsewhere).get("http://localhost/a", 100))
    assert found == ("invalid", "only this machine is asked by `http`")


@pytest.mark.usefixtures("_trusted")
def test_certificates_are_those_that_the_user_names():
    with serving({"/a": body(b"x")}, tls=True) as server:
        assert SystemWeb().get(f"{server.address}/a", 100) == b"x"


def test_a_certificate_that_nobody_vouches_for_is_refused():
    with serving({"/a": body(b"x")}, tls=True) as server:
        found = SystemWeb().get(f"{server.address}/a?{SECRET}", 100)
    kind, message = refused(found)
    assert kind == "unreadable"
    assert message.startswith("`127.0.0.1` is not trusted (self")
    assert isinstance(found, Problem)
    assert "SSL_CERT_FILE" in found.hint
    assert server.seen == []


def test_redirections_are_followed_a_few_times():
    steps = {f"/{number}": to(f"/{number + 1}") for number in range(5)}
    with serving({**steps, "/5": body(b"x"), "/9": to("/0")}) as server:
        assert SystemWeb().get(f"{server.address}/0", 100) == b"x"
        assert refused(SystemWeb().get(f"{server.address}/9", 100)) == (
            *("invalid", "`127.0.0.1` redirects again and again"),
        )


def test_a_circle_ends():
    with serving({"/a": to("/b"), "/b": to("/a")}) as server:
        assert refused(SystemWeb().get(f"{server.address}/a", 100))[0] == "invalid"
    assert len(server.seen) <= 10


@pytest.mark.parametrize(
    "where",
    ["http://example.org/x", "file:///etc/passwd", f"https://u:{SECRET}@127.0.0.1/", "ftp://127.0.0.1/", "https://[x/"],
)
def test_a_redirection_to_what_is_not_asked_is_refused(where: str):
    with serving({"/a": to(where)}) as server:
        assert refused(SystemWeb().get(f"{server.address}/a", 100))[0] == "invalid"


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("where", ["http://127.0.0.1:{port}/x", "http://localhost:{port}/x"])
def test_what_is_outside_does_not_lead_to_this_machine(where: str):
    with serving({"/x": body(b"inside")}) as inner:
        target = where.format(port=inner.address.rpartition(":")[2])
        with serving({"/a": to(target)}, tls=True, place=OUTSIDE) as outer:
            found = refused(WORLD.get(f"{outer.address}/a", 100))
    assert found == ("invalid", "the address leads to a private network")
    assert inner.seen == []


@pytest.mark.usefixtures("_trusted")
def test_what_is_inside_may_lead_on():
    with (
        serving({"/x": body(b"x")}, tls=True, place=OUTSIDE) as outer,
        serving({"/a": to(f"{outer.address}/x")}) as inner,
    ):
        assert WORLD.get(f"{inner.address}/a", 100) == b"x"


@pytest.mark.usefixtures("_trusted")
def test_a_name_that_leads_elsewhere_the_second_time_is_refused():
    """What is looked up is what is connected to: there is no moment between a check and its use."""
    answers = iter(["outside.example", "inside.example"])
    asked: list[str] = []

    def turning(host: str, port: int, **more: object) -> list:
        asked.append(host)
        return look_up(next(answers), port, **more)

    web = SystemWeb(look_up=turning, is_inside=WORLD.is_inside)
    with serving({"/a": to("/b"), "/b": body(b"x")}, tls=True, place=OUTSIDE) as outer:
        found = refused(web.get(f"{outer.address}/a", 100))
    assert found == ("invalid", "the address leads to a private network")
    assert asked == ["outside.example"] * 2


@pytest.mark.usefixtures("_trusted")
def test_what_was_said_to_one_server_is_not_said_to_another():
    token = {"Authorization": f"Bearer {SECRET}"}
    with (
        serving({"/x": body(b"x")}, tls=True, place=OUTSIDE) as outer,
        serving({"/a": to(f"{outer.address}/x"), "/b": to("/c"), "/c": body(b"c")}) as inner,
    ):
        assert WORLD.get(f"{inner.address}/a", 100, token) == b"x"
        assert WORLD.get(f"{inner.address}/b", 100, token) == b"c"
    assert "Authorization" not in outer.seen[0][1]
    assert [headers.get("Authorization") for _, headers in inner.seen] == [f"Bearer {SECRET}"] * 3


def test_a_proxy_of_the_environment_is_asked_instead(monkeypatch: pytest.MonkeyPatch):
    """It may lie anywhere, and looks up the names itself."""
    with serving({"http://127.0.0.1:9/a": body(b"by proxy")}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        assert SystemWeb().get("http://127.0.0.1:9/a", 100) == b"by proxy"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert refused(SystemWeb().get("http://127.0.0.1:9/a", 100))[0] == "unreadable"


def test_a_proxy_is_asked_for_a_tunnel(monkeypatch: pytest.MonkeyPatch):
    with serving({}) as proxy:
        monkeypatch.setenv("https_proxy", proxy.address)
        kind, message = refused(SystemWeb().get(f"https://example.org/a?{SECRET}", 100))
    assert kind == "unreadable"
    assert message.startswith("`example.org` cannot be reached (Tunnel connection failed: 501")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "fd00::1", "::"),
    ],
)
def test_addresses_of_this_machine_and_of_private_networks_are_inside(address: str):
    assert SystemWeb().is_inside(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_world_are_outside(address: str):
    assert not SystemWeb().is_inside(address)


@pytest.mark.usefixtures("_trusted")
def test_what_was_named_outside_does_not_lead_to_this_machine():
    with serving({"/x": body(b"inside")}) as inner, serving({"/x": body(b"x")}, tls=True, place=OUTSIDE) as outer:
        assert refused(WORLD.get(f"{inner.address}/x", 100, outside=True)) == (
            "invalid",
            "the address leads to a private network",
        )
        assert WORLD.get(f"{outer.address}/x", 100, outside=True) == b"x"
    assert inner.seen == []
