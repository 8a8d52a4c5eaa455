"""The committed JSON Schemas are those of the models, and agree with the loader."""

import copy
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.documents.machine import load_machine
from mcpconf.documents.manifest import load_manifest
from mcpconf.documents.schema import render_schema, schemas
from mcpconf.documents.starter import starter
from mcpconf.errors import McpconfError

FOLDER = Path(__file__).parents[3] / "schemas"
HOSTS = ("claude-code", "cursor", "vscode", "codex")
MANIFEST = jsonschema.Draft202012Validator(schemas()["manifest"])
MACHINE = jsonschema.Draft202012Validator(schemas()["machine"])


class Typed(pyyaml.SafeLoader):
    """Scalars as an editor sees them: YAML 1.2, so dates and `no` are text."""

    yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", "true|false", "tf"),
    ("null", "|~|null", ["~", "n", ""]),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
):
    Typed.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


SUPPORTED = f"""\
mcpconf: 1
servers:
  files:
    package: npm:@modelcontextprotocol/server-filesystem
    version: "2026.8.31"
    hash: sha512-{"A" * 86}==
    bin: mcp-files
    args: ["${{workspace}}", 8080, true]
    env: {{PORT: 8080, TOKEN: {{secret: T, prefix: p}}}}
    cwd: ${{home}}
    transport: stdio
    owner: o
    reason: r
    expires: 2027-06-30
    enabled: true
    timeout: 60
    protect: false
    launch: pinned
    hosts: {{codex: {{name: b, args: [c], env: {{D: e}}}}}}
    permissions:
      fs: [{{path: "${{workspace}}", mode: ro}}, {{path: ~/notes, mode: rw}}]
      net: {{out: [api.example.org:443, "*.example.net", 10.0.0.0/8], listen: loopback}}
      env: [PORT, TOKEN, D]
      exec: [git]
      client: {{sampling: ask, elicitation: url, roots: ["${{home}}/a"], ui: allow}}
      run_as: {{user: nobody, privileged: true, caps: [NET_ADMIN], sockets: [/run/x.sock]}}
  time: {{package: pypi:mcp-server-time, version: 2026.10.19, hash: ["sha256:{"a" * 64}"]}}
  browser: {{package: oci:ghcr.io/example/browser-mcp, version: 1.4.0}}
  found: {{package: npm:a, version: unpinned, command: [npx, a]}}
  legacy: {{command: [/opt/x], args: [y]}}
  github: {{url: https://api.example.org/mcp/, transport: sse, headers: {{Authorization: {{secret: T}}, X: 1}}}}
hosts:
  claude-code:
  cursor: {{servers: [files, github], create: true}}
projects:
  - {{path: ~/src/api, hosts: [vscode], servers: [files], unmanaged: remove, tracked: write}}
launch: pinned
policy: {{unmanaged: keep, on_conflict: {{not_ours: keep}}, grants: keep, fail_on: none, require: [hash]}}
absent:
  - {{package: npm:postmark-mcp, reason: MAL}}
  - {{command: [node, x.js], reason: bad}}
  - {{url: "https://evil.example", reason: bad}}
released:
  - {{server: notes, hosts: [codex], reason: theirs}}
"""

CONTRACT = """\
mcpconf: 1
include: [org/base.yaml]
servers:
  files:
    package: npm:a
    version: ^1.2
    launch: locked
    permissions:
      tools: {call: ["read_*", "list_*"], auto: ["list_*"], except: [read_media]}
      fs: [{path: "${workspace}", mode: ro}]
      net: {out: none}
      env: [LOG_LEVEL]
    hosts: {codex: {name: b, args: [c], env: {D: e}}}
  github:
    url: https://a.example
    oauth: {resource: "https://a.example", issuer: "https://b.example", scopes: [repo]}
  notes: {package: "mcpb:https://example.org/notes.mcpb"}
groups:
  data: {when: {labels: [data], os: [linux]}, add: {servers: [files], hosts: {codex: {}}}, drop: {servers: [notes]}}
launch: locked
policy:
  on_conflict: overwrite
  privilege: {critical: block, high: approve}
  packages: {allow: ["npm:a*"], deny: [npm:b]}
  rules: {MCP603: none}
  schemas: {ACME001: {type: object}}
  expired: remove
  cooldown: 7
  registries: [npm.acme.example]
  observed: {MCP101: error}
waivers: [{rule: MCP101, target: "surface:x", fingerprint: "5f", reason: r, expires: 2027-01-31}]
ignore: [{target: "cursor/user/*", field: timeout, reason: r, expires: 2027-01-31}]
"""


def accepts(value):
    """Whether the loader takes this document, written as JSON."""
    try:
        load_manifest(json.dumps(value), "m", HOSTS)
    except McpconfError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(schemas()))
def test_committed_schemas_are_those_of_the_models(name):
    schema = schemas()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8") == render_schema(schema)


@pytest.mark.parametrize("text", [SUPPORTED, starter(), starter().replace("\n  # ", "\n  "), "mcpconf: 1"])
def test_what_the_loader_takes_the_schema_takes(text):
    load_manifest(text, "m", HOSTS)
    MANIFEST.validate(pyyaml.load(text, Loader=Typed))


def test_the_schema_takes_the_whole_contract():
    MANIFEST.validate(pyyaml.load(CONTRACT, Loader=Typed))
    with pytest.raises(McpconfError) as caught:
        load_manifest(CONTRACT, "m", HOSTS)
    assert {problem.kind for problem in caught.value.problems} == {"not-supported"}


def test_machine_facts():
    text = "os: linux\nhome: /home/dev\nuser: dev\nlabels: [a]\nenv: {A: 1}\nmodes: {/x: '0600'}\nowners:\n"
    load_machine(text, "m")
    MACHINE.validate(pyyaml.load(text, Loader=Typed))
    assert not MACHINE.is_valid({"os": "linux", "home": "/a"})
    assert not MACHINE.is_valid({"os": "beos", "home": "/a", "user": "b"})


def changed(*path, to=None):
    """The supported document with something else at one place, or with nothing there."""
    document = pyyaml.load(SUPPORTED, Loader=Typed)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return document


REFUSED_BY_BOTH = {
    "version": changed("mcpconf", to=2),
    "no version": changed("mcpconf"),
    "unknown section": changed("serves", to={}),
    "unknown key": changed("servers", "files", "comand", to="x"),
    "name": changed("servers", "Files", to={"command": ["a"]}),
    "nothing to run": changed("servers", "legacy", to={"enabled": True}),
    "two kinds": changed("servers", "legacy", "url", to="https://a.example"),
    "env of an address": changed("servers", "github", "env", to={"A": "b"}),
    "headers of a command": changed("servers", "legacy", "headers", to={"A": "b"}),
    "headers of a package": changed("servers", "files", "headers", to={"A": "b"}),
    "version of a command": changed("servers", "legacy", "version", to="1.0.0"),
    "address": changed("servers", "github", "url", to="a.example"),
    "package": changed("servers", "files", "package", to="gem:a"),
    "command as text": changed("servers", "legacy", "command", to="/opt/x"),
    "secret": changed("servers", "files", "env", "TOKEN", to={"secret": "a b"}),
    "secret key": changed("servers", "files", "env", "TOKEN", to={"secret": "a", "x": "y"}),
    "variable": changed("servers", "files", "env", "A=B", to="c"),
    "header": changed("servers", "github", "headers", "A B", to="c"),
    "boolean": changed("servers", "files", "enabled", to="yes"),
    "seconds": changed("servers", "files", "timeout", to=0),
    "days": changed("policy", "cooldown", to=3_651),
    "host": changed("policy", "registries", to=["https://npm.acme.example"]),
    "date": changed("servers", "files", "expires", to="soon"),
    "folder": changed("projects", 0, "path", to="src"),
    "no folder": changed("projects", 0, "path"),
    "word": changed("policy", "unmanaged", to="delete"),
    "conflict": changed("policy", "on_conflict", to="ask"),
    "requirement": changed("policy", "require", to=["luck"]),
    "no reason": changed("absent", 0, "reason"),
    "list": changed("hosts", "cursor", "servers", to="files"),
}


@pytest.mark.parametrize("name", REFUSED_BY_BOTH)
def test_refused_by_both(name):
    assert not MANIFEST.is_valid(REFUSED_BY_BOTH[name])
    assert not accepts(REFUSED_BY_BOTH[name])


def paths(value, path=()):
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*path, key)
        yield from paths(value[key], (*path, key))


WITHOUT_NULL = json.loads(json.dumps(pyyaml.load(SUPPORTED, Loader=Typed)).replace("null", "{}"))


@given(st.sampled_from(list(paths(WITHOUT_NULL))), st.sampled_from(["drop", {}, [], "zzz", {"zzz": "a"}, ["zzz"]]))
@settings(max_examples=200, deadline=None)
def test_what_the_schema_refuses_the_loader_refuses(path, change):
    document = copy.deepcopy(WITHOUT_NULL)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if change == "drop":
        del inner[path[-1]]
    else:
        inner[path[-1]] = change
    if accepts(document):
        MANIFEST.validate(document)
