"""What a manifest becomes."""

import hashlib
import time

import pytest

from mcpconf.documents.manifest import load_manifest
from mcpconf.documents.starter import starter
from mcpconf.errors import McpconfError, Where
from mcpconf.model.entry import Reference, Value
from mcpconf.model.manifest import HostSelection, Manifest, Server
from mcpconf.model.package import Package
from mcpconf.model.policy import OnConflict, Policy
from mcpconf.model.written import RefusedError

HOSTS = ("claude-code", "cursor", "vscode", "codex")

EVERYTHING = f"""\
mcpconf: 1
servers:
  files:
    package: npm:@modelcontextprotocol/server-filesystem
    version: 2026.8.31
    hash: sha512-{"A" * 86}==
    bin: mcp-files
    args: ["${{workspace}}", $$x, 1.10, no]
    env: {{LOG: info, TOKEN: {{secret: FILES_TOKEN}}, PORT: 8080, EMPTY: ""}}
    cwd: ${{home}}/x
    owner: platform@example.org
    reason: read project files
    expires: 2027-06-30
    protect: true
  time: {{package: pypi:MCP_Server.Time, version: "1.10", hash: ["sha256:{"a" * 64}", "sha256:{"b" * 64}"]}}
  browser: {{package: oci:ghcr.io/example/browser-mcp, version: 1.4.0, hash: "sha256:{"c" * 64}", transport: stdio}}
  found: {{package: npm:a, version: unpinned, command: [npx, a, --x]}}
  legacy: {{command: [/opt/example/bin/mcp, --stdio], args: [more]}}
  github:
    url: https://api.example.org/mcp/
    headers: {{Authorization: {{secret: GITHUB_TOKEN, prefix: "Bearer "}}, X-Plain: "1"}}
    enabled: false
    timeout: 60
  events: {{url: "${{env:BASE:-https://a.example/b@c}}/sse", transport: sse}}
hosts:
  claude-code:
  cursor: {{servers: [files, github], create: true}}
projects:
  - {{path: ~/src/api/, hosts: [vscode], servers: [files], unmanaged: remove, tracked: write}}
  - path: C:/src
launch: pinned
policy:
  unmanaged: keep
  on_conflict: {{not_ours: keep}}
  grants: keep
  fail_on: warning
  require: [exact-version, hash, owner, reason, expires]
absent:
  - {{package: npm:postmark-mcp, reason: MAL-2025-47604}}
  - {{url: "https://evil.example/mcp", reason: bad}}
  - {{command: [node, server.js], reason: bad}}
released:
  - {{server: notes, hosts: [codex], reason: team keeps its own}}
"""


@pytest.fixture(scope="module")
def manifest():
    return load_manifest(EVERYTHING, "m.yaml", HOSTS).manifest


def test_a_package_with_everything(manifest):
    files = manifest.servers["files"]
    assert files == Server(
        package=Package("npm", "@modelcontextprotocol/server-filesystem"),
        version="2026.8.31",
        hash=(f"sha512-{'A' * 86}==",),
        bin="mcp-files",
        args=(Value((Reference("workspace"),)), Value(("$x",)), Value(("1.10",)), Value(("no",))),
        env={
            "LOG": Value(("info",)),
            "TOKEN": Value((Reference("secret", "FILES_TOKEN"),)),
            "PORT": Value(("8080",)),
            "EMPTY": Value(),
        },
        cwd=Value((Reference("home"), "/x")),
        owner="platform@example.org",
        reason="read project files",
        expires="2027-06-30",
        protect=True,
    )
    assert (files.kind, files.effective_transport, files.enabled, files.timeout) == ("package", "stdio", None, None)


def test_other_packages(manifest):
    assert manifest.servers["time"].package == Package("pypi", "mcp-server-time")
    assert manifest.servers["time"].version == "1.10"
    assert len(manifest.servers["time"].hash) == 2
    assert manifest.servers["browser"].package == Package("oci", "ghcr.io/example/browser-mcp")
    assert manifest.servers["found"].kind == "package"
    assert [str(word) for word in manifest.servers["found"].command] == ["npx", "a", "--x"]


def test_commands_and_addresses(manifest):
    assert (manifest.servers["legacy"].kind, manifest.servers["legacy"].effective_transport) == ("command", "stdio")
    github = manifest.servers["github"]
    assert (github.kind, github.effective_transport, github.enabled, github.timeout) == ("url", "http", False, 60)
    assert github.headers == {
        "Authorization": Value(("Bearer ", Reference("secret", "GITHUB_TOKEN"))),
        "X-Plain": Value(("1",)),
    }
    assert manifest.servers["events"].effective_transport == "sse"


def test_hosts_projects_and_policy(manifest):
    assert manifest.hosts == {
        "claude-code": HostSelection(),
        "cursor": HostSelection(servers=("files", "github"), create=True),
    }
    assert [project.path for project in manifest.projects] == ["~/src/api", "C:/src"]
    assert (manifest.projects[0].tracked, manifest.projects[1].tracked) == ("write", "report")
    assert (manifest.projects[1].hosts, manifest.projects[1].servers) == (None, None)
    assert manifest.policy.on_conflict == OnConflict(not_ours="keep", both_changed="fail")
    assert manifest.policy.require == ("exact-version", "hash", "owner", "reason", "expires")
    assert [entry.reason for entry in manifest.absent] == ["MAL-2025-47604", "bad", "bad"]
    assert manifest.released[0].server == "notes"


def test_one_word_decides_both_conflicts():
    assert Policy(on_conflict="keep").on_conflict == OnConflict(not_ours="keep", both_changed="keep")


def test_places_and_digest():
    loaded = load_manifest(EVERYTHING.encode(), "m.yaml", HOSTS)
    assert loaded.digest == "sha256:" + hashlib.sha256(EVERYTHING.encode()).hexdigest()
    assert loaded.digest == load_manifest(EVERYTHING, "m.yaml", HOSTS).digest
    assert loaded.where("servers", "files", "args", 1) == Where("m.yaml", 8, 28)
    assert loaded.where("servers", "files", "timeout") == Where("m.yaml", 3, 3)
    assert loaded.where() == Where("m.yaml", 1, 1)


def test_the_dump_of_a_model_is_a_manifest(manifest):
    assert Manifest.model_validate(manifest.model_dump(by_alias=True, exclude_unset=True)) == manifest


@pytest.mark.parametrize("text", ["mcpconf: 1", "mcpconf: '1'\nservers:\nhosts:\n  cursor:\npolicy:\nprojects:\n"])
def test_sections_may_be_empty(text):
    manifest = load_manifest(text, "m.yaml", HOSTS).manifest
    assert (manifest.servers, manifest.projects, manifest.policy) == ({}, (), Policy())


@pytest.mark.parametrize(
    ("package", "version"),
    [
        *(("npm:a", version) for version in ("1.2.3", "0.0.0-rc.1", "1.0.0+build", "unpinned")),
        *(("pypi:a", version) for version in ("1", "1.10", "2026.10.19", "1.0rc1", "1!2.0.post1", "unpinned")),
        *(("oci:a/b", version) for version in ("1", "main", "v1.0-alpine", "unpinned")),
    ],
)
def test_versions_that_do_not_move(package, version):
    text = f"mcpconf: 1\nservers: {{x: {{package: '{package}', version: '{version}'}}}}"
    assert load_manifest(text, "m", HOSTS).manifest.servers["x"].version == version


@pytest.mark.parametrize("name", ["a", "localhost:5000/a", "ghcr.io/a/b__c/d-e.f", "docker.io/library/a"])
def test_names_of_images(name):
    assert Server(package=f"oci:{name}", version="1").package == Package("oci", name)


def test_models_take_values_as_they_are():
    assert Server(url=Value(("https://a.example",)), enabled=True, timeout=5) == Server(
        url="https://a.example", enabled="true", timeout="5"
    )
    assert RefusedError().faults == ()


def test_the_starter_loads_as_it_is_and_with_its_samples():
    assert load_manifest(starter(), "m", HOSTS).manifest == Manifest(mcpconf=1)
    filled = load_manifest(starter().replace("\n  # ", "\n  "), "m", HOSTS).manifest
    assert sorted(filled.servers) == ["docs", "files", "local"]
    assert filled.hosts["cursor"].servers == ("files",)


@pytest.mark.parametrize(
    "url",
    ["https://x" + "${env:A:-" * 100_000, "https://x" + "$${" * 300_000, "${env:" + "A" * 900_000, "$" * 900_000],
)
def test_hostile_text_costs_no_more_than_its_length(url):
    start = time.process_time()
    problems_or_none(f"mcpconf: 1\nservers: {{a: {{url: '{url}'}}}}\n")
    assert time.process_time() - start < 4


def problems_or_none(text):
    try:
        load_manifest(text, "m", HOSTS)
    except McpconfError as error:
        return error.problems
    return ()
