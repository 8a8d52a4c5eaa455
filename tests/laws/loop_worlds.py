"""Random machines, manifests and hand edits, for the laws of the whole loop."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from tests.world import World

CANARY = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
CURSOR, CLAUDE, CODE, CODEX = (
    "~/.cursor/mcp.json",
    "~/.claude.json",
    "~/.config/Code/User/mcp.json",
    "~/.codex/config.toml",
)
PROJECT = "~/src/api/.cursor/mcp.json"
CONTAINERS = {CURSOR: "mcpServers", CLAUDE: "mcpServers", CODE: "servers", PROJECT: "mcpServers"}
HOSTS = {"cursor": CURSOR, "claude-code": CLAUDE, "vscode": CODE, "codex": CODEX}
NAMES = ("one", "two", "three")

ASKED = st.one_of(
    st.builds(
        lambda version, args, env: {"package": "npm:pkg", "version": version, "args": args, "env": env},
        st.sampled_from(["1.0.0", "2.0.0"]),
        st.lists(st.sampled_from(["a", "${home}/work", "--flag"]), max_size=2),
        st.dictionaries(st.sampled_from(["LEVEL", "MODE"]), st.sampled_from(["info", "debug"]), max_size=2),
    ),
    st.builds(
        lambda path, header: {"url": f"https://example.org/{path}", **({"headers": header} if header else {})},
        st.sampled_from(["x", "y"]),
        st.sampled_from([{}, {"X-Kind": "plain"}, {"Authorization": {"secret": "KEY", "prefix": "Bearer "}}]),
    ),
    st.builds(lambda word: {"command": ["/opt/tool", word]}, st.sampled_from(["serve", "run"])),
)

MANIFESTS = st.builds(
    lambda servers, hosts, policy, project, absent: {
        "mcpconf": 1,
        "servers": servers,
        "hosts": {host: {"create": True} if create else {} for host, create in hosts.items()},
        "policy": policy,
        "projects": [{"path": "~/src/api", "hosts": ["cursor"]}] if project else [],
        "absent": [{"package": "npm:bad", "reason": "malware"}] if absent else [],
    },
    st.dictionaries(st.sampled_from(NAMES), ASKED, max_size=3),
    st.dictionaries(st.sampled_from(sorted(HOSTS)), st.booleans(), min_size=1, max_size=4),
    st.fixed_dictionaries(
        {
            "unmanaged": st.sampled_from(["keep", "warn", "remove"]),
            "on_conflict": st.sampled_from(["fail", "keep", "overwrite"]),
        }
    ),
    st.booleans(),
    st.booleans(),
)

FOUND = st.one_of(
    st.sampled_from(
        [
            {"command": "npx", "args": ["-y", "pkg@1.0.0"]},
            {"command": "npx", "args": ["-y", "pkg@1.0.0", "more"], "env": {"LEVEL": "info"}},
            {"command": "npx", "args": ["-y", "bad@3.0.0"], "disabled": True},
            {"command": "/opt/tool", "args": ["serve"]},
            {"command": "sh", "args": ["-c", "curl https://example.net | sh"]},
            {"url": "https://example.org/x"},
            {"url": "https://example.org/x", "headers": {"Authorization": f"Bearer {CANARY}"}},
            {"command": "npx", "args": ["-y", "pkg@1.0.0"], "env": {"TOKEN": CANARY}, "note": "mine"},
        ]
    ),
    st.just("no map"),
)
ENTRIES = st.dictionaries(st.sampled_from((*NAMES, "other", "extra")), FOUND, max_size=3)

MACHINES = st.dictionaries(
    st.sampled_from([*CONTAINERS, CODEX]), st.tuples(ENTRIES, st.sampled_from([None, 2, "\t"])), max_size=4
)

EDITS = st.lists(
    st.tuples(
        st.sampled_from([*CONTAINERS, CODEX]),
        st.sampled_from(["add", "remove", "argument", "variable", "foreign", "top", "break"]),
        st.sampled_from((*NAMES, "rogue")),
    ),
    max_size=4,
)


@dataclass(frozen=True)
class Story:
    """A machine, what is asked of it first, what somebody then does to it by hand, and what is asked next."""

    machine: dict
    first: dict
    edits: list
    then: dict


STORIES = st.builds(Story, MACHINES, MANIFESTS, EDITS, MANIFESTS)


def typed(entry: object, path: str) -> object:
    """As the host of a file must have it, so that some entries are equal to what a manifest asks for."""
    if path in (CLAUDE, CODE) and isinstance(entry, dict):
        return {"type": "http" if "url" in entry else "stdio", **entry}
    return entry


def kept_line(path: str) -> str:
    """One odd line per file that nobody may touch: a server that no manifest knows, spelled as nobody would."""
    if path == CODEX:
        return '[mcp_servers.keep-me]   # odd\ncommand   =   "/keep"  # spacing\n'
    return '"keep-me" : {"command":"/keep" ,  "weight": 1.50}'


def render(path: str, entries: dict, indent: int | str | None) -> str:
    if path == CODEX:
        blocks = [toml(name, entry) for name, entry in entries.items() if isinstance(entry, dict)]
        return "# mine\nmodel = 'x'   # spaced\n\n" + kept_line(path) + "".join(blocks)
    text = json.dumps({CONTAINERS[path]: {**{k: typed(v, path) for k, v in entries.items()}, "KEEP": 0}}, indent=indent)
    text = text.replace('"KEEP": 0', kept_line(path))
    head = '{ "theme" :"dark", "numbers":[1.50,1e3],'
    return ("// a comment\n" if path == CODE else "") + head + text[1:] + "\n"


def toml(name: str, entry: dict) -> str:
    lines = [f"\n[mcp_servers.{name}]"]
    for key, value in entry.items():
        if key == "env":
            lines.append("env = {" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + "}")
        elif key == "headers":
            lines.append("http_headers = {" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + "}")
        elif key != "disabled":
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def edit(world: World, path: str, what: str, name: str) -> None:
    """What a person or a program does to a host's file behind our back."""
    if not world.path(path).is_file():
        if what == "add":
            world.write(path, render(path, {name: {"command": "/rogue"}}, 2))
        return
    text = world.read(path)
    if what == "break":
        world.write(path, text + "\n]]")
    elif path == CODEX:
        world.write(path, _edited_toml(text, what, name))
    elif what == "top":
        world.write(path, text.replace("{", '{"added": [1, {}], ', 1))
    else:
        world.write(path, _edited_json(text, CONTAINERS[path], what, name))


def _edited_toml(text: str, what: str, name: str) -> str:
    if what == "add" and f"[mcp_servers.{name}]" not in text:
        return text + toml(name, {"command": "/rogue", "args": ["x"]})
    if what == "argument":
        return text.replace('"-y"', '"-y", "--sneaky"', 1)
    if what == "top":
        return 'added = "top"\n' + text
    if what == "remove":
        return text.replace(f"[mcp_servers.{name}]", f"[other.{name}]", 1)
    return text


def _edited_json(text: str, container: str, what: str, name: str) -> str:
    """By text, so that whatever else stands in the file stays as it is; nothing if the place cannot be found."""
    opening = f'"{container}": {{'
    if opening not in text:
        return text
    head, tail = text.split(opening, 1)
    if what == "add" and f'"{name}"' not in tail:
        return f'{head}{opening}"{name}": {{"command": "/rogue", "args": ["{CANARY}"]}}, {tail}'
    old, new = {
        "remove": (f'"{name}"', f'"{name}-moved"'),
        "argument": ('"-y"', '"-y", "--sneaky"'),
        "variable": ('"command"', f'"env": {{"ADDED": "{CANARY}"}}, "command"'),
        "foreign": ('"command"', '"strange": [1.0, null], "command"'),
    }.get(what, ("\0", ""))
    return head + opening + tail.replace(old, new, 1)


@contextmanager
def told(story: Story):
    """The world of a story before anything is applied."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.path("~/src/api").mkdir(parents=True)
        for path, (entries, indent) in story.machine.items():
            world.write(path, render(path, entries, indent))
        world.say(json.dumps(story.first))
        yield world


def after_edits(world: World, story: Story) -> None:
    for path, what, name in story.edits:
        edit(world, path, what, name)
    world.say(json.dumps(story.then))


def everything(world: World) -> dict[str, bytes]:
    """Every file with its bytes, mcpconf's own too."""
    return {str(path): path.read_bytes() for path in sorted(world.folder.rglob("*")) if path.is_file()}
