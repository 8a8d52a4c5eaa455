"""What is remembered of an entry once it is written, and what the manifest says of servers that approvals are judged by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.artifacts.supplied import Supplied
from mcpconf.documents.manifest import load_manifest
from mcpconf.model.base import Element
from mcpconf.model.change import EditStep, PlannedEdit, Precondition
from mcpconf.model.entry import Entry, Value
from mcpconf.model.lock import Artifact, Lock, LockedServer
from mcpconf.model.observed import ObservedFile
from mcpconf.model.state import Revoked, State, Tombstone
from mcpconf.reconcile.declared import declared, names_of_servers
from mcpconf.reconcile.records import arguments, owned, record, unchanged
from mcpconf.system.sources import bundled_rows
from tests.pieces import ONE, OTHER, change, situation, wanted, written

ENV = Entry("stdio", ONE.command, ONE.args, {"B": Value.literal("b"), "A": Value.literal("a")})
ASKED = wanted("h/user/x", ENV, server="srv", protect=True)


def made(container="map", **more):
    known = Precondition(value="absent", container=container, resolved="/f", owner=7, mode=0o600)
    return change("h/user/x", precondition=known, **more)


def recorded(applied=None, change=None, *, text="", state=None, asked=ASKED):
    file = ObservedFile(asked.location, present=True, text=text)
    other = ObservedFile(replace(asked.location, path="/other"), present=True, text='{"inputs": []}')
    return record(situation([asked], (), state, observed={"files": (other, file)}), asked, applied, change)


def test_what_is_kept_of_an_entry():
    new = recorded(change=made())
    assert (new.server, new.identity, new.file, new.protect, new.found) == ("srv", "npm:one", "/f", True, False)
    assert (new.environment, new.arguments) == (["A", "B"], arguments(situation(), ENV))
    assert (new.created_container, new.declared) == (False, [])
    assert new.fields.keys() == {"transport", "launch", "env", "cwd", "url", "headers"}
    assert arguments(situation(), ENV) == arguments(situation(), ONE) != arguments(situation(), OTHER)


@pytest.mark.parametrize(
    ("applied", "change", "found"),
    [
        (None, None, True),
        (written(found=True), None, True),
        (written(found=False), None, False),
        (written(found=True), made(), False),
        (None, made(), False),
    ],
)
def test_what_was_there_before_us(applied, change, found):
    assert recorded(applied, change).found is found


def place(address, **more):
    return State(entries={address: written(created_container=True, **more)})


@pytest.mark.parametrize(
    ("applied", "change", "state", "created"),
    [
        (None, made("absent"), None, True),
        (None, made("list"), None, False),
        (None, change("h/user/x"), None, False),
        (written(created_container=True), made(), None, True),
        (written(created_container=True), None, None, True),
        (written(), made(), None, False),
        (None, made(), place("h/user/y"), True),
        (None, None, place("h/user/y"), False),
        (None, made(), place("i/user/y"), False),
        (None, made(), place("h/project:~/p/y"), False),
        (None, made(), State(entries={"h/user/y": written()}), False),
        (None, made(), State(entries={"h/user/y": written(), "h/user/z": written(created_container=True)}), True),
        (
            None,
            made(),
            State(entries={"h/user/y": written(created_container=True).model_copy(update={"file": "/g"})}),
            False,
        ),
    ],
)
def test_who_made_what_holds_the_entry(applied, change, state, created):
    assert recorded(applied, change, state=state).created_container is created


TOKEN = ["inputs", EditStep(element="TOKEN", key="id")]
DECLARES = PlannedEdit(at=TOKEN, value={"id": "TOKEN"}, unless_there=True)


@pytest.mark.parametrize(
    ("edits", "text", "declared"),
    [
        ([DECLARES], "", [TOKEN, ["inputs"]]),
        ([DECLARES], "{}", [TOKEN, ["inputs"]]),
        ([DECLARES], '{"inputs": []}', [TOKEN]),
        ([DECLARES.model_copy(update={"unless_there": False})], "", []),
        ([PlannedEdit(at=["name"], value="x", unless_there=True)], "", []),
        ([DECLARES, DECLARES], '{"inputs": []}', [TOKEN]),
    ],
)
def test_what_we_declared_for_an_entry(edits, text, declared):
    assert recorded(change=made(edits=edits), text=text).declared == declared
    kept = written(declared=[["inputs", EditStep(element="OLD", key="id")]])
    assert recorded(kept, made(edits=edits), text=text).declared == [*kept.declared, *declared]
    assert recorded(kept, None).declared == kept.declared
    unseen = situation([ASKED], observed={"files": ()})
    assert record(unseen, ASKED, None, made(edits=[DECLARES])).declared == [TOKEN, ["inputs"]]
    again = written(declared=[TOKEN])
    assert recorded(again, made(edits=[DECLARES]), text='{"inputs": []}').declared == [TOKEN]


@pytest.mark.parametrize(
    "other",
    [
        {"server": "z"},
        {"identity": "npm:two"},
        {"file": "/g"},
        {"protect": False},
        {"version": "1.0.0"},
        {"fields": {"env": "d"}},
    ],
)
def test_what_the_state_has_to_learn(other):
    known = recorded(change=made())
    assert unchanged(situation(), ASKED, known)
    assert unchanged(situation(), ASKED, known.model_copy(update=other)) is ("fields" in other)


def test_the_bytes_that_the_lock_names_are_remembered():
    files = {"x.tgz": Artifact(digest="sha256:" + "1" * 64, size=3)}
    server = LockedServer(input_digest="sha256:" + "0" * 64, version="1.0.0", artifacts=files)
    for name, known in ("srv", True), ("other", False):
        whole = situation([ASKED], supplied=Supplied(Lock(servers={name: server})))
        new = record(whole, ASKED, None, None)
        told = {"x.tgz": files["x.tgz"].digest}
        assert (new.version, new.artifacts) == (("1.0.0", told) if known else ("", {}))
        assert unchanged(whole, ASKED, new)
        assert unchanged(situation(), ASKED, new) is not known
        assert unchanged(whole, ASKED, new.model_copy(update={"artifacts": told, "version": "1.0.0"})) is known
        assert not unchanged(whole, ASKED, new.model_copy(update={"artifacts": {"y.tgz": told["x.tgz"]}}))


def test_no_copy_is_kept_of_a_secret():
    secret = replace(ENV, env={"A": Value.literal("ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT")})
    referring = replace(ENV, env={"A": Value.parse("${secret:A}")})
    assert owned(wanted("h/user/x", secret)) == {}
    assert owned(wanted("h/user/x", secret, said=referring))["h/user/x"].env == [("A", "${secret:A}")]
    assert owned(wanted("h/user/x", referring, said=secret)) == {}
    listed = replace(wanted("h/user/x"), key_path=("s", Element("x", "name")))
    assert owned(listed)["h/user/x"].key_path == ["s", EditStep(element="x", key="name")]


MANIFEST = load_manifest(
    """\
mcpconf: 1
servers:
  files: {package: "npm:files", version: "1.0.0", was: [disk], hosts: {cursor: {name: own}, codex: {args: [a]}}}
  plain: {command: [python, server.py], permissions: {tools: {auto: [look]}}}
  quiet: {url: "https://example.org/mcp", permissions: {tools: {auto: []}}}
hosts: {cursor: {}}
""",
    "m",
    known_hosts=bundled_rows(),
).manifest


def test_what_approvals_are_judged_by():
    told = declared(MANIFEST, ["cursor", "codex"])
    assert told.called == {
        ("codex", "files"): "files",
        ("codex", "plain"): "plain",
        ("codex", "quiet"): "quiet",
        ("cursor", "own"): "files",
        ("cursor", "plain"): "plain",
        ("cursor", "quiet"): "quiet",
    }
    assert told.auto == {"plain": ("look",), "quiet": ()}
    assert told.identities["files"] == {"npm:files"}
    assert told.identities["quiet"] == {"url:https://example.org/mcp"}
    assert "" not in frozenset().union(*told.identities.values())


def test_names_that_approvals_may_be_about():
    mark = Tombstone(address="codex/user/gone", identity="")
    more = {"since": "2026-01-01", "by": "dev"}
    state = State(
        entries={"cursor/project:~/p/ours": written()},
        tombstones=[mark],
        revoked=[
            Revoked(server="off", marks=[Tombstone(address="zed/user/spelled", identity="")], **more),
            Revoked(address="cursor/user/x", **more),
        ],
    )
    files = {"plain", "quiet", "disk", "off"}
    assert names_of_servers(MANIFEST, state, ["cursor", "codex"]) == {
        "cursor": files | {"own", "ours"},
        "codex": files | {"files", "gone"},
        "zed": {"spelled"},
    }
    assert names_of_servers(MANIFEST, State(), ()) == {}
