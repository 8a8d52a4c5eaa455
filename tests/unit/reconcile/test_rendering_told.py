"""What a manifest gives one machine, and where it says so."""

from __future__ import annotations

from mcpconf.artifacts.supplied import NOTHING_SUPPLIED
from mcpconf.documents.manifest import load_manifest
from mcpconf.ports import Facts
from mcpconf.reconcile.rendering import rendering
from mcpconf.system.sources import bundled_rows

ROWS = bundled_rows()
MANIFEST = """\
mcpconf: 1
servers:
  files:
    package: "npm:files"
    version: "1.0.0"
    args: [a, b]
    env: {PLAIN: x, OTHER: y}
    # the host below has an entry of its own
    hosts:
      cursor: {name: ours, args: [c], env: {PLAIN: z}}
  plain: {command: [/plain, first], timeout: 60}
  web: {url: "https://example.org/mcp", headers: {A: b}}
  old: {command: [/old], expires: 2026-01-01}
  lab: {command: [/lab]}
  both: {command: [/both]}
  dropped: {command: [/dropped]}
  mine: {command: [/mine]}
hosts:
  cursor: {servers: [files, web]}
  codex: {servers: [files, plain, old, mine]}
groups:
  own: {when: {labels: [own]}, add: {servers: [mine]}, drop: {servers: [plain, dropped]}}
  one: {when: {labels: [one]}, add: {servers: [lab, both]}}
  two: {when: {labels: [two]}, add: {servers: [both]}}
projects:
  - {path: ~/a, hosts: [claude-code], servers: [web]}
  - {path: ~/b, hosts: [cursor], servers: [web]}
policy: {expired: remove}
"""


def rendered(*labels, past=lambda day: day < "2026-06-01", text=MANIFEST):
    loaded = load_manifest(text, "m", known_hosts=ROWS)
    facts = Facts("linux", "/home/dev", "dev", "id", labels=frozenset(labels))
    return rendering(loaded, facts, ROWS, past, NOTHING_SUPPLIED)


def told(found, address):
    (entry,) = [item for item in found.entries if str(item.desired.address) == address]
    return [
        f"{item.field}.{item.key}={item.text} line {item.where.line if item.where else None} {item.by}".strip()
        for item in entry.told
    ]


def test_hosts_stand_in_the_order_of_the_manifest_once():
    found = rendered()
    assert [row.id for row in found.hosts] == ["cursor", "codex", "claude-code"]
    assert (found.groups, found.facts.home) == ((), "/home/dev")
    assert sorted(str(item.desired.address) for item in found.entries) == [
        "claude-code/project:~/a/web",
        "codex/user/files",
        "codex/user/plain",
        "cursor/project:~/b/web",
        "cursor/user/ours",
        "cursor/user/web",
    ]


def test_why_a_server_is_missing():
    assert [(item.server, item.reason, item.where.line) for item in rendered("own").missing] == [
        ("plain", "dropped by group `own`", 22),
        ("old", "expired on 2026-01-01", 13),
        ("lab", "only for group `one`", 23),
        ("both", "only for groups `one`, `two`", 23),
        ("dropped", "dropped by group `own`", 22),
    ]
    assert [item.server for item in rendered(past=lambda _day: False).missing] == ["lab", "both", "mine"]


def test_a_value_is_told_with_its_line():
    found = rendered()
    assert told(found, "codex/user/plain") == [
        "server.=plain line 11",
        "host.=codex line 20",
        "transport.=stdio line None default",
        "launch.0=/plain line 11",
        "launch.1=first line 11",
        "timeout.=60 line 11",
    ]
    assert told(found, "claude-code/project:~/a/web") == [
        "server.=web line 12",
        "project.=~/a line 26",
        "transport.=http line None default",
        "url.=https://example.org/mcp line 12",
        "headers.A=b line 12",
    ]
    assert told(found, "cursor/project:~/b/web")[1] == "project.=~/b line 27"


def test_what_one_host_has_of_its_own_is_told_as_such():
    found = rendered()
    assert told(found, "codex/user/files")[3:] == [
        "launch.0=npx line 4",
        "launch.1=-y line 4",
        "launch.2=files@1.0.0 line 4",
        "launch.3=a line 6",
        "launch.4=b line 6",
        "env.OTHER=y line 7",
        "env.PLAIN=x line 7",
    ]
    assert told(found, "cursor/user/ours") == [
        "server.=files line 3",
        "host.=cursor line 19",
        "name.=ours line 10 host override",
        "transport.=stdio line None default",
        "launch.0=npx line 4",
        "launch.1=-y line 4",
        "launch.2=files@1.0.0 line 4",
        "launch.3=c line 10 host override",
        "env.OTHER=y line 7",
        "env.PLAIN=z line 10 host override",
    ]


def test_a_group_is_told_as_the_reason():
    found = rendered("own")
    assert found.groups == ("own",)
    assert told(found, "codex/user/mine")[:2] == ["server.=mine line 22 group own", "host.=codex line 20"]


def test_what_a_host_cannot_have_is_skipped():
    timed = MANIFEST.replace("    # the host below has an entry of its own", "    timeout: 60")
    found = rendered(text=timed)
    assert [(item.rule, item.address) for item in found.skipped] == [("cannot-say", "cursor/user/ours")]
    assert told(found, "codex/user/files")[-1] == "timeout.=60 line 8"


SAID = """\
mcpconf: 1
servers:
  told:
    url: "https://example.org/mcp"
    timeout: 15
    enabled: false
    permissions:
      tools:
        call: [look, push]
        except: [drop]
        auto: [look]
  far: {url: "https://example.org/far", oauth: {issuer: "https://example.org", scopes: [a]}}
  plain: {command: [/plain, "${workspace}"], cwd: "${home}/w", hosts: {codex: {env: {}}}}
hosts: {codex: {}, opencode: {}}
projects: [{path: "~/x/*", hosts: [codex], servers: [told]}]
"""


def test_each_kind_of_value_is_told_in_the_words_of_manifests():
    found = rendered(text=SAID)
    assert told(found, "codex/user/told") == [
        "server.=told line 3",
        "host.=codex line 14",
        "transport.=http line None default",
        "url.=https://example.org/mcp line 4",
        "timeout.=15 line 5",
        "enabled.=false line 6",
        "call.=look, push line 9",
        "without.=drop line 10",
        "auto.=look line 11",
    ]


def test_each_argument_is_told_with_its_own_line():
    text = """\
mcpconf: 1
servers:
  x:
    command:
      - /x
      - first
    args:
      - a
      - b
    hosts:
      cursor:
        args:
          - c
          - d
hosts: {codex: {}, cursor: {}}
"""
    found = rendered(text=text)
    assert told(found, "codex/user/x")[-4:] == [
        "launch.0=/x line 5",
        "launch.1=first line 6",
        "launch.2=a line 8",
        "launch.3=b line 9",
    ]
    assert told(found, "cursor/user/x")[-2:] == ["launch.2=c line 13 host override", "launch.3=d line 14 host override"]


def test_where_a_group_drops_or_adds_a_server():
    text = """\
mcpconf: 1
servers:
  x: {command: [/x]}
  y: {command: [/y]}
  z: {command: [/z]}
hosts: {codex: {}}
groups:
  own:
    when: {labels: [own]}
    drop:
      servers:
        - y
        - x
    add:
      servers:
        - z
  late:
    when: {labels: [own]}
    drop: {hosts: [codex]}
"""
    assert [(item.server, item.reason, item.where.line) for item in rendered("own", text=text).missing] == [
        ("x", "dropped by group `own`", 13),
        ("y", "dropped by group `own`", 12),
    ]
    assert [(item.server, item.reason, item.where.line) for item in rendered(text=text).missing] == [
        ("z", "only for group `own`", 8)
    ]


def test_what_cannot_be_asked_is_in_the_order_of_addresses():
    text = SAID.replace("projects:", 'absent: [{package: "npm:bad", reason: it leaks}]\nprojects:')
    text = text.replace("  far:", '  a: {package: "npm:bad", version: "1.0.0"}\n  far:')
    found = [(item.address, item.rule) for item in rendered(text=text).skipped]
    assert found == sorted(found)
    assert ("codex/user/a", "MCP801") in found
    assert ("opencode/user/plain", "cannot-say") in found
