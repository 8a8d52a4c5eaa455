"""Which changes only take away; and which servers' day has passed."""

import pytest

from mcpconf.model.entry import Entry, Value
from mcpconf.model.manifest import Manifest
from mcpconf.reconcile.expiry import expired, without
from mcpconf.reconcile.narrowing import narrows
from mcpconf.reconcile.table import Verdict

SECRET, OTHER, CLEAR = Value.parse("${env:A}"), Value.parse("${env:B}"), Value.literal("a")


def env(**values):
    return Entry("stdio", env=values)


def headers(**values):
    return Entry("http", headers=values)


@pytest.mark.parametrize(
    ("name", "reason", "wanted", "found", "narrower"),
    [
        ("env", "drifted", env(), env(A=CLEAR), True),
        ("env", "drifted", env(A=CLEAR), env(A=CLEAR, B=CLEAR), True),
        ("env", "drifted", env(A=CLEAR), env(), False),
        ("env", "drifted", env(B=CLEAR), env(A=CLEAR), False),
        ("env", "drifted", env(A=CLEAR), env(A=Value.literal("b")), False),
        ("env", "drifted", env(A=SECRET), env(A=CLEAR), True),
        ("env", "drifted", env(A=CLEAR), env(A=SECRET), False),
        ("env", "drifted", env(A=SECRET), env(A=OTHER), False),
        ("env", "drifted", env(A=SECRET, B=CLEAR), env(A=CLEAR, B=OTHER), False),
        ("headers", "drifted", headers(A=SECRET), headers(A=CLEAR, B=CLEAR), True),
        ("headers", "drifted", headers(A=SECRET), headers(), False),
        ("launch", "drifted", env(), env(), True),
        ("url", "drifted", env(), env(), True),
        ("launch", "manifest_changed", env(), env(), False),
        ("cwd", "drifted", env(), env(), False),
        ("call", "drifted", Entry("stdio", call=("a",)), Entry("stdio", call=("a", "b")), True),
        ("call", "drifted", Entry("stdio", call=("a", "b")), Entry("stdio", call=("a",)), False),
    ],
)
def test_a_field(name, reason, wanted, found, narrower):
    assert narrows(wanted, found, Verdict("update", "drifted", ((name, reason),))) is narrower


def test_every_field_must_take_away():
    fields = (("env", "drifted"), ("cwd", "drifted"))
    assert not narrows(env(), env(A=CLEAR), Verdict("update", "drifted", fields))
    assert narrows(env(), env(), Verdict("update", "drifted", ()))


def manifest(expired: str) -> Manifest:
    server = {"package": "npm:x", "version": "1.0.0"}
    return Manifest.model_validate(
        {
            "mcpconf": 1,
            "servers": {
                "old": {**server, "expires": "2026-11-26"},
                "new": {**server, "expires": "2026-11-27"},
                "always": server,
            },
            "hosts": {"h": {"servers": ["old", "always"]}, "i": {}},
            "projects": [{"path": "~/a", "servers": ["new", "old"]}, {"path": "~/b"}],
            "policy": {"expired": expired},
        }
    )


def test_a_server_goes_on_the_day_after_its_last_where_the_manifest_says_so():
    assert expired(manifest("remove"), "2026-11-26".__gt__) == frozenset()
    assert expired(manifest("remove"), "2026-11-27".__gt__) == {"old"}
    assert expired(manifest("remove"), "2026-11-28".__gt__) == {"old", "new"}
    assert expired(manifest("warn"), "2026-11-28".__gt__) == frozenset()


def test_what_is_left_names_it_nowhere():
    whole = manifest("remove")
    assert without(whole, ()) is whole
    left = without(whole, {"old"})
    assert sorted(left.servers) == ["always", "new"]
    assert {name: host.servers for name, host in left.hosts.items()} == {"h": ("always",), "i": None}
    assert [project.servers for project in left.projects] == [("new",), None]
