"""What a layer may say about what an earlier layer said: nothing told where it tightens, the whole text where it widens."""

import pytest

from tests.layered import tell

TIGHTER = {
    "treatment of strays": ("policy: {unmanaged: warn, grants: keep}", "policy: {unmanaged: remove, grants: warn}"),
    "the same again": ("policy: {unmanaged: keep}", "policy: {unmanaged: keep}"),
    "conflicts": ("policy: {on_conflict: overwrite}", "policy: {on_conflict: {not_ours: keep, both_changed: fail}}"),
    "what blocks": ("policy: {fail_on: error}", "policy: {fail_on: info}"),
    "from nothing blocking": ("policy: {fail_on: none}", "policy: {fail_on: error}"),
    "what passes": ("policy: {expired: warn}", "policy: {expired: remove}"),
    "a time to wait": ("policy: {cooldown: 3}", "policy: {cooldown: 7}"),
    "demands": ("policy: {approvals: [{require: 2}]}", "policy: {approvals: [{require: 3}]}"),
    "people who approve": ("policy: {unmanaged: warn}", "policy: {approvers: {a: [ada]}}"),
    "the same people": ("policy: {approvers: {a: [ada]}}", "policy: {approvers: {a: [ada]}}"),
    "requirements": ("policy: {require: [owner]}", "policy: {require: [reason]}"),
    "a rule": ("policy: {rules: {MCP101: info}}", "policy: {rules: {MCP101: error}}"),
    "a rule by its default": ("policy: {}", "policy: {rules: {MCP203: error}, observed: {MCP203: error}}"),
    "a first policy": ("servers: {}", "policy: {unmanaged: keep, fail_on: none, rules: {MCP101: none}}"),
    "denied packages": ("policy: {packages: {deny: [npm:a]}}", "policy: {packages: {allow: [npm:b], deny: [npm:c]}}"),
    "fewer packages": ("policy: {packages: {allow: ['npm:@a/*']}}", "policy: {packages: {allow: ['npm:@a/b']}}"),
    "a new server": (
        "policy: {packages: {allow: ['npm:@a/*'], deny: ['npm:@a/x']}}",
        "servers: {s: {package: 'npm:@a/b', version: 1.0.0}, t: {url: 'https://a.example'}, u: {command: [/opt/u]}}",
    ),
    "arguments that were not set": ("servers: {s: {command: [a]}}", "servers: {s: {args: [b]}}"),
    "variables that were not set": ("servers: {s: {command: [a], env: {A: b}}}", "servers: {s: {env: {A: b, C: d}}}"),
    "headers that were not set": (
        "servers: {s: {url: 'https://a.example', headers: {A: b}}}",
        "servers: {s: {headers: {C: {secret: D}}}}",
    ),
    "what one host gets": (
        "servers: {s: {command: [a], hosts: {cursor: {env: {A: b}}}}}",
        "servers: {s: {hosts: {cursor: {args: [c], env: {D: e}}, codex: {args: [f]}}}}",
    ),
    "the whole server again": ("servers: {s: {command: [a], args: [b]}}", "servers: {s: {command: [a], args: [b]}}"),
    "fewer servers on a host": (
        "servers: {s: {command: [a]}, t: {command: [b]}}\nhosts: {cursor: {}, codex: {servers: [s, t]}}",
        "hosts: {cursor: {servers: [t]}, codex: {servers: []}}",
    ),
    "own servers on a host": (
        "servers: {s: {command: [a]}}\nhosts: {cursor: {servers: [s]}}",
        "servers: {t: {command: [b]}}\nhosts: {cursor: {servers: [s, t], create: true}}",
    ),
    "a host and a project more": (
        "servers: {s: {command: [a]}}",
        "hosts: {cursor: {create: true}}\nprojects: [{path: ~/a, servers: [s], tracked: write, unmanaged: keep}]",
    ),
    "less in a project": (
        "servers: {s: {command: [a]}}\nprojects: [{path: ~/a, tracked: write, unmanaged: keep}]",
        "projects: [{path: ~/a, servers: [s], tracked: report, unmanaged: warn}]",
    ),
    "a tighter project": (
        "projects: [{path: ~/a}, {path: ~/b, hosts: [cursor]}]",
        "projects: [{path: ~/a, unmanaged: remove}, {path: ~/b, hosts: [codex], unmanaged: keep}]",
    ),
    "a group of its own": (
        "servers: {s: {command: [a]}}\nhosts: {cursor: {}}",
        "servers: {t: {command: [b]}}\ngroups:\n  g:\n    when: {os: [linux]}\n    drop: {servers: [s], hosts: [cursor]}\n    add: {servers: [t], hosts: {codex: {}, cursor: {servers: [t]}}}",
    ),
    "the same group again": (
        "groups: {g: {when: {os: [linux]}}}",
        "groups: {g: {when: {os: [linux]}}}",
    ),
    "what must be absent": (
        "absent: [{package: npm:a, reason: b}]",
        "absent: [{package: npm:c, reason: d}, {url: 'https://a.example', reason: e}]",
    ),
    "servers of nobody given back": ("servers: {s: {command: [a]}}", "released: [{server: t, reason: b}]"),
    "own drift": (
        "servers: {s: {command: [a]}}",
        "servers: {t: {command: [b]}}\nignore: [{target: '*/user/t', field: env, reason: r, expires: 2027-01-01}]",
    ),
    "a waiver": (
        "policy: {rules: {MCP203: error}}",
        "waivers: [{rule: MCP101, target: s, reason: r, expires: 2027-01-01}]",
    ),
    "fewer tools": (
        "servers: {s: {command: [a], permissions: {tools: {call: ['read_*', list], auto: [list, 'read_*'], except: [a]}}}}",
        "servers: {s: {permissions: {tools: {call: ['read_a*', read_b], auto: [read_b], except: [c]}}}}",
    ),
    "tools of a server that had all": (
        "servers: {s: {command: [a]}}",
        "servers: {s: {permissions: {tools: {call: [read], except: [c]}}}}",
    ),
    "launches": ("launch: pinned", "launch: pinned"),
}


@pytest.mark.parametrize("case", TIGHTER)
def test_tighter(case):
    base, top = TIGHTER[case]
    assert tell(top, base=base) == []


LOOSE = "leave it out; a layer may only tighten what an earlier one grants"
MAY = "a later layer may set `args`, `env` and `headers` where no earlier one does, and shrink `permissions.tools`"
OWN = "a later layer may leave servers out, and add only its own"
S = "servers: {s: {command: [a], args: [b], env: {A: b}}, t: {command: [c]}}"

WIDER = {
    ("policy: {unmanaged: remove, grants: warn}", "policy: {unmanaged: warn, grants: keep}"): [
        f"top:2:10 `policy.unmanaged` is `warn`, looser than `remove` of an earlier layer (base:1:10) ({LOOSE})",
        f"top:2:27 `policy.grants` is `keep`, looser than `warn` of an earlier layer (base:1:29) ({LOOSE})",
    ],
    ("policy: {}", "policy: {unmanaged: keep}"): [
        f"top:2:10 `policy.unmanaged` is `keep`, looser than the default `warn` of an earlier layer (base:1:1) ({LOOSE})",
    ],
    ("policy: {on_conflict: {not_ours: keep}}", "policy: {on_conflict: overwrite}"): [
        f"top:2:10 `policy.on_conflict.both_changed` is `overwrite`, looser than the default `fail` of an earlier layer (base:1:10) ({LOOSE})",
        f"top:2:10 `policy.on_conflict.not_ours` is `overwrite`, looser than `keep` of an earlier layer (base:1:24) ({LOOSE})",
    ],
    ("policy: {fail_on: warning, expired: remove}", "policy: {fail_on: error, expired: warn}"): [
        f"top:2:10 `policy.fail_on` is `error`, looser than `warning` of an earlier layer (base:1:10) ({LOOSE})",
        f"top:2:26 `policy.expired` is `warn`, looser than `remove` of an earlier layer (base:1:28) ({LOOSE})",
    ],
    ("policy: {approvers: {a: [ada]}}", "policy: {approvers: {a: [ada, eve], b: [eve]}}"): [
        "top:2:22 `policy.approvers.a` names others than an earlier layer (base:1:10) (ask for it in that layer)",
        "top:2:37 `policy.approvers.b` names others than an earlier layer (base:1:10) (ask for it in that layer)",
    ],
    ("policy: {registries: [a.example]}", "policy: {registries: [a.example, b.example]}"): [
        "top:2:34 `policy.registries[1]` is `b.example`, which no earlier layer names (base:1:10) (ask for it in that layer)",
    ],
    ("policy: {cooldown: 7}", "policy: {cooldown: 3}"): [
        f"top:2:10 `policy.cooldown` is `3`, shorter than `7` of an earlier layer (base:1:10) ({LOOSE})",
    ],
    ("policy: {rules: {MCP203: error}}", "policy: {rules: {MCP203: warning, MCP101: warning}, observed: {MCP101: info}}"): [
        f"top:2:18 `policy.rules.MCP203` is `warning`, looser than `error` of an earlier layer (base:1:18) ({LOOSE})",
        f"top:2:35 `policy.rules.MCP101` is `warning`, looser than the default `error` of an earlier layer (base:1:10) ({LOOSE})",
        f"top:2:64 `policy.observed.MCP101` is `info`, looser than the default `warning` of an earlier layer (base:1:1) ({LOOSE})",
    ],
    ("policy: {packages: {allow: ['npm:@a/*'], deny: ['npm:@a/x']}}", "servers:\n  s: {package: npm:b, version: 1.0.0}\n  t: {command: [npx, -y, '@a/x@1.0.0']}"): [
        "top:3:3 `servers.s` launches `npm:b`, which `policy.packages` of an earlier layer does not admit (base:1:21) (ask for it in that layer)",
        "top:4:3 `servers.t` launches `npm:@a/x`, which `policy.packages` of an earlier layer does not admit (base:1:49) (ask for it in that layer)",
    ],
    ("policy: {packages: {allow: []}}\nservers: {s: {command: [npx]}}", "servers: {s: {hosts: {cursor: {args: [-y, a]}}}}"): [
        "top:2:11 `servers.s` launches `npm:a`, which `policy.packages` of an earlier layer does not admit (base:1:21) (ask for it in that layer)",
    ],
    (S, "servers: {s: {command: [z], args: [c], env: {A: c}, enabled: false}, t: {hosts: {cursor: {name: u}}}}"): [
        f"top:2:15 `servers.s.command` is said differently in an earlier layer, or left out there (base:1:15) ({MAY})",
        f"top:2:29 `servers.s.args` is said differently in an earlier layer, or left out there (base:1:29) ({MAY})",
        f"top:2:46 `servers.s.env.A` has another value in an earlier layer (base:1:46) ({MAY})",
        f"top:2:53 `servers.s.enabled` is said differently in an earlier layer, or left out there (base:1:11) ({MAY})",
        f"top:2:91 `servers.t.hosts.cursor.name` renames a server of an earlier layer (base:1:54) ({MAY})",
    ],
    ("servers: {s: {url: 'https://a.example', headers: {A: b}}}", "servers: {s: {headers: {a: c}, env: {B: c}}}"): [
        f"top:2:25 `servers.s.headers.a` has another value in an earlier layer (base:1:51) ({MAY})",
        "top:2:32 `servers.s.env` means nothing for a server with `url` (leave it out)",
    ],
    (S, "servers: {s: {hosts: {cursor: {args: [c], env: {A: c, D: e}}}}}"): [
        f"top:2:32 `servers.s.hosts.cursor.args` stands in place of what an earlier layer says (base:1:29) ({MAY})",
        f"top:2:49 `servers.s.hosts.cursor.env.A` has another value in an earlier layer (base:1:46) ({MAY})",
    ],
    ("servers: {s: {command: [a], hosts: {cursor: {args: [b], env: {A: b}}}}}", "servers: {s: {hosts: {cursor: {args: [c], env: {A: c}}}}}"): [
        f"top:2:32 `servers.s.hosts.cursor.args` stands in place of what an earlier layer says (base:1:46) ({MAY})",
        f"top:2:49 `servers.s.hosts.cursor.env.A` has another value in an earlier layer (base:1:63) ({MAY})",
    ],
    ("servers: {}", "servers: {s: {args: [a]}}"): [
        "top:2:11 `servers.s` says nothing to run or to reach (give it `package`, `command` or `url`)",
    ],
    (f"{S}\nhosts: {{cursor: {{servers: [s], create: false}}}}", "hosts: {cursor: {servers: [s, t], create: true}}"): [
        f"top:2:31 `hosts.cursor.servers[1]` adds `t`, which an earlier layer has and leaves out here (base:2:18) ({OWN})",
        "top:2:35 `hosts.cursor.create` is `false` in an earlier layer (base:2:32) (leave it out)",
    ],
    (f"{S}\nprojects: [{{path: ~/a, servers: [s]}}]", "projects: [{path: ~/a, servers: [t], tracked: write, unmanaged: keep}]"): [
        f"top:2:34 `projects[0].servers[0]` adds `t`, which an earlier layer has and leaves out here (base:2:12) ({OWN})",
        "top:2:38 `projects[0].tracked` is looser than `report` of an earlier layer (base:2:12) (leave it out)",
        "top:2:54 `projects[0].unmanaged` is looser than `warn` of an earlier layer (base:2:12) (leave it out)",
    ],
    (f"{S}\nhosts: {{cursor: {{servers: [s]}}}}\ngroups: {{g: {{when: {{os: [linux]}}, drop: {{hosts: [codex]}}}}}}", "groups:\n  g: {when: {os: [macos]}}\n  h: {when: {os: [linux]}, add: {servers: [t], hosts: {cursor: {servers: [t]}, codex: {}}}}"): [
        "top:3:3 `groups.g` is a group of an earlier layer (base:3:10) (give yours another name; it may drop what that one adds)",
        f"top:4:44 `groups.h.add.servers[0]` adds `t`, which is of an earlier layer (base:1:54) ({OWN})",
        f"top:4:75 `groups.h.add.hosts.cursor.servers[0]` adds `t`, which is of an earlier layer (base:1:54) ({OWN})",
        f"top:4:80 `groups.h.add.hosts.codex` adds every server, also to what an earlier layer says of this host (base:3:50) ({OWN})",
    ],
    (f"{S}\ngroups: {{g: {{when: {{os: [linux]}}, add: {{hosts: {{cursor: {{servers: [s]}}, codex: {{}}}}}}}}}}", "hosts: {cursor: {}, codex: {servers: [s]}}"): [
        f"top:2:9 `hosts.cursor` adds every server, also to what an earlier layer says of this host (base:2:49) ({OWN})",
        f"top:2:39 `hosts.codex.servers[0]` adds `s`, which is of an earlier layer (base:1:11) ({OWN})",
    ],
    ("servers:\n  s: {command: [a], permissions: {tools: {call: ['read_*'], auto: [read_a]}}}\n  t: {command: [b]}", "servers:\n  s: {permissions: {tools: {call: ['*', read_b], auto: [read_b]}}}\n  t: {permissions: {tools: {auto: [x]}}}"): [
        f"top:3:36 `servers.s.permissions.tools.call[0]` lets in `*`, which an earlier layer does not (base:2:43) ({MAY})",
        f"top:3:57 `servers.s.permissions.tools.auto[0]` lets in `read_b`, which an earlier layer does not (base:2:61) ({MAY})",
        f"top:4:36 `servers.t.permissions.tools.auto[0]` lets in `x`, which an earlier layer does not (base:3:3) ({MAY})",
    ],
    (S, "released: [{server: s, reason: r}]"): [
        "top:2:12 `released[0]` gives back `s`, which an earlier layer asks for (base:1:11) (leave it out)",
    ],
    (S, "ignore: [{target: 'cursor/user/*', reason: r, expires: 2027-01-01}, {target: t, reason: r, expires: 2027-01-01}]"): [
        "top:2:11 `ignore[0].target` may pass over drift of what an earlier layer asks for (base:1:11) (name servers of this layer)",
        "top:2:70 `ignore[1].target` passes over drift of `t`, which is of an earlier layer (base:1:54) (name servers of this layer)",
    ],
    (S, "ignore: [{target: 'grant:cursor/**', reason: r, expires: 2027-01-01}]"): [
        "top:2:11 `ignore[0].target` may pass over approvals of what an earlier layer asks for (base:1:11) (name servers of this layer)",
    ],
    ("policy: {}", "ignore: [{target: 'grant:cursor/**', reason: r, expires: 2027-01-01}]"): [
        "top:2:11 `ignore[0].target` passes over approvals, which an earlier layer has a `policy` for (base:1:1) (name servers of this layer)",
    ],
    ("policy: {rules: {MCP203: error}, require: [owner, exact-version], observed: {MCP601: error}}", "waivers:\n" + "".join(f"- {{rule: {rule}, target: s, reason: r, expires: 2027-01-01}}\n" for rule in ("MCP203", "MCP801", "MCP101", "MCP601", "MCP204"))): [
        "top:3:4 `waivers[0].rule` waives MCP203, which `policy` of an earlier layer asks for (base:1:18) (ask for the waiver in that layer)",
        "top:4:4 `waivers[1].rule` waives MCP801, which `policy` of an earlier layer asks for (base:1:44) (ask for the waiver in that layer)",
        "top:5:4 `waivers[2].rule` waives MCP101, which `policy` of an earlier layer asks for (base:1:51) (ask for the waiver in that layer)",
        "top:6:4 `waivers[3].rule` waives MCP601, which `policy` of an earlier layer asks for (base:1:78) (ask for the waiver in that layer)",
    ],
    ("policy: {require: [enforced-tools]}\nabsent: [{package: 'npm:a', reason: b}]", "waivers:\n" + "".join(f"- {{rule: {rule}, target: s, reason: r, expires: 2027-01-01}}\n" for rule in ("not-enforced", "MCP801"))): [
        "top:3:4 `waivers[0].rule` waives not-enforced, which `policy` of an earlier layer asks for (base:1:20) (ask for the waiver in that layer)",
        "top:4:4 `waivers[1].rule` waives MCP801, which `absent` of an earlier layer asks for (base:2:10) (ask for the waiver in that layer)",
    ],
    ("absent: [{package: 'npm:a', reason: b}]", "waivers: [{rule: MCP801, target: s, reason: r, expires: 2027-01-01}]"): [
        "top:2:12 `waivers[0].rule` waives MCP801, which `absent` of an earlier layer asks for (base:1:10) (ask for the waiver in that layer)",
    ],
    ("servers: {s: {command: [a]}}\npolicy: {}", "waivers:\n" + "".join(f"- {{rule: {rule}, target: {target}, reason: r, expires: 2027-01-01}}\n" for rule, target in (("MCP601", "'**'"), ("MCP601", "cursor/user/s"), ("MCP001", "cursor/user/rogue"), ("MCP603", "'grant:**'")))): [
        "top:3:18 `waivers[0].target` may pass over drift of what an earlier layer asks for (base:1:11) (name servers of this layer)",
        "top:4:18 `waivers[1].target` passes over drift of `s`, which is of an earlier layer (base:1:11) (name servers of this layer)",
        "top:5:18 `waivers[2].target` passes over what no layer lists, which an earlier one has a `policy` for (base:2:1) (name servers of this layer)",
        "top:6:18 `waivers[3].target` passes over approvals, which an earlier layer has a `policy` for (base:2:1) (name servers of this layer)",
    ],
    ("policy: {}", "servers: {t: {command: [a]}}\nignore:\n" + "".join(f"- {{target: '{target}', reason: r, expires: 2027-01-01}}\n" for target in ("**", "cursor/user/rogue", "g*:**", "settings#permissions.allow.x", "cursor/user/t"))): [
        "top:4:4 `ignore[0].target` passes over what no layer lists, which an earlier one has a `policy` for (base:1:1) (name servers of this layer)",
        "top:5:4 `ignore[1].target` passes over what no layer lists, which an earlier one has a `policy` for (base:1:1) (name servers of this layer)",
        "top:6:4 `ignore[2].target` passes over what no layer lists, which an earlier one has a `policy` for (base:1:1) (name servers of this layer)",
        "top:7:4 `ignore[3].target` passes over approvals, which an earlier layer has a `policy` for (base:1:1) (name servers of this layer)",
    ],
    ("policy: {packages: {allow: ['npm:@a/*', 'pypi:b']}}", "servers:\n  s: {command: [npx, -y, -p, '@a/x', --package=c, c]}\n  t: {command: [uvx, --with, 'd,e', b]}\n  u: {command: [npm, exec, '@a/x', --package, f]}\n  v: {command: [uv, run, --with, g, python, server.py]}"): [
        *(f"top:{line}:3 `servers.{name}` launches `{package}`, which `policy.packages` of an earlier layer does not admit (base:1:21) (ask for it in that layer)"
        for line, name, package in ((3, "s", "npm:c"), (4, "t", "pypi:d"), (4, "t", "pypi:e"), (5, "u", "npm:f"), (6, "v", "pypi:g"))),
    ],
    (S, "waivers: [{rule: MCP204, target: 'server:s', reason: r, expires: 2027-01-01}, {rule: MCP203, target: '**', reason: r, expires: 2027-01-01}]"): [
        "top:2:26 `waivers[0].target` lets be what rules find of `s`, which is of an earlier layer (base:1:11) (name servers of this layer)",
        "top:2:94 `waivers[1].target` may let be what rules find of servers of an earlier layer (base:1:11) (name servers of this layer)",
    ],
    ("policy: {packages: {deny: [npm:a]}}", "waivers: [{rule: MCP801, target: s, reason: r, expires: 2027-01-01}]"): [
        "top:2:12 `waivers[0].rule` waives MCP801, which `policy` of an earlier layer asks for (base:1:10) (ask for the waiver in that layer)",
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", WIDER)
def test_wider(case):
    base, top = case
    assert tell(top, base=base) == WIDER[case]


def test_lists_that_are_held_against_each_other_are_bounded():
    names = ", ".join(f"t{number}" for number in range(1001))
    assert tell(f"servers: {{s: {{command: [a], permissions: {{tools: {{call: [{names}], auto: [{names}]}}}}}}}}") == [
        "top:1:51 `servers.s.permissions.tools.call` names more than 1,000 tools (use patterns, such as `read_*`)"
    ]
    targets = ", ".join(f"{{target: 'a{number}*', reason: r, expires: 2027-01-01}}" for number in range(1001))
    assert tell(f"ignore: [{targets}]") == [
        "top:1:1 `ignore` has more than 1,000 targets with `*` or `?` (name what they are about, or use fewer)"
    ]
