"""Bundles: locked by their bytes, unpacked after these agree, started by nothing but what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpconf.artifacts import mcpb
from mcpconf.canonical import digest_bytes
from mcpconf.documents.lock import load_lock, render_lock
from mcpconf.errors import Problem
from mcpconf.model.lock import Lock, LockedServer
from tests.bundles import (
    ADDRESS,
    NODE,
    Shelf,
    bundle,
    described,
    server,
    signed,
    wish,
    with_programs,
    workshop,
)

NOTES = {"package": f"mcpb:{ADDRESS}"}
HERE = "${__dirname}"


def python(**config) -> dict:
    config = {"command": "python", "args": [f"{HERE}/server/main.py"], **config}
    return described(NODE, config, "python")


def locked(tmp_path: Path, data: bytes, stated: dict | None = None, **more) -> LockedServer:
    found = mcpb.lock(wish({**NOTES, **(stated or {})}, **more), workshop(tmp_path, Shelf({ADDRESS: data})))
    assert isinstance(found, LockedServer), found
    return found


def refusal(tmp_path: Path, manifest: dict, stated: dict | None = None, files: dict | None = None) -> str:
    data = bundle(manifest, files)
    found = mcpb.lock(wish({**NOTES, **(stated or {})}), workshop(tmp_path, Shelf({ADDRESS: data})))
    assert isinstance(found, Problem), found
    return found.message


def test_a_lock_says_what_the_file_is_and_how_it_starts(tmp_path: Path):
    data = bundle(described(compatibility={"runtimes": {"node": ">=18", "python": ">=3.9"}}))
    found = locked(tmp_path, data)
    assert found.package == f"mcpb:{ADDRESS}"
    assert found.version == "1.2.0"
    assert {name: (item.digest, item.size) for name, item in found.artifacts.items()} == {
        "notes-1.2.mcpb": (digest_bytes(data), len(data))
    }
    assert found.program == "server/index.js"
    assert found.requires == {"node": ">=18"}
    assert found.provenance.state == "unknown"
    assert load_lock(render_lock(Lock(servers={"notes": found})), "mcpconf.lock").servers["notes"] == found


@pytest.mark.parametrize("more", [{}, {"counted": True}])
def test_a_signature_is_told_by_a_second_digest_that_outlives_signing_again(tmp_path: Path, more: dict):
    data = bundle()
    once = locked(tmp_path, signed(data, **more))
    again = locked(tmp_path, signed(data, **more, signature=b"other"))
    name = "notes-1.2.mcpb#without-signature"
    assert set(once.artifacts) == {"notes-1.2.mcpb", name}
    assert once.artifacts[name] == again.artifacts[name]
    assert once.artifacts["notes-1.2.mcpb"] != again.artifacts["notes-1.2.mcpb"]
    assert set(locked(tmp_path, data).artifacts) == {"notes-1.2.mcpb"}


def test_the_lock_is_the_same_on_every_kind_of_machine(tmp_path: Path):
    data = bundle(python(env={"PYTHONPATH": f"{HERE}/server/lib"}), {"server/main.py": b""})
    found = set()
    for system, home in (("linux", "/home/dev"), ("macos", "/Users/dev"), ("windows", "C:/Users/dev")):
        shop = workshop(tmp_path / system, Shelf({ADDRESS: data}), os=system, home=home)
        answer = mcpb.lock(wish(NOTES), shop)
        assert isinstance(answer, LockedServer)
        found.add(render_lock(Lock(servers={"notes": answer})))
    assert len(found) == 1


def test_the_hash_in_the_manifest_must_be_that_of_the_file(tmp_path: Path):
    data = bundle()
    assert locked(tmp_path, data, {"hash": digest_bytes(data)})
    shop = workshop(tmp_path, Shelf({ADDRESS: data}))
    found = mcpb.lock(wish({**NOTES, "hash": digest_bytes(b"")}), shop)
    assert isinstance(found, Problem)
    assert found.kind == "hash"
    assert ADDRESS in found.message
    assert digest_bytes(data) in found.message
    assert digest_bytes(b"") in found.message


def test_a_version_in_the_manifest_must_be_that_of_the_bundle(tmp_path: Path):
    assert locked(tmp_path, bundle(), {"version": "1.2.0"})
    assert "says it is version `1.2.0`, not `1.3.0`" in refusal(tmp_path, NODE, {"version": "1.3.0"})


def test_what_the_lock_has_is_kept_without_the_network(tmp_path: Path):
    known = locked(tmp_path, bundle())
    empty = Shelf()
    assert mcpb.lock(wish(NOTES, known=known), workshop(tmp_path, empty)) == known
    with_hash = {**NOTES, "hash": known.artifacts["notes-1.2.mcpb"].digest}
    assert mcpb.lock(wish(with_hash, known=known), workshop(tmp_path, empty)) == known
    assert empty.asked == []


@pytest.mark.parametrize("more", [{"upgrade": True}, {"stated": {"hash": digest_bytes(bundle(files={}))}}])
def test_other_bytes_behind_the_address_are_only_looked_at_when_asked_for(tmp_path: Path, more: dict):
    known = locked(tmp_path, bundle())
    other = bundle(files={"server/index.js": b"other"})
    shelf = Shelf({ADDRESS: other})
    stated = {**NOTES, **more.get("stated", {})}
    found = mcpb.lock(wish(stated, known=known, upgrade=more.get("upgrade", False)), workshop(tmp_path, shelf))
    assert shelf.asked == [ADDRESS]
    if isinstance(found, LockedServer):
        assert found.artifacts["notes-1.2.mcpb"].digest == digest_bytes(other)
    else:
        assert found.kind == "hash"


REFUSED = {
    "no manifest": (b"", "cannot be read"),
    "twice": (b'{"name": "a", "name": "b"}', "has `name` twice"),
    "not UTF-8": (b"\xff{}", "cannot be read"),
    "a list": (b"[]", "in `manifest.json`"),
    "no server": ({"name": "a", "version": "1"}, "`server` in `manifest.json`"),
    "version": (described(version="1.0/../.."), "`version` in `manifest.json`"),
    "kind": (described(kind="java"), "`server.type`"),
    "uv": (described(kind="uv"), "it is of the type `uv`, which downloads its packages when it starts"),
    "npx": (described(config={"command": "npx", "args": ["-y", "x"]}), "it starts `npx`, not what is in it"),
    "uvx": (described(config={"command": "uvx", "args": ["x"]}, kind="python"), "it starts `uvx`"),
    "shell": (described(config={"command": "sh", "args": ["-c", "x"]}), "it starts `sh`"),
    "own python": (
        described(config={"command": f"{HERE}/venv/bin/python", "args": ["x.py"]}, kind="python"),
        "it starts",
    ),
    "code": (described(config={"command": "node", "args": ["-e", "x()"]}), "and no script of its own"),
    "hook": (described(config={"command": "node", "args": ["--require", f"{HERE}/a.js"]}), "no script of its own"),
    "outside": (described(config={"command": "node", "args": [f"{HERE}/../a.js"]}), "no script of its own"),
    "root": (described(config={"command": "node", "args": ["/etc/a.js"]}), "no script of its own"),
    "missing": (described(config={"command": "node", "args": [f"{HERE}/b.js"]}), "it has no `b.js`"),
    "binary of the system": (
        described(config={"command": "bash"}, kind="binary"),
        "it starts `bash`, which is not in it",
    ),
    "options": (
        described(config={"args": [f"{HERE}/server/index.js"], "env": {"NODE_OPTIONS": "-r x"}}),
        "`NODE_OPTIONS`",
    ),
    "preload": (described(config={"args": [f"{HERE}/server/index.js"], "env": {"LD_PRELOAD": "x"}}), "`LD_PRELOAD`"),
    "path out": (python(env={"PYTHONPATH": f"{HERE}/lib:/tmp/x"}), "its `PYTHONPATH` leads out of it"),
    "path up": (python(env={"PYTHONPATH": f"{HERE}/../lib"}), "its `PYTHONPATH` leads out of it"),
    "unknown hole": (
        described(config={"args": [f"{HERE}/server/index.js", "${DOWNLOADS}"]}),
        "`${DOWNLOADS}`, which is not known",
    ),
    "module": (python(args=["-m", "http.server"]), "it has no module `http.server`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bundle_that_would_run_something_else_is_refused(tmp_path: Path, name: str):
    manifest, told = REFUSED[name]
    assert told in refusal(tmp_path, manifest)


def test_a_bundle_without_a_manifest_is_refused(tmp_path: Path):
    data = bundle().replace(b"manifest.json", b"manifest.jsom")
    found = mcpb.lock(wish(NOTES), workshop(tmp_path, Shelf({ADDRESS: data})))
    assert isinstance(found, Problem)
    assert "it has no `manifest.json`" in found.message


def test_what_is_not_there_is_told(tmp_path: Path):
    found = mcpb.lock(wish(NOTES), workshop(tmp_path))
    assert isinstance(found, Problem)
    assert found.kind == "missing"


ASKING = described(
    config={
        "command": "node",
        "args": [f"{HERE}/server/index.js", "--stdio", "--root", "${user_config.root}"],
        "env": {"TOKEN": "Bearer ${user_config.token}", "LEVEL": "${user_config.level}", "MORE": "${user_config.more}"},
    },
    user_config={
        "root": {"type": "directory", "required": True, "default": ["${HOME}/Documents"]},
        "token": {"type": "string", "required": True, "sensitive": True},
        "level": {"type": "number", "default": 3},
        "more": {"type": "string"},
    },
)


def test_what_a_bundle_asks_its_user_the_manifest_must_say(tmp_path: Path):
    assert "the bundle asks for `token`" in refusal(tmp_path, ASKING)
    assert "the bundle asks for `token`" in refusal(tmp_path, ASKING, {"args": ["--root", "/x"]})
    assert "the bundle asks for `root`" in refusal(tmp_path, ASKING, {"env": {"TOKEN": {"secret": "T"}}})
    answered = {"env": {"TOKEN": {"secret": "T"}}, "args": ["--root", "${home}/x"]}
    found = locked(tmp_path, bundle(ASKING), answered)
    machine = with_programs(workshop(tmp_path), "/usr/bin/node")
    assert mcpb.launch(found, "/s/tree", machine) == ("/usr/bin/node", "/s/tree/bundle/server/index.js", "--stdio")
    assert mcpb.environment(found, "/s/tree", machine) == {"LEVEL": "3"}
    assert [*mcpb.unanswered_by(found, server({**NOTES, **answered}), machine)] == []
    assert len([*mcpb.unanswered_by(found, server(NOTES), machine)]) == 2


def test_answers_that_are_not_needed_are_left_out(tmp_path: Path):
    manifest = described(
        config={"args": [f"{HERE}/server/index.js", "${user_config.x}"], "env": {"X": "${user_config.x}"}},
        user_config={"x": {"type": "string"}},
    )
    found = locked(tmp_path, bundle(manifest))
    machine = with_programs(workshop(tmp_path), "/usr/bin/node")
    assert mcpb.launch(found, "/t", machine) == ("/usr/bin/node", "/t/bundle/server/index.js")
    assert mcpb.environment(found, "/t", machine) == {}


def test_an_answer_to_a_question_that_is_not_asked_is_needed(tmp_path: Path):
    manifest = described(config={"args": [f"{HERE}/server/index.js"], "env": {"X": "${user_config.y}"}})
    assert "the bundle asks for `y`" in refusal(tmp_path, manifest)


def test_paths_in_arguments_and_variables_are_those_of_the_machine(tmp_path: Path):
    manifest = described(
        config={
            "args": [f"{HERE}${{/}}server${{pathSeparator}}index.js", f"--conf={HERE}/conf.json", "${HOME}/notes"],
            "env": {"CONF": f"{HERE}/conf.json", "HOME_OF": "${HOME}", "DEBUG": True, "N": 1.5},
        }
    )
    found = locked(tmp_path, bundle(manifest))
    machine = with_programs(workshop(tmp_path), "/opt/node/bin/node")
    assert mcpb.launch(found, "/t", machine) == (
        *("/opt/node/bin/node", "/t/bundle/server/index.js", "--conf=/t/bundle/conf.json", "/home/dev/notes"),
    )
    assert mcpb.environment(found, "/t", machine) == {
        "CONF": "/t/bundle/conf.json",
        "HOME_OF": "/home/dev",
        "DEBUG": "true",
        "N": "1.5",
    }
