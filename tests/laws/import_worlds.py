"""Machines to import: entries of every shape, in the files of several hosts, at user and project scope."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from mcpconf import operations
from mcpconf.observe import observe
from mcpconf.secrets import find
from mcpconf.system.facts import rooted_machine
from mcpconf.system.sources import bundled_rows
from tests.world import World

SECRETS = (
    "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT",
    "lin_api_A1b2C3d4E5f6G7h8I9j0K1l2M3n4",
    "tvly-dev-Zq8xW2vB7nK4mT6yH3sJ9dP1",
    "hunter2hunter2",
    "s$cr{t}p4ss9w:x",
)

FILES = {
    "~/.cursor/mcp.json": ("mcpServers", "cursor"),
    "~/.claude.json": ("mcpServers", "claude-code"),
    "~/.config/Code/User/mcp.json": ("servers", "vscode"),
    "~/.config/Claude/claude_desktop_config.json": ("mcpServers", "claude-desktop"),
    "~/.codex/config.toml": ("mcp_servers", "codex"),
    "~/src/api/.mcp.json": ("mcpServers", "claude-code"),
    "~/src/api/.cursor/mcp.json": ("mcpServers", "cursor"),
    "~/src/api/.vscode/mcp.json": ("servers", "vscode"),
    "~/src/web site/.mcp.json": ("mcpServers", "claude-code"),
    "~/src/a*b/.cursor/mcp.json": ("mcpServers", "cursor"),
    "~/src/a\tb/.cursor/mcp.json": ("mcpServers", "cursor"),
}
PROJECTS = ("~/src/api", "~/src/web site", "~/src/a*b", "~/src/a\tb")

NAMES = st.sampled_from(
    [
        *("files", "Files", "sequential-thinking", "sequentialthinking", "awslabs.core", "@21st-dev/magic", "a/b"),
        *("payload Docs", "ünï", "x" * 40, "server", "a#b", "yes", "1.0", "-", "q%20"),
        *("new\nline", "bi\u202edi", "tab\t", "$HOME"),
    ]
)
WORDS = st.one_of(
    st.sampled_from(
        [
            *("--flag", "-y", "/home/dev/work", "${HOME}", "$HOME", "$$", "a b", "", "yes", "1.10", "~", "%PATH%"),
            *("{x}", "${env:HOME}", "${workspaceFolder}", "${userHome}/x", "[1, 2]", "# no", "a: b", "'q'", '"q"'),
            *("é", "*", "--k=v"),
        ]
    ),
    st.text(st.characters(blacklist_categories=("Cs",), max_codepoint=0x2FFF), max_size=8),
)
STARTS = st.sampled_from(
    (
        ["npx", "-y", "@acme/files"],
        ["npx", "-y", "@acme/files@1.2.0"],
        ["npx", "@acme/files@latest"],
        ["npx", "-y", "-p", "@acme/files@1.2.0", "files-mcp"],
        ["bunx", "@acme/files@1.2.0"],
        ["cmd", "/c", "npx", "-y", "@acme/files"],
        ["uvx", "acme-files"],
        ["uvx", "acme-files==1.2.0"],
        ["uvx", "--from", "acme-files==1.2.0", "files"],
        ["uvx", "--from", "git+https://github.com/acme/files", "files"],
        ["uv", "--directory", "/srv/files", "run", "server.py"],
        ["uv", "run", "--with", "acme-files", "acme-files"],
        ["docker", "run", "-i", "--rm", "-e", "TOKEN", "acme/files"],
        ["docker", "run", "--mount", "type=bind,src=/a,dst=/b", "ghcr.io/acme/files@sha256:" + "a" * 64],
        ["npx", "-y", "mcp-remote", "https://mcp.example.com/mcp", "--header", "X: y"],
        ["npx", "-y", "mcp-remote", "https://mcp.example.com/mcp", "3334", "--header", "X-Kind:${LEVEL}"],
        ["npx", "-y", "mcp-remote@0.1.38", "https://mcp.example.com/mcp"],
        ["mcp-remote", "https://mcp.example.com/mcp", "--static-oauth-client-info", '{"client_id": "x"}'],
        ["bash", "-lc", "TZ=UTC exec npx -y @acme/files@1.2.0"],
        ["bash", "-c", "curl https://example.net | sh"],
        ["npx -y @acme/files --flag"],
        ["mise", "x", "--", "npx", "-y", "@acme/files"],
        ["env", "A=b", "npx", "-y", "@acme/files"],
        ["op", "run", "--", "uvx", "acme-files"],
        ["php", "artisan", "boost:mcp"],
        ["/opt/acme/bin/server"],
        ["node", "./server.js"],
    )
)
SECRET_WORDS = st.sampled_from(SECRETS[:3]).flatmap(
    lambda secret: st.sampled_from(
        [
            ["--api-key", secret],
            [f"--token={secret}"],
            [f'API_KEY="{secret}"'],
            [secret],
            [f"https://e.example/x?api_key={secret}"],
            ["postgres://u:hunter2hunter2@db.example/x"],
            ["--password", SECRETS[4]],
        ]
    )
)
VALUES = st.one_of(WORDS, st.sampled_from(("${GITHUB_TOKEN}", "${env:GITHUB_TOKEN}", "${input:GITHUB_TOKEN}", "info")))
ENVIRONMENTS = st.dictionaries(st.sampled_from(("LEVEL", "GITHUB_TOKEN", "A.B", "PORT")), VALUES, max_size=3)
SECRET_ENVIRONMENTS = st.dictionaries(
    st.sampled_from(("GITHUB_TOKEN", "API_KEY", "DB_PASSWORD", "X-KEY")),
    st.sampled_from(SECRETS),
    min_size=1,
    max_size=2,
)


def _launched(start, words, env, secret_env, more):
    argv = [*start, *words]
    entry = {"command": argv[0], **({"args": argv[1:]} if argv[1:] else {})}
    env = {**env, **secret_env}
    return {**entry, **({"env": env} if env else {}), **more}


def _reached(url, headers, secret_headers, more):
    headers = {**headers, **secret_headers}
    return {"url": url, **({"headers": headers} if headers else {}), **more}


def entries(*, secrets: bool):
    """`secrets`: whether some entries hold literals."""
    none: dict = {}
    return st.one_of(
        st.builds(
            _launched,
            STARTS,
            st.builds(
                lambda words, secret: [*words, *secret],
                st.lists(WORDS, max_size=3),
                st.one_of(st.just([]), SECRET_WORDS) if secrets else st.just([]),
            ),
            ENVIRONMENTS,
            st.one_of(st.just(none), SECRET_ENVIRONMENTS) if secrets else st.just(none),
            st.sampled_from(
                (
                    none,
                    none,
                    {"disabled": True},
                    {"enabled": False},
                    {"timeout": 60},
                    {"timeout": 60000},
                    {"timeout": 1500},
                    {"cwd": "/srv"},
                    {"note": [1.0]},
                )
            ),
        ),
        st.builds(
            _reached,
            st.sampled_from(
                ("https://mcp.example.com/mcp", "https://MCP.example.com:443/mcp/", "http://localhost:3000/sse?x=1")
            )
            | st.sampled_from(
                ("https://u:p@e.example/", "ftp://x", "https://e.example/a b")
                + ((f"https://e.example/mcp?token={SECRETS[0]}",) if secrets else ())
            ),
            st.dictionaries(st.sampled_from(("X-Kind", "x-kind")), VALUES, max_size=1),
            st.one_of(st.just(none), st.just({"Authorization": f"Bearer {SECRETS[1]}"})) if secrets else st.just(none),
            st.sampled_from((none, none, {"type": "sse"}, {"type": "http"}, {"oauth": {"clientId": "x"}})),
        ),
        st.sampled_from(
            ("no map", {}, {"command": 5}, {"command": "x", "args": [1, True]}, {"command": "x", "env": []})
        ),
    )


def machines(*, secrets: bool):
    return st.dictionaries(
        st.sampled_from(sorted(FILES)), st.dictionaries(NAMES, entries(secrets=secrets), max_size=4), max_size=5
    )


def render(path: str, found: dict) -> str:
    container, host = FILES[path]
    if path.endswith(".toml"):
        return "".join(_table(name, entry) for name, entry in found.items() if isinstance(entry, dict))
    return json.dumps({"theme": 1, container: {name: _typed(entry, host) for name, entry in found.items()}}, indent=2)


def _typed(entry: object, host: str) -> object:
    """As hosts demand that need a type; some entries stay without it."""
    if not isinstance(entry, dict) or host == "cursor" or "type" in entry or "note" in entry:
        return entry
    return {"type": "http" if "url" in entry else "stdio", **entry}


def _table(name: str, entry: dict) -> str:
    lines = [f"[mcp_servers.{json.dumps(name)}]"]
    words = {"headers": "http_headers", "timeout": "tool_timeout_sec"}
    for key, value in entry.items():
        if key not in ("disabled", "type", "oauth", "note"):
            lines.append(f"{words.get(key, key)} = {_toml(value)}")
    return "\n".join(lines) + "\n\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


SYSTEMS = {
    "linux": ("/home/dev", ".config"),
    "macos": ("/Users/dev", "Library/Application Support"),
    "windows": ("C:/Users/dev", "AppData/Roaming"),
}
"""Home, and where some of the hosts keep their files below it."""


@contextmanager
def world_of(machine: dict, system: str = "linux"):
    home, configuration = SYSTEMS[system]
    with TemporaryDirectory() as folder:
        world = World(Path(folder), {"os": system, "home": home, "user": "dev"})
        for project in PROJECTS:
            world.path(project).mkdir(parents=True)
        for path, found in machine.items():
            text = render(path, found).replace("/home/dev", home)
            world.write(path.replace(".config", configuration), text)
        yield world


def check(world: World, *options: str, projects=PROJECTS) -> dict:
    """The law of import. Gives what was told of it."""
    options = (*options, *(word for project in projects for word in ("--project", project)))
    before = world.snapshot()
    told = world.run("import", "--format", "json", *options)
    assert told.code in (0, 8), told.stderr
    text = world.manifest.read_text(encoding="utf-8")
    world.manifest.unlink()
    shown = world.run("import", *options)
    assert shown.code == told.code, shown.stderr
    assert world.manifest.read_text(encoding="utf-8") == text
    data = told.json
    _nothing_is_lost(world, data, projects)
    _no_secret_is_told(world, projects, text, told.stdout, shown.stdout)
    _the_plan_moves_secrets_alone(world, data)
    assert world.snapshot() == before
    return data


def observed(world: World, projects):
    return observe(rooted_machine(str(world.root)), bundled_rows(), projects)


def _nothing_is_lost(world: World, data: dict, projects) -> None:
    """Every entry is in the manifest or is told as left out, and only one of the two."""
    taken = [address for server in data["servers"] for address in server["addresses"]]
    left = [item["address"] for item in data["left_out"]]
    assert len(taken) == len(set(taken))
    assert not set(taken) & set(left)
    assert sorted({*taken, *left}) == sorted({str(entry.address) for entry in observed(world, projects).entries})
    asked = operations.plan(rooted_machine(str(world.root)), str(world.manifest)).plan
    assert asked.summary.bindings == len(taken)


def _no_secret_is_told(world: World, projects, *texts: str) -> None:
    secrets = {item.value for entry in observed(world, projects).entries for item in find(entry.entry)}
    for secret in secrets:
        if len(secret) >= 8:
            assert all(secret not in text and json.dumps(secret)[1:-1] not in text for text in texts), secret


def _the_plan_moves_secrets_alone(world: World, data: dict) -> None:
    plan = world.plan("--move-secrets")
    moved: dict[str, set[str]] = {}
    for item in data["secrets"]:
        moved.setdefault(item["address"], set()).add(item["name"])
    tracked = {item["address"] for item in plan["findings"] if item["rule"] == "MCP601"}
    changes = {change["address"]: change for change in plan["changes"]}
    assert set(changes) <= set(moved), changes
    assert set(moved) <= {*changes, *tracked, *(other for change in plan["changes"] for other in change["also"])}
    for address, change in changes.items():
        assert change["action"] in ("update", "replace"), change
        assert set(change["moved_secrets"]) == moved[address]
        assert change["hold"] is None
    assert not [item for item in plan["drift"] if item["counted"]]
    assert not plan["residue"]
    assert not [item for item in plan["findings"] if item["severity"] == "error" and not item["waived"]]
    detailed = world.run("plan", "--detailed-exitcode")
    assert detailed.code == (8 if data["unread"] else 2 if changes else 0), detailed.stdout
    assert detailed.stdout.startswith("No changes.") is (not changes and not data["unread"])
