"""What hosts make of their files, read once more from their documentation: no row and no decoder of ours is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

SKIPPED = "the host runs it itself: nothing here says how"
"""The reason for entries that are none of ours: built-in tools, and servers that an installed extension starts."""


class Sight(NamedTuple):
    """One server as its host would run it where each variable X has the value `<X>`."""

    transport: str
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    url: str = ""
    headers: Mapping[str, str] = {}
    enabled: bool = True


class Refused(Exception):  # noqa: N818 - it is the host's answer, not a mistake of ours
    """The host does not run the entry; the text says why."""


class Taste(NamedTuple):
    """`expand` is what the host does to a text; `lenient`: it makes texts of numbers and takes `[]` for an empty map."""

    expand: Callable[[str], str] = str
    lenient: bool = False

    def text(self, value: Any) -> str:
        if isinstance(value, str):
            return self.expand(value)
        if self.lenient and isinstance(value, (bool, int, float)):
            return json.dumps(value)
        raise Refused("a text is expected")

    def texts(self, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = entry.get(key, [])
        if self.lenient and value is None:
            return ()
        if not isinstance(value, list):
            raise Refused(f"`{key}` must be a list")
        return tuple(self.text(item) for item in value)

    def table(self, entry: Mapping[str, Any], key: str) -> dict[str, str]:
        value = entry.get(key, {})
        if self.lenient and value in ([], None):
            return {}
        if not isinstance(value, dict):
            raise Refused(f"`{key}` must be a map")
        return {name: self.text(item) for name, item in value.items() if not (self.lenient and item is None)}


def claude_code(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: re.sub(r"\$\{([A-Za-z_]\w*)(:-[^}]*)?\}", r"<\1\2>", text))
    kind = entry.get("type", "stdio" if "command" in entry else "none")
    if kind == "stdio" and "command" in entry:
        return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), taste.table(entry, "env"))
    if kind in ("http", "streamable-http", "sse") and entry.get("url"):
        transport = "sse" if kind == "sse" else "http"
        return Sight(transport, url=taste.text(entry["url"]), headers=taste.table(entry, "headers"))
    raise Refused(f"type {kind}")


def cursor(entry: Mapping[str, Any]) -> Sight:
    names = {"workspaceFolder": "<workspace>", "userHome": "<home>"}
    taste = Taste(
        lambda text: re.sub(
            r"\$\{(?:env:([A-Za-z_]\w*)|(workspaceFolder|userHome))\}",
            lambda match: f"<{match[1]}>" if match[1] else names[match[2]],
            text,
        ),
        lenient=True,
    )
    if "command" in entry:
        return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), taste.table(entry, "env"))
    if "url" in entry:
        return Sight("http", url=taste.text(entry["url"]), headers=taste.table(entry, "headers"))
    raise Refused("neither a command nor an address")


def vscode(entry: Mapping[str, Any]) -> Sight:
    names = {"workspaceFolder": "<workspace>", "userHome": "<home>"}
    taste = Taste(
        lambda text: re.sub(
            r"\$\{(?:(?:env|input):([A-Za-z_][\w.-]*)|(workspaceFolder|userHome))\}",
            lambda match: f"<{match[1]}>" if match[1] else names[match[2]],
            text,
        ),
        lenient=True,
    )
    kind = entry.get("type", "stdio" if "command" in entry else "http")
    if kind == "stdio" and "command" in entry:
        return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), taste.table(entry, "env"))
    if kind in ("http", "sse") and "url" in entry:
        return Sight(kind, url=taste.text(entry["url"]), headers=taste.table(entry, "headers"))
    raise Refused(f"type {kind}")


def codex(entry: Mapping[str, Any]) -> Sight:
    taste = Taste()
    enabled = entry.get("enabled", True)
    if not isinstance(enabled, bool) or ("command" in entry) == ("url" in entry):
        raise Refused("invalid transport, or a switch of a wrong type")
    if "command" in entry:
        handed = [item if isinstance(item, str) else item["name"] for item in entry.get("env_vars", [])]
        env = {**{name: f"<{name}>" for name in handed}, **taste.table(entry, "env")}
        return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), env, enabled=enabled)
    headers = taste.table(entry, "http_headers")
    headers |= {header: f"<{name}>" for header, name in entry.get("env_http_headers", {}).items()}
    if "bearer_token_env_var" in entry:
        headers["Authorization"] = f"Bearer <{entry['bearer_token_env_var']}>"
    return Sight("http", url=taste.text(entry["url"]), headers=headers, enabled=enabled)


def claude_desktop(entry: Mapping[str, Any]) -> Sight:
    taste = Taste()
    if "command" not in entry:
        raise Refused("only commands are started from this file")
    return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), taste.table(entry, "env"))


def gemini_cli(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(
        lambda text: re.sub(
            r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:-[^}]*)?\})",
            lambda match: f"<{match[1] or match[2]}{match[3] or ''}>",
            text,
        ),
        lenient=True,
    )
    if "httpUrl" in entry:
        return Sight("http", url=taste.text(entry["httpUrl"]), headers=taste.table(entry, "headers"))
    if "url" in entry:
        transport = "sse" if entry.get("type") == "sse" else "http"
        return Sight(transport, url=taste.text(entry["url"]), headers=taste.table(entry, "headers"))
    if "command" in entry:
        return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), taste.table(entry, "env"))
    raise Refused("neither a command nor an address")


def opencode(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: re.sub(r"\{env:([^}]+)\}", r"<\1>", text))
    enabled = entry.get("enabled", True)
    if not isinstance(enabled, bool):
        raise Refused("`enabled` must be true or false")
    if entry.get("type") == "local" and taste.texts(entry, "command"):
        return Sight("stdio", taste.texts(entry, "command"), taste.table(entry, "environment"), enabled=enabled)
    if entry.get("type") == "remote" and "url" in entry:
        return Sight("http", url=taste.text(entry["url"]), headers=taste.table(entry, "headers"), enabled=enabled)
    raise Refused("`type` must be local or remote")


def zed(entry: Mapping[str, Any]) -> Sight:
    """Older files nest the launch below `command`; the editor flattens them as it loads."""
    taste = Taste()
    if isinstance(entry.get("command"), dict):
        old = entry["command"]
        entry = {**entry, **{key: old[key] for key in ("args", "env") if key in old}, "command": old.get("path")}
    entry = {key: value for key, value in entry.items() if (key, value) != ("env", None)}
    enabled = entry.get("enabled", True)
    if not isinstance(enabled, bool):
        raise Refused("`enabled` must be true or false")
    if "command" in entry:
        argv = (taste.text(entry["command"]), *taste.texts(entry, "args"))
        return Sight("stdio", argv, taste.table(entry, "env"), enabled=enabled)
    if "url" in entry:
        return Sight("http", url=taste.text(entry["url"]), headers=taste.table(entry, "headers"), enabled=enabled)
    raise Refused(SKIPPED)


_KEPT_BY_GOOSE = re.compile(
    "PATH(EXT)?|SYSTEMROOT|WINDIR|LD_(LIBRARY_PATH|PRELOAD|AUDIT|DEBUG|BIND_NOW|ASSUME_KERNEL)"
    "|DYLD_(LIBRARY_PATH|INSERT_LIBRARIES|FRAMEWORK_PATH)|PYTHON(PATH|HOME)|NODE_OPTIONS|RUBYOPT|GEM_(PATH|HOME)"
    "|CLASSPATH|GO111MODULE|GOROOT|APPINIT_DLLS|SESSIONNAME|COMSPEC|TE?MP|LOCALAPPDATA|USERPROFILE|HOME(DRIVE|PATH)"
)


def goose(entry: Mapping[str, Any]) -> Sight:
    """An entry without a switch is not loaded, which comes to the same as being off."""
    kind, enabled = entry.get("type"), entry.get("enabled", False)
    if kind in ("builtin", "platform", "frontend", "inline_python"):
        raise Refused(SKIPPED)
    if not isinstance(enabled, bool):
        raise Refused("`enabled` must be true or false")
    handed = {name: f"<{name}>" for name in Taste().texts(entry, "env_keys")}
    env = {**handed, **Taste().table(entry, "envs")}
    env = {name: value for name, value in env.items() if not _KEPT_BY_GOOSE.fullmatch(name.upper())}
    if kind == "stdio" and "cmd" in entry and "args" in entry:
        return Sight("stdio", (Taste().text(entry["cmd"]), *Taste().texts(entry, "args")), env, enabled=enabled)
    if kind == "streamable_http" and "uri" in entry:
        taste = Taste(
            lambda text: re.sub(
                r"\$(?:\{\s*(\w+)\s*\}|(\w+))", lambda match: env.get(match[1] or match[2], match[0]), text
            )
        )
        return Sight("http", url=taste.text(entry["uri"]), headers=taste.table(entry, "headers"), enabled=enabled)
    raise Refused(f"type {kind}")


def continue_dev(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: re.sub(r"\$\{\{\s*secrets\.([A-Za-z_]\w*)\s*\}\}", r"<\1>", text))
    if "uses" in entry and "name" not in entry:
        raise Refused(SKIPPED)
    kind = entry.get("type")
    if "command" in entry and kind in (None, "stdio"):
        return Sight("stdio", (taste.text(entry["command"]), *taste.texts(entry, "args")), taste.table(entry, "env"))
    if "url" in entry and kind in (None, "sse", "streamable-http"):
        options = entry.get("requestOptions", {})
        headers = taste.table(options, "headers") if isinstance(options, dict) else {}
        if "apiKey" in entry:
            headers["Authorization"] = f"Bearer {taste.text(entry['apiKey'])}"
        return Sight("sse" if kind == "sse" else "http", url=taste.text(entry["url"]), headers=headers)
    raise Refused(f"type {kind}")


def _braces(text: str) -> str:
    return re.sub(r"\$\{([A-Za-z_]\w*)\}", r"<\1>", text)


def _env_colon(text: str) -> str:
    return re.sub(r"\$\{env:([A-Za-z_]\w*)\}", r"<\1>", text)


def _switched(entry: Mapping[str, Any], key: str, *, off: bool) -> bool:
    """Whether the entry is in force, by a key that says so or that it is not."""
    value = entry.get(key, not off)
    if not isinstance(value, bool):
        raise Refused(f"`{key}` must be true or false")
    return value is not off


def _local(entry: Mapping[str, Any], taste: Taste, *, enabled: bool) -> Sight:
    argv = (taste.text(entry["command"]), *taste.texts(entry, "args"))
    return Sight("stdio", argv, taste.table(entry, "env"), enabled=enabled)


def _remote(transport: str, url: Any, entry: Mapping[str, Any], taste: Taste, *, enabled: bool) -> Sight:
    return Sight(transport, url=taste.text(url), headers=taste.table(entry, "headers"), enabled=enabled)


def windsurf(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(_env_colon, lenient=True)
    enabled = _switched(entry, "disabled", off=True)
    if "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if url := entry.get("serverUrl", entry.get("url")):
        return _remote("http", url, entry, taste, enabled=enabled)
    raise Refused("neither a command nor an address")


def cline(entry: Mapping[str, Any]) -> Sight:
    if isinstance(entry.get("transport"), dict):
        entry = {**entry, **entry["transport"]}
    enabled, taste = _switched(entry, "disabled", off=True), Taste(_env_colon)
    kind = entry.get("type", "stdio" if "command" in entry else "sse")
    if kind == "stdio" and "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if kind in ("sse", "streamableHttp") and "url" in entry:
        return _remote("sse" if kind == "sse" else "http", entry["url"], entry, taste, enabled=enabled)
    raise Refused(f"type {kind}")


def roo(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: _env_colon(text).replace("${workspaceFolder}", "<workspace>"))
    enabled = _switched(entry, "disabled", off=True)
    kind = entry.get("type", "stdio" if "command" in entry else "sse")
    if "command" in entry and "url" in entry:
        raise Refused("both a command and an address")
    if kind == "stdio" and "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if kind in ("sse", "streamable-http") and "url" in entry:
        return _remote("sse" if kind == "sse" else "http", entry["url"], entry, taste, enabled=enabled)
    raise Refused(f"type {kind}")


def kiro(entry: Mapping[str, Any]) -> Sight:
    taste, enabled = Taste(_braces, lenient=True), _switched(entry, "disabled", off=True)
    if entry.get("type") == "registry":
        raise Refused(SKIPPED)
    if "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if "url" in entry:
        return _remote("http", entry["url"], entry, taste, enabled=enabled)
    raise Refused("neither a command nor an address")


def kilo_old(entry: Mapping[str, Any]) -> Sight:
    enabled, kind = _switched(entry, "disabled", off=True), entry.get("type")
    if kind in ("streamable-http", "sse") and entry.get("url"):
        return _remote("sse" if kind == "sse" else "http", entry["url"], entry, Taste(), enabled=enabled)
    if entry.get("command") and kind in (None, "stdio"):
        return _local(entry, Taste(), enabled=enabled)
    raise Refused("no command, and no address of a known type")


def amazon_q(entry: Mapping[str, Any]) -> Sight:
    enabled, taste = _switched(entry, "disabled", off=True), Taste()
    entry = {**entry, "env": entry.get("env") or {}}
    for key in ("env", "headers"):
        entry[key] = {name: _env_colon(Taste().text(value)) for name, value in entry.get(key, {}).items()}
    if entry.get("type", "stdio") == "stdio" and entry.get("command"):
        return _local(entry, taste, enabled=enabled)
    if entry.get("type") == "http" and entry.get("url"):
        return _remote("http", entry["url"], entry, taste, enabled=enabled)
    raise Refused("the transport wants something else")


def _dollars(text: str) -> str:
    return re.sub(
        r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:-[^}]*)?\})",
        lambda match: f"<{match[1] or match[2]}{match[3] or ''}>",
        text,
    )


def copilot_cli(entry: Mapping[str, Any]) -> Sight:
    taste, kind = Taste(_dollars, lenient=True), entry.get("type", "local")
    if kind in ("local", "stdio") and "command" in entry:
        return _local(entry, taste, enabled=True)
    if kind in ("http", "sse") and "url" in entry:
        return _remote(kind, entry["url"], entry, taste, enabled=True)
    raise Refused(f"type {kind}")


def qwen_code(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: re.sub(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", r"<\1\2>", text), lenient=True)
    for key, transport in (("httpUrl", "http"), ("url", "sse")):
        if entry.get(key):
            return _remote(transport, entry[key], entry, taste, enabled=True)
    if "command" in entry:
        return _local(entry, taste, enabled=True)
    raise Refused("neither a command nor an address")


def grok_build(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: re.sub(r"\$\{([A-Za-z_]\w*)(:-[^}]*)?\}", r"<\1\2>", text), lenient=True)
    enabled = _switched(entry, "enabled", off=False)
    if "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if "url" in entry:
        return _remote("http", entry["url"], entry, taste, enabled=enabled)
    raise Refused("neither a command nor an address")


def plain(entry: Mapping[str, Any]) -> Sight:
    """Where a key says which of the two it is, nothing is replaced, and nothing switches a server off."""
    taste = Taste(lenient=True)
    if "command" in entry:
        return _local(entry, taste, enabled=True)
    if "url" in entry:
        return _remote("http", entry["url"], entry, taste, enabled=True)
    raise Refused("neither a command nor an address")


def crush(entry: Mapping[str, Any]) -> Sight:
    enabled, taste, kind = _switched(entry, "disabled", off=True), Taste(_dollars), entry.get("type", "stdio")
    if kind == "stdio" and "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if kind in ("http", "sse") and "url" in entry:
        return _remote(kind, entry["url"], entry, taste, enabled=enabled)
    raise Refused(f"type {kind}")


def amp(entry: Mapping[str, Any]) -> Sight:
    enabled, taste = _switched(entry, "disabled", off=True), Taste(_braces, lenient=True)
    if "command" in entry:
        return _local(entry, taste, enabled=enabled)
    if "url" in entry:
        return _remote("http", entry["url"], entry, taste, enabled=enabled)
    raise Refused("neither a command nor an address")


def factory_droid(entry: Mapping[str, Any]) -> Sight:
    taste = Taste(lambda text: re.sub(r"\$\{([A-Za-z_]\w*)(:-[^}]*)?\}", r"<\1\2>", text))
    enabled, kind = _switched(entry, "disabled", off=True), entry.get("type", "stdio")
    if kind == "stdio" and "command" in entry:
        return _local(entry, Taste(), enabled=enabled)._replace(env=taste.table(entry, "env"))
    if kind in ("http", "sse") and "url" in entry:
        sight = _remote(kind, entry["url"], entry, Taste(), enabled=enabled)
        return sight._replace(headers=taste.table(entry, "headers"))
    raise Refused(f"type {kind}")


def antigravity(entry: Mapping[str, Any]) -> Sight:
    enabled = _switched(entry, "disabled", off=True)
    if "command" in entry:
        return _local(entry, Taste(), enabled=enabled)
    if url := entry.get("serverUrl", entry.get("url")):
        return _remote("http", url, entry, Taste(), enabled=enabled)
    raise Refused("neither a command nor an address")


class Habit(NamedTuple):
    """`notation` of the file; `places`: the keys that lead to servers, `*` for each folder; `listed`: they are a list."""

    notation: str
    places: tuple[tuple[str, ...], ...]
    read: Callable[[Mapping[str, Any]], Sight]
    listed: bool = False


HABITS: Mapping[tuple[str, str], Habit] = {
    ("claude-code", "mcp"): Habit("json", (("mcpServers",),), claude_code),
    ("claude-code", "state"): Habit("json", (("mcpServers",), ("projects", "*", "mcpServers")), claude_code),
    ("claude-code", "settings"): Habit("json", (), claude_code),
    ("cursor", "user"): Habit("json", (("mcpServers",),), cursor),
    ("vscode", "user"): Habit("jsonc", (("servers",),), vscode),
    ("vscode", "settings"): Habit("jsonc", (), vscode),
    ("codex", "user"): Habit("toml", (("mcp_servers",),), codex),
    ("claude-desktop", "user"): Habit("json", (("mcpServers",),), claude_desktop),
    ("gemini-cli", "user"): Habit("jsonc", (("mcpServers",),), gemini_cli),
    ("opencode", "user"): Habit("jsonc", (("mcp",),), opencode),
    ("zed", "user"): Habit("jsonc", (("context_servers",),), zed),
    ("goose", "config"): Habit("yaml", (("extensions",),), goose),
    ("continue", "user"): Habit("yaml", (("mcpServers",),), continue_dev, listed=True),
    ("windsurf", "user"): Habit("json", (("mcpServers",),), windsurf),
    ("cline", "user"): Habit("json", (("mcpServers",),), cline),
    ("roo", "user"): Habit("json", (("mcpServers",),), roo),
    ("kiro", "user"): Habit("json", (("mcpServers",),), kiro),
    ("kilo", "user"): Habit("jsonc", (("mcp",),), opencode),
    ("kilo-old", "user"): Habit("json", (("mcpServers",),), kilo_old),
    ("amazon-q", "user"): Habit("json", (("mcpServers",),), amazon_q),
    ("copilot-cli", "user"): Habit("jsonc", (("mcpServers",),), copilot_cli),
    ("qwen-code", "user"): Habit("jsonc", (("mcpServers",),), qwen_code),
    ("junie", "user"): Habit("json", (("mcpServers",),), plain),
    ("lm-studio", "user"): Habit("json", (("mcpServers",),), plain),
    ("warp", "user"): Habit("json", (("mcpServers",),), plain),
    ("crush", "user"): Habit("json", (("mcp",),), crush),
    ("amp", "user"): Habit("jsonc", (("amp.mcpServers",),), amp),
    ("factory-droid", "user"): Habit("jsonc", (("mcpServers",),), factory_droid),
    ("antigravity", "user"): Habit("json", (("mcpServers",),), antigravity),
    ("grok-build", "user"): Habit("toml", (("mcp_servers",),), grok_build),
}


class Broken(Exception):  # noqa: N818 - it is the host's answer, not a mistake of ours
    """Where servers are expected is something else; the host finds none there."""


def servers(habit: Habit, document: Any) -> dict[tuple[str, str], Sight | str]:
    """Every entry of a file by folder and name; a text says why the host does not run it."""
    found: dict[tuple[str, str], Sight | str] = {}
    for place in habit.places:
        for folder, container in _containers(place, document, ""):
            if not isinstance(container, list if habit.listed else dict):
                raise Broken
            for name, entry in _named(container):
                found.setdefault((folder, name), _seen(habit, entry))
    return found


def _containers(place: tuple[str, ...], value: Any, folder: str) -> Iterator[tuple[str, Any]]:
    if not place:
        yield folder, value
    elif not isinstance(value, dict):
        raise Broken
    elif place[0] == "*":
        for name, inner in value.items():
            yield from _containers(place[1:], inner, name)
    elif place[0] in value:
        yield from _containers(place[1:], value[place[0]], folder)


def _named(container: Any) -> list[tuple[str, Any]]:
    if isinstance(container, dict):
        return list(container.items())
    if not all(isinstance(item, dict) and ("name" in item or "uses" in item) for item in container):
        raise Broken
    return [(str(item.get("name", item.get("uses"))), item) for item in container]


def _seen(habit: Habit, entry: Any) -> Sight | str:
    try:
        sight = habit.read(entry) if isinstance(entry, dict) else "not a map"
    except Refused as refused:
        return str(refused)
    return sight if isinstance(sight, str) else sight._replace(argv=_without_shell(sight.argv))


def _without_shell(argv: tuple[str, ...]) -> tuple[str, ...]:
    """On Windows `cmd /c npx` starts what `npx` starts elsewhere; as a launch the two are one."""
    shell = [word.lower() for word in argv[:2]] in (["cmd", "/c"], ["cmd.exe", "/c"])
    return argv[2:] if shell and argv[2:3] and argv[2] in ("npx", "npm", "pnpm", "pnpx", "yarn") else argv
