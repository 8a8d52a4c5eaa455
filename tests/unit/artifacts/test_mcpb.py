"""Bundles: locked by their bytes, unpacked after these agree, started by nothing but what is in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.artifacts import closure_digest, installation, mcpb
from mcpconf.canonical import digest_bytes
from mcpconf.documents.lock import load_lock, render_lock
from mcpconf.errors import Problem
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.package import Package
from mcpconf.packages import identity_of_package, recognise
from mcpconf.workshop import Ran
from tests.bundles import (
    ADDRESS,
    NODE,
    Answers,
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


def test_a_program_is_chosen_by_the_system(tmp_path: Path):
    manifest = described(
        config={
            "command": "server/notes",
            "args": ["--stdio"],
            "platform_overrides": {"darwin": {"command": f"{HERE}/server/notes-mac", "args": [], "env": {"A": "1"}}},
        },
        kind="binary",
    )
    files = {"server/notes": b"\x7fELF", "server/notes-mac": b"\xfe\xed", "server/notes.exe": b"MZ"}
    found = locked(tmp_path, bundle(manifest, files))
    linux, mac, windows = (
        workshop(tmp_path / system, os=system, home=home).machine
        for system, home in (("linux", "/home/dev"), ("macos", "/Users/dev"), ("windows", "C:/Users/dev"))
    )
    assert mcpb.launch(found, "/t", linux) == ("/t/bundle/server/notes", "--stdio")
    assert mcpb.launch(found, "/t", mac) == ("/t/bundle/server/notes-mac",)
    assert mcpb.launch(found, "C:/t", windows) == ("C:/t/bundle/server/notes.exe", "--stdio")
    assert mcpb.environment(found, "/t", mac) == {"A": "1"}


@pytest.mark.parametrize(
    ("more", "files"),
    [
        ({"compatibility": {"platforms": ["linux", "win32"]}}, {"server/x": b"", "server/x.exe": b"", "m": b""}),
        ({}, {"server/x": b"", "server/x.exe": b"", "server/other": b""}),
    ],
)
def test_a_bundle_without_a_program_for_a_system_is_not_started_there(tmp_path: Path, more: dict, files: dict):
    config = {"command": f"{HERE}/server/x", "platform_overrides": {"darwin": {"command": "server/mac"}}}
    found = locked(tmp_path, bundle(described(config=config, kind="binary", **more), files))
    mac = workshop(tmp_path / "mac", os="macos", home="/Users/dev").machine
    refused = mcpb.launch(found, "/t", mac)
    assert isinstance(refused, Problem)
    assert refused.message == "`notes` is not made for macos"


def test_a_machine_without_the_runtime_is_told_what_to_install(tmp_path: Path):
    shop = workshop(tmp_path)
    with_programs(shop, "/usr/bin/python3")
    found = mcpb.launch(locked(tmp_path, bundle()), "/t", shop.machine)
    assert isinstance(found, Problem)
    assert found.message == "`node` is not on this machine"
    python_bundle = locked(tmp_path, bundle(python(), {"server/main.py": b""}))
    machine = with_programs(workshop(tmp_path / "other"), "/usr/bin/node")
    found = mcpb.launch(python_bundle, "/t", machine)
    assert isinstance(found, Problem)
    assert found.message == "`python3` is not on this machine"


def test_a_script_in_place_of_a_runtime_is_passed_by(tmp_path: Path):
    """Such shims look at files of the current folder to choose a version."""
    shop = workshop(tmp_path)
    machine = with_programs(shop, "/home/dev/.pyenv/versions/python3", "/usr/bin/python3")
    Path(shop.trees.resolver.real("/home/dev/.pyenv/versions/python3")).write_text("#!/bin/sh\nexec pyenv\n")
    found = locked(tmp_path, bundle(python(), {"server/main.py": b""}))
    assert mcpb.launch(found, "/t", machine)[0] == "/usr/bin/python3"
    machine = replace(machine, facts=replace(machine.facts, env={"PATH": "bin:.::usr/bin"}))
    assert isinstance(mcpb.launch(found, "/t", machine), Problem)


@pytest.mark.parametrize(
    ("kind", "wanted", "said", "told"),
    [
        ("node", ">=18", b"v20.20.2\n", ""),
        ("node", ">=22.0.0", b"v20.20.2\n", "needs node `>=22.0.0`, and here is 20.20.2"),
        ("node", "whatever", b"v20.20.2\n", ""),
        ("node", ">=18", b"hello\n", "does not tell its version"),
        ("python", ">=3.8,<4.0", b"Python 3.11.2\n", ""),
        ("python", ">=3.12,<4.0", b"Python 3.11.2\n", "needs python `>=3.12,<4.0`, and here is 3.11.2"),
        ("python", ">=3.13", b"Python 3.14.0rc1+\n", ""),
    ],
)
def test_a_runtime_that_the_bundle_does_not_run_on_is_told(
    tmp_path: Path, kind: str, wanted: str, said: bytes, told: str
):
    base = python() if kind == "python" else NODE
    files = {"server/main.py": b"", "server/index.js": b""}
    data = bundle({**base, "compatibility": {"runtimes": {kind: wanted}}}, files)
    program = "/usr/bin/node" if kind == "node" else "/usr/bin/python3"
    shop = workshop(tmp_path, Shelf({ADDRESS: data}), Answers({(program, "--version"): Ran(0, said, b"")}))
    shop = replace(shop, machine=with_programs(shop, program))
    found = mcpb.lock(wish(NOTES), shop)
    assert isinstance(found, LockedServer)
    refused = mcpb.install(found, "/room/tree", shop)
    assert (refused.message if refused else "").endswith(told)
    assert (refused is None) == (told == "")


def installed(tmp_path: Path, data: bytes, stated: dict | None = None) -> tuple[LockedServer, Path]:
    shop = workshop(tmp_path, Shelf({ADDRESS: data}))
    found = mcpb.lock(wish({**NOTES, **(stated or {})}), shop)
    assert isinstance(found, LockedServer), found
    shop = replace(shop, machine=with_programs(shop, "/usr/bin/node", "/usr/bin/python3"))
    assert mcpb.install(found, "/room/tree", shop) is None
    return found, Path(shop.trees.resolver.real("/room/tree"))


def test_what_is_unpacked_is_what_is_in_the_bundle(tmp_path: Path):
    _, tree = installed(tmp_path, signed(bundle()))
    assert {str(path.relative_to(tree)): path.stat().st_mode & 0o777 for path in tree.rglob("*") if path.is_file()} == {
        "bundle/manifest.json": 0o600,
        "bundle/server/index.js": 0o600,
        "bundle/server/lib/a.py": 0o600,
    }
    assert (tree / "bundle/server/index.js").read_bytes() == b"console.log('notes')\n"


def test_only_the_program_can_be_executed(tmp_path: Path):
    manifest = described(config={"command": f"{HERE}/server/notes"}, kind="binary")
    _, tree = installed(tmp_path, bundle(manifest, {"server/notes": b"\x7fELF", "server/other": b"\x7fELF"}))
    assert os.access(tree / "bundle/server/notes", os.X_OK)
    assert (tree / "bundle/server/other").stat().st_mode & 0o111 == 0


@pytest.mark.parametrize("other", [bundle(files={"server/index.js": b"evil"}), bundle() + b"x", b"", signed(bundle())])
def test_a_bundle_of_other_bytes_is_not_even_opened(tmp_path: Path, other: bytes):
    found = locked(tmp_path, bundle())
    shop = workshop(tmp_path, Shelf({ADDRESS: other}))
    shop = replace(shop, machine=with_programs(shop, "/usr/bin/node"))
    refused = mcpb.install(found, "/room/tree", shop)
    assert isinstance(refused, Problem)
    assert refused.kind == "hash"
    assert digest_bytes(other) in refused.message
    assert not shop.machine.files.exists("/room")


def test_a_bundle_that_is_damaged_though_it_is_the_locked_one_is_told(tmp_path: Path):
    """It was damaged when it was published: what the lock looks at is sound."""
    data = bytearray(bundle())
    data[data.index(b"server/index.js") + len("server/index.js") + 4] ^= 0xFF
    shop = workshop(tmp_path, Shelf({ADDRESS: bytes(data)}))
    found = mcpb.lock(wish(NOTES), shop)
    assert isinstance(found, LockedServer)
    refused = mcpb.install(found, "/room/tree", replace(shop, machine=with_programs(shop, "/usr/bin/node")))
    assert isinstance(refused, Problem)
    assert "`server/index.js` cannot be unpacked" in refused.message


def test_a_bundle_is_not_installed_where_it_cannot_be_started(tmp_path: Path):
    manifest = described(compatibility={"platforms": ["darwin"]})
    shelf = Shelf({ADDRESS: bundle(manifest)})
    found = mcpb.lock(wish(NOTES), workshop(tmp_path, shelf))
    assert isinstance(found, LockedServer)
    shop = workshop(tmp_path, shelf)
    for refused in (mcpb.install(found, "/room/tree", shop), mcpb.launch(found, "/room/tree", shop.machine)):
        assert isinstance(refused, Problem)
        assert refused.message == "`notes` is not made for linux"
    assert [*mcpb.unanswered_by(found, server(NOTES), shop.machine)] == []
    assert len(shelf.asked) == 1


def test_a_lock_that_lost_what_the_bundle_says_is_told(tmp_path: Path):
    found = locked(tmp_path, bundle()).model_copy(update={"closure": {}})
    refused = mcpb.launch(found, "/t", with_programs(workshop(tmp_path), "/usr/bin/node"))
    assert isinstance(refused, Problem)
    assert "`name` in `manifest.json`" in refused.message


def test_an_address_that_is_gone_is_told(tmp_path: Path):
    shop = workshop(tmp_path)
    refused = mcpb.install(
        locked(tmp_path, bundle()), "/t", replace(shop, machine=with_programs(shop, "/usr/bin/node"))
    )
    assert isinstance(refused, Problem)
    assert refused.kind == "missing"


def test_nothing_is_downloaded_offline(tmp_path: Path):
    shelf = Shelf({ADDRESS: bundle()})
    found = locked(tmp_path, bundle())
    shop = workshop(tmp_path, shelf)
    shop = replace(shop, machine=with_programs(shop, "/usr/bin/node"), offline=True)
    refused = mcpb.install(found, "/room/tree", shop)
    assert isinstance(refused, Problem)
    assert refused.kind == "missing"
    assert shelf.asked == []


MAIN = b"""import json, sys
import greeting
print(json.dumps([greeting.WORD, sys.argv[1:], __name__, sys.flags.isolated, sys.dont_write_bytecode]))
exit(3)
"""
LIB = {"server/lib/greeting.py": b"WORD = 'from the bundle'\n", "server/lib/notes/__main__.py": MAIN}


@pytest.mark.parametrize(
    "config", [{}, {"args": ["-u", "-m", "notes"]}, {"args": [f"{HERE}/server/main.py"], "command": "python3"}]
)
def test_a_bundle_in_python_runs_with_its_own_packages_and_no_others(tmp_path: Path, config: dict):
    manifest = python(env={"PYTHONPATH": f"{HERE}/server/lib", "PYTHONUNBUFFERED": "1"}, **config)
    found, tree = installed(tmp_path, bundle(manifest, {"server/main.py": MAIN, **LIB}))
    machine = with_programs(workshop(tmp_path), "/usr/bin/python3")
    program, *words = mcpb.launch(found, str(tree), machine)
    assert program == "/usr/bin/python3"
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "greeting.py").write_text("WORD = 'planted'\n")
    (planted / "json.py").write_text("raise SystemExit('planted')\n")
    environment = {**os.environ, "PYTHONPATH": str(planted)}
    done = subprocess.run(
        [sys.executable, *words, "--x"], cwd=planted, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout) == ["from the bundle", ["--x"], "__main__", 1, True]
    assert not [*tree.rglob("*.pyc")]


def test_a_bundle_in_python_does_not_see_the_packages_of_the_machine(tmp_path: Path):
    main = b"try:\n    import pydantic\nexcept ImportError:\n    print('none')\n"
    found, tree = installed(tmp_path, bundle(python(), {"server/main.py": main}))
    words = mcpb.launch(found, str(tree), with_programs(workshop(tmp_path), "/usr/bin/python3"))[1:]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"


def test_the_store_tells_which_bundle_a_command_line_starts(tmp_path: Path):
    found = locked(tmp_path, bundle())
    machine = with_programs(workshop(tmp_path), "/usr/bin/node")
    folder = installation(found, machine.facts)
    assert folder == (
        "/home/dev/.local/share/mcpconf/store/mcpb/example.org+dl+notes-1.2.mcpb@1.2.0/"
        + closure_digest(found).removeprefix("sha256:")[:32]
    )
    launched = recognise([*mcpb.launch(found, f"{folder}/tree", machine), "/data"])
    assert launched.identity == identity_of_package(Package("mcpb", ADDRESS)) == f"mcpb:{ADDRESS}"
    assert (launched.version, launched.floating, launched.arguments) == ("1.2.0", False, ("/data",))


def test_no_copies_of_a_bundle_are_known(tmp_path: Path):
    assert [*mcpb.copies(locked(tmp_path, bundle()), workshop(tmp_path).machine)] == []
