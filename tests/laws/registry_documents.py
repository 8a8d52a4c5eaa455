"""Documents of servers as registries publish them: all that the schema of 2025-12-11 admits, and older spellings."""

from __future__ import annotations

from hypothesis import strategies as st

SECRETS = ("ghp_Zq3vX8bN2mK7pL4tR9wY6uJ1hG5fD0sAcEiO", "xoxb-7391046285-aB3dE5fG7hJ9")
_LABELS = st.sampled_from(["token", "API_KEY", "region", "path", "--port", "--flag=", "a b", "", "PATH", "x-y", "{z}"])
_TEXT = st.one_of(
    st.sampled_from(
        ["", "a", "{token}", "Bearer {token}", "Bearer {x}", "https://{region}.example/mcp", "$HOME", "${env:A}"]
    ),
    st.sampled_from(["-e", "--env=A=b", "A={region}", "run", "--mount", "-y", "--yes", *SECRETS]),
    st.text(max_size=12),
)
_FLAG = st.booleans()


def _some(required: dict, optional: dict) -> st.SearchStrategy:
    return st.fixed_dictionaries(required, optional=optional)


def _often(usual: object, others: st.SearchStrategy) -> st.SearchStrategy:
    return st.integers(0, 9).flatmap(lambda number: others if number == 9 else st.just(usual))


_INPUT = {
    "description": _TEXT,
    "format": st.sampled_from(["string", "number", "boolean", "filepath"]),
    "isRequired": _FLAG,
    "isSecret": _FLAG,
    "default": _TEXT,
    "placeholder": _TEXT,
    "choices": st.lists(_TEXT, max_size=3),
    "value": _TEXT,
}
_TEMPLATE = {
    **_INPUT,
    "variables": st.dictionaries(st.sampled_from(["token", "region", "port", "x"]), _some({}, _INPUT), max_size=2),
}
_SETTING = _some({"name": _LABELS}, _TEMPLATE)
_ARGUMENT = st.one_of(
    _some({"type": st.just("positional"), "valueHint": _LABELS}, {**_TEMPLATE, "isRepeated": _FLAG}),
    _some({"type": st.just("named"), "name": _LABELS}, {**_TEMPLATE, "isRepeated": _FLAG}),
)
_URL = st.sampled_from(
    [
        "https://a.example/mcp",
        "http://127.0.0.1:{port}/mcp",
        "https://{region}.a.example/",
        "{base}/mcp",
        "https://u:p@h/",
    ]
)
_REMOTE = _some(
    {"type": st.sampled_from(["streamable-http", "sse"]), "url": _URL},
    {"headers": st.lists(_SETTING, max_size=2), "variables": _TEMPLATE["variables"]},
)
_TRANSPORT = _often({"type": "stdio"}, _REMOTE)
_IDENTIFIERS = {
    "npm": ["@example/server", "server", "a/b", "Server", ""],
    "pypi": ["mcp-server-x", "X_y", "a[b]"],
    "oci": ["docker.io/a/b:1", "ghcr.io/a/b@sha256:" + "a" * 64, "a/b", "a/b:latest", "host:5000/a:2"],
    "mcpb": ["https://github.com/a/b/releases/download/v1/b.mcpb", "b.mcpb"],
    "nuget": ["A.B"],
    "cargo": ["a"],
}
_VERSIONS = _often("1.2.0", st.sampled_from(["2026.8.31", "1", "^1.0", "1.x", "0.5.0b1", "not a version", "1.0.0; rm"]))


def _package(kind: str) -> st.SearchStrategy:
    lists = {name: st.lists(_ARGUMENT, max_size=3) for name in ("runtimeArguments", "packageArguments")}
    return _some(
        {
            "registryType": st.just(kind),
            "identifier": _often(_IDENTIFIERS[kind][0], st.sampled_from(_IDENTIFIERS[kind])),
            "transport": _TRANSPORT,
            "version": _VERSIONS,
        },
        {
            **lists,
            "environmentVariables": st.lists(_SETTING, max_size=3),
            "runtimeHint": st.sampled_from(["npx", "uvx", "docker", "dnx", "python"]),
            "fileSha256": st.just("b" * 64),
            "registryBaseUrl": st.sampled_from(
                ["https://docker.io", "https://github.com", "https://npm.example.org", "x", "https://["]
            ),
        },
    )


documents = _some(
    {
        "name": st.sampled_from(["io.github.example/server", "com.example/A_b.c", "a/b", "com.example/-._"]),
        "description": _TEXT,
        "version": _VERSIONS,
        "packages": st.lists(st.sampled_from(sorted(_IDENTIFIERS)).flatmap(_package), max_size=3),
    },
    {
        "title": _TEXT,
        "repository": st.fixed_dictionaries({"url": st.sampled_from(["https://github.com/Other/x", "https://[", ""])}),
        "remotes": st.lists(_REMOTE, max_size=2),
    },
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "server", "packages", "version", "_meta", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def old(document: dict) -> dict:
    """The same as it was written before 2025-09-16."""
    spelled = _snake(document)
    spelled["version_detail"] = {"version": spelled.pop("version")}
    for package in spelled.get("packages", ()):
        package["registry_name"] = package.pop("registry_type")
        package["name"] = package.pop("identifier")
    for remote in spelled.get("remotes", ()):
        remote["transport_type"] = remote.pop("type")
    return spelled


def _snake(value):
    if isinstance(value, list):
        return [_snake(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_key(key): item if key == "variables" else _snake(item) for key, item in value.items()}


def _key(key: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in key)
