"""What people are told about a manifest: the whole text of each problem."""

import re

import pytest

from mcpconf.documents.manifest import load_manifest
from mcpconf.errors import McpconfError

HOSTS = ("claude-code", "cursor", "vscode", "codex")
HASH = "sha256:" + "a" * 64
INTEGRITY = "sha512-" + "A" * 86 + "=="


def tell(text):
    """Every problem as one line; nothing for a manifest that loads."""
    try:
        load_manifest(text, "m", HOSTS)
    except McpconfError as error:
        problems = error.problems
    else:
        problems = ()
    return [f"{p.where} {p.kind}: {p.message}" + (f" ({p.hint})" if p.hint else "") for p in problems]


def of_server(server):
    """Problems of a server `x`, which begins at line 3."""
    return tell("mcpconf: 1\nservers:\n  x: " + server)


NPM = "package: npm:a, version: 1.0.0"

SERVERS = {
    "{}": ["m:3:3 invalid: `servers.x` says nothing to run or to reach (give it `package`, `command` or `url`)"],
    "{package: npm:a}": ["m:3:3 invalid: `servers.x` has no `version` (write the exact version, or `unpinned`)"],
    "{package: npm:a, version: latest}": ["m:3:23 invalid: `servers.x.version` cannot be `latest` (write an exact version, or `unpinned`)"],
    "{package: npm:a, version: next}": ["m:3:23 invalid: `servers.x.version` is neither a version nor a range: `next` (write an exact version, a range that the lock resolves, or `unpinned`)"],
    "{package: pypi:a, version: ' 1.0'}": ["m:3:24 invalid: `servers.x.version` is neither a version nor a range: ` 1.0` (write an exact version, a range that the lock resolves, or `unpinned`)"],
    "{package: oci:ghcr.io/a/b, version: Latest}": ["m:3:33 invalid: `servers.x.version` cannot be `Latest` (write an exact version, or `unpinned`)"],
    "{package: oci:ghcr.io/a/b, version: 'sha256:0'}": ["m:3:33 invalid: `servers.x.version` is no tag of an image: `sha256:0` (a digest has a key of its own: `hash`)"],
    "{package: npm:@a/b@1.0.0, version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` is no package name: `npm:@a/b@1.0.0` (the version has a key of its own: `version`)"],
    "{package: npm:A, version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` is no package name: `npm:A` (write `npm:@scope/name` or `npm:name`, in lower case)"],
    "{package: 'pypi:a[b]', version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` is no package name: `pypi:a[b]` (extras are not written here; name the program with `bin`)"],
    "{package: 'pypi:a==1', version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` is no package name: `pypi:a==1` (the version has a key of its own: `version`)"],
    "{package: 'oci:ghcr.io/a/b:1', version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` is no package name: `oci:ghcr.io/a/b:1` (the version has a key of its own: `version`)"],
    "{package: oci:ghcr.io/A, version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` is no package name: `oci:ghcr.io/A` (write `oci:registry/name`, in lower case)"],
    "{package: a, version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` names no known kind of package: `a` (start it with `npm:`, `pypi:`, `oci:` or `mcpb:`)"],
    "{package: [a], version: 1.0.0}": ["m:3:7 invalid: `servers.x.package` must be text such as `npm:@scope/name`, not a list"],
    "{package: 'mcpb:https://a.example/b.mcpb', launch: pinned}": ["m:3:49 invalid: `servers.x.launch` cannot be `pinned` for a bundle (leave it out: a bundle is started from the store)"],
    "{package: 'mcpb:https://a.example/b.mcpb', bin: a}": ["m:3:49 invalid: `servers.x.bin` means nothing for a bundle (leave it out: a bundle says itself what is started)"],
    "{package: 'mcpb:http://a.example/b'}": ["m:3:7 invalid: `servers.x.package` is no package name: `mcpb:http://a.example/b` (write `mcpb:https://host/file.mcpb`, without a query: that may hold a secret)"],
    "{package: 'mcpb:https://a.example/b.mcpb?token=1'}": ["m:3:7 invalid: `servers.x.package` is no package name: `mcpb:https://a.example/b.mcpb?token=1` (write `mcpb:https://host/file.mcpb`, without a query: that may hold a secret)"],
    f"{{{NPM}, hash: sha512-x}}": ["m:3:39 invalid: `servers.x.hash` must be `sha512-` and 88 characters of base64, not `sha512-x`"],
    f"{{{NPM}, hash: [{INTEGRITY}, {INTEGRITY}]}}": ["m:3:39 invalid: `servers.x.hash` must be one hash, not a list (only a PyPI package has one per file)"],
    "{package: pypi:a, version: 1.0, hash: [sha256:x]}": ["m:3:38 invalid: `servers.x.hash` must be `sha256:` and 64 hexadecimal digits in lower case, not `sha256:x`"],
    f"{{package: npm:a, version: unpinned, hash: {INTEGRITY}}}": ["m:3:42 invalid: `servers.x.hash` cannot stand beside `version: unpinned` (write the version that the hash belongs to)"],
    "{command: [a], hash: sha512-x}": ["m:3:21 invalid: `servers.x.hash` must be `sha256:` and 64 hexadecimal digits in lower case, not `sha512-x`"],
    f"{{{NPM}, command: [a]}}": ["m:3:39 invalid: `servers.x.command` beside `package` needs `version: unpinned` (`command` keeps what `import` found; leave it out once the version is pinned)"],
    "{package: npm:a, version: unpinned, command: [a], bin: b}": ["m:3:56 invalid: `servers.x.bin` means nothing beside `command` (leave it out)"],
    "{command: npx -y a}": ["m:3:7 invalid: `servers.x.command` must be a list, not `npx -y a` (put it in brackets: `[...]`)"],
    "{command: ['']}": ["m:3:17 invalid: `servers.x.command[0]` is empty (name the program to run)"],
    "{command: [a], url: 'https://a.example'}": ["m:3:21 invalid: `servers.x.url` cannot stand beside `command` (keep one)"],
    f"{{{NPM}, url: 'https://a.example'}}": ["m:3:39 invalid: `servers.x.url` cannot stand beside `package` (keep one)"],
    "{url: 'https://a.example', env: {A: b}, version: 1.0.0}": ["m:3:33 invalid: `servers.x.env` means nothing for a server with `url` (leave it out)", "m:3:46 invalid: `servers.x.version` means nothing for a server with `url` (leave it out)"],
    "{command: [a], headers: {A: b}}": ["m:3:21 invalid: `servers.x.headers` means nothing for a server with `command` (leave it out)"],
    "{command: [a], transport: http}": ["m:3:21 invalid: `servers.x.transport` must be `stdio` for a server with `command`, not `http`"],
    "{url: 'https://a.example', transport: stdio}": ["m:3:33 invalid: `servers.x.transport` must be `http` or `sse` for a server with `url`, not `stdio`"],
    "{url: 'https://a.example', transport: htp}": ["m:3:33 invalid: `servers.x.transport` must be `stdio`, `http` or `sse`, not `htp` (did you mean `http`?)"],
    "{url: a.example}": ["m:3:7 invalid: `servers.x.url` must begin with `https://` or `http://` and a host"],
    "{url: 'https://'}": ["m:3:7 invalid: `servers.x.url` must begin with `https://` or `http://` and a host"],
    "{url: ''}": ["m:3:7 invalid: `servers.x.url` is empty (write `https://host/path`)"],
    "{url: 'https://a b'}": ["m:3:7 invalid: `servers.x.url` holds white space or an invisible character (percent-encode it)"],
    "{url: 'https://u:hunter2@a.example/@b'}": ["m:3:7 invalid: `servers.x.url` holds a user name or password (send it in `headers`, as `{secret: NAME}`)"],
    "{command: [a], args: [$HOME]}": ["m:3:28 invalid: `servers.x.args[0]` holds a `$` that starts no known reference (write `$$` for a dollar; known are `${workspace}`, `${home}`, `${env:NAME}`, `${env:NAME:-default}` and `${secret:NAME}`)"],
    "{command: [a], args: [{b: c}]}": ["m:3:28 invalid: `servers.x.args[0]` must be text, not a map (write lists and maps as one text, in quotes)"],
    '{command: [a], cwd: "a\\0"}': ["m:3:21 invalid: `servers.x.cwd` holds a NUL character"],
    "{command: [a], env: {A: }}": ['m:3:27 invalid: `servers.x.env.A` has no value (leave it out, or write `""` for empty text)'],
    "{command: [a], env: {A B: c}}": ["m:3:27 invalid: `servers.x.env.A B` is no name of an environment variable"],
    "{command: [a], env: [A=b]}": ["m:3:21 invalid: `servers.x.env` must be a map, not a list"],
    "{command: [a], env: {A: {secrt: B}}}": ["m:3:27 invalid: `servers.x.env.A` must be text or `{secret: NAME, prefix: TEXT}` (`prefix` may be left out)"],
    "{command: [a], env: {A: {secret: B, suffix: C}}}": ["m:3:27 invalid: `servers.x.env.A` must be text or `{secret: NAME, prefix: TEXT}` (`prefix` may be left out)"],
    "{command: [a], env: {A: {secret: 'a b'}}}": ["m:3:31 invalid: `servers.x.env.A.secret` must be a name of letters, digits, `_`, `.` and `-` (never the secret itself)"],
    "{command: [a], env: {A: {secret: B, prefix: [C]}}}": ["m:3:42 invalid: `servers.x.env.A.prefix` must be text without NUL"],
    "{url: 'https://a.example', headers: {A B: c}}": ["m:3:43 invalid: `servers.x.headers.A B` is no name of a header"],
    "{url: 'https://a.example', headers: {A: b, a: c}}": ["m:3:49 invalid: `servers.x.headers.a` is the same header as `A` (upper and lower case make no difference)"],
    '{url: "https://a.example", headers: {A: "b\\r\\nC: d"}}': ["m:3:43 invalid: `servers.x.headers.A` holds a line end (a header is one line)"],
    '{url: "https://a.example", headers: {A: {secret: B, prefix: "c\\n"}}}': ["m:3:43 invalid: `servers.x.headers.A` holds a line end (a header is one line)"],
    "{command: [a], enabled: yes}": ["m:3:21 invalid: `servers.x.enabled` must be `true` or `false`, not `yes`"],
    "{command: [a], timeout: 1.5}": ["m:3:21 invalid: `servers.x.timeout` must be a whole number, not `1.5`"],
    "{command: [a], timeout: 012}": ["m:3:21 invalid: `servers.x.timeout` must be a whole number, not `012`"],
    "{command: [a], timeout: 0}": ["m:3:21 invalid: `servers.x.timeout` must be between 1 and 86400 seconds, not `0`"],
    "{command: [a], expires: tomorrow}": ["m:3:21 invalid: `servers.x.expires` must be a date such as `2027-06-30`, not `tomorrow`"],
    "{command: [a], expires: 2027-02-30}": ["m:3:21 invalid: `servers.x.expires` is no day of the calendar: `2027-02-30`"],
    "{command: [a], owner: ''}": ["m:3:21 invalid: `servers.x.owner` must be text, not empty"],
    "{command: [a], owner: [b]}": ["m:3:21 invalid: `servers.x.owner` must be text, not a list"],
    "{comand: [a], url: 'https://a.example'}": ["m:3:7 invalid: `servers.x.comand` is no known key (did you mean `command`?)"],
    f"{{{NPM}, permissions: {{enforce: hosts}}}}": ["m:3:53 invalid: `servers.x.permissions.enforce` must be `bwrap`, `docker` or `host`, not `hosts` (did you mean `host`?)"],
    f"{{{NPM}, launch: pinned, hosts: {{cursor: {{name: y}}, curser: {{}}, codex: {{nam: y, env: {{A B: c}}}}}}}}": [
        "m:3:82 invalid: `servers.x.hosts.curser` is no known host: `curser` (did you mean `cursor`?)",
        "m:3:102 invalid: `servers.x.hosts.codex.nam` is no known key (did you mean `name`?)",
        "m:3:116 invalid: `servers.x.hosts.codex.env.A B` is no name of an environment variable",
    ],
    "{url: 'https://a.example', hosts: {cursor: {name: y, args: [z], env: {}}}}": [
        "m:3:59 invalid: `servers.x.hosts.cursor.args` means nothing for a server with `url` (leave it out)",
        "m:3:70 invalid: `servers.x.hosts.cursor.env` means nothing for a server with `url` (leave it out)",
    ],
    "{url: 'https://a.example', oauth: {scopez: [], scopes: a}}": [
        "m:3:41 invalid: `servers.x.oauth.scopez` is no known key (did you mean `scopes`?)",
        "m:3:53 invalid: `servers.x.oauth.scopes` must be a list, not `a` (put it in brackets: `[...]`)",
    ],
    "{command: [a], oauth: {}}": ["m:3:21 invalid: `servers.x.oauth` means nothing for a server with `command` (leave it out)"],
    "[a]": ["m:3:3 invalid: `servers.x` must be a map, not a list"],
    "": ['m:3:3 invalid: `servers.x` has no value (leave it out, or write `""` for empty text)'],
}  # fmt: skip


@pytest.mark.parametrize("server", SERVERS)
def test_a_server(server):
    assert of_server(server) == SERVERS[server]


ENDPOINT = "write `host:port`, `*.suffix:port`, an address, or a range such as `10.0.0.0/8`; without a port, all ports"
ANYWHERE = "begin it with `/`, `~/`, a drive, `${home}`, `${workspace}` or `${env:NAME}`"
PERMISSIONS = {
    "{fs: [], net: {out: none, listen: none}, env: [], exec: none, client: {roots: []}, run_as: {}}": [],
    "{fs: [{path: C:/a, mode: ro}, {path: '${env:X}/a', mode: rw}, {path: ~, mode: ro}], net: {out: any}, exec: any}": [],
    "{fs: [{path: ../a, mode: ro}]}": [f"3:{{}} invalid: `servers.x.permissions.fs[0].path` is no place that can be found from anywhere: `../a` ({ANYWHERE})"],
    "{fs: [{path: /a/../b, mode: ro}]}": ["3:{} invalid: `servers.x.permissions.fs[0].path` holds `.` or `..` as a step (write the path it stands for)"],
    "{fs: [{path: /a/*, mode: ro}]}": ["3:{} invalid: `servers.x.permissions.fs[0].path` holds a pattern: `/a/*` (a folder stands for all that lies below it)"],
    "{fs: [{path: '${secret:X}/a', mode: ro}]}": ["3:{} invalid: `servers.x.permissions.fs[0].path` holds a secret (a path is shown everywhere)"],
    '{fs: [{path: "/a\\u202e", mode: ro}]}': ["3:{} invalid: `servers.x.permissions.fs[0].path` holds an invisible character"],
    "{fs: [{path: /a, mode: w}]}": ["3:{} invalid: `servers.x.permissions.fs[0].mode` must be `ro` or `rw`, not `w` (did you mean `rw`?)"],
    "{fs: [{path: /a, mode: ro}, {path: /a/, mode: rw}]}": ["3:{} invalid: `servers.x.permissions.fs[1].path` stands there twice, with other modes: `/a` (keep one)"],
    "{net: {out: some}}": ["3:{} invalid: `servers.x.permissions.net.out` must be `none`, `any` or a list of addresses, not `some`"],
    "{net: {out: [any]}}": ["3:{} invalid: `servers.x.permissions.net.out[0]` cannot stand in a list of addresses (write `any` in place of the list)"],
    "{net: {out: [{a: b}]}}": ["3:{} invalid: `servers.x.permissions.net.out[0]` must be text, not a map"],
    "{net: {out: ['https://a.b/']}}": [f"3:{{}} invalid: `servers.x.permissions.net.out[0]` is an address of a page: `https://a.b/` ({ENDPOINT})"],
    "{net: {out: [127.1]}}": [f"3:{{}} invalid: `servers.x.permissions.net.out[0]` is neither a host nor an address: `127.1` ({ENDPOINT})"],
    "{net: {out: ['a.b:0']}}": [f"3:{{}} invalid: `servers.x.permissions.net.out[0]` has a port that is none: `a.b:0` ({ENDPOINT})"],
    "{net: {out: [10.1.0.0/8]}}": [f"3:{{}} invalid: `servers.x.permissions.net.out[0]` has bits behind its prefix, so that two ranges could be meant: `10.1.0.0/8` ({ENDPOINT})"],
    "{net: {listen: lan}}": ["3:{} invalid: `servers.x.permissions.net.listen` must be `none`, `loopback` or `any`, not `lan` (did you mean `any`?)"],
    "{env: [A=b]}": ["3:{} invalid: `servers.x.permissions.env[0]` is no name of an environment variable: `A=b` (write the name alone; `env` of the server has the value)"],
    "{exec: [git status]}": ["3:{} invalid: `servers.x.permissions.exec[0]` is no name of a program: `git status` (write its name alone, such as `git`, without folder or options)"],
    "{client: {sampling: maybe}}": ["3:{} invalid: `servers.x.permissions.client.sampling` must be `deny`, `ask` or `allow`, not `maybe`"],
    "{run_as: {user: bob, caps: ['1']}}": [
        "3:{} invalid: `servers.x.permissions.run_as.user` must be `nobody`, `self` or `root`, not `bob`",
        "3:{} invalid: `servers.x.permissions.run_as.caps[0]` is no capability: `1` (write it as `NET_ADMIN`, or `ALL`)",
    ],
    "{exec: [" + ", ".join(f"p{n}" for n in range(1001)) + "]}": ["3:{} invalid: `servers.x.permissions.exec` names more than 1,000 programs"],
    "{env: [" + ", ".join(f"P{n}" for n in range(1001)) + "]}": ["3:{} invalid: `servers.x.permissions.env` names more than 1,000"],
}  # fmt: skip


@pytest.mark.parametrize("permissions", PERMISSIONS)
def test_permissions(permissions):
    told = of_server(f"{{command: [a], permissions: {permissions}}}")
    assert [re.sub(r"^m:3:[0-9]+", "3:{}", line) for line in told] == PERMISSIONS[permissions]


def test_permissions_beside_the_rest_of_the_server():
    """A variable that is set and not permitted is a contradiction; what runs elsewhere has nothing here."""
    assert of_server("{command: [a], env: {A: b, C: d}, hosts: {cursor: {env: {E: f}}}, permissions: {env: [A]}}") == [
        "m:3:33 invalid: `servers.x.env.C` is not in `permissions.env` (add it there, or do not set it)",
        "m:3:63 invalid: `servers.x.hosts.cursor.env.E` is not in `permissions.env` (add it there, or do not set it)",
    ]
    elsewhere = "means nothing for a server with `url` (it runs elsewhere; `oauth.scopes` says what it may do there)"
    assert of_server("{url: 'https://a.example', permissions: {client: {ui: deny}, env: [], net: {out: none}}}") == [
        f"m:3:67 invalid: `servers.x.permissions.env` {elsewhere}",
        f"m:3:76 invalid: `servers.x.permissions.net` {elsewhere}",
    ]


DOCUMENTS = {
    "": ["m:1:1 invalid: the document is empty (`mcpconf init` writes a first one)"],
    "[a]": ["m:1:1 invalid: the document must be a map, not a list"],
    "a": ["m:1:1 invalid: the document must be a map, not `a`"],
    "servers:": ["m:1:1 invalid: the document has no `mcpconf` (begin the file with `mcpconf: 1`)"],
    "servrs:\nmcpconf: 2": ["m:2:1 invalid: `mcpconf` is no format version that is known here: `2` (this version reads `mcpconf: 1`; a newer document needs a newer mcpconf)"],
    "mcpconf: 1\nservrs: {}": ["m:2:1 invalid: `servrs` is no known key (did you mean `servers`?)"],
    "mcpconf: 1\nservers: {A_b: {command: [c]}}": ["m:2:11 invalid: `servers.A_b` is no name of a server: `A_b` (use lower-case letters, digits and `-`, at most 32, beginning with a letter or digit)"],
    "mcpconf: 1\nservers: []": ["m:2:1 invalid: `servers` must be a map, not a list"],
    "mcpconf: 1\nhosts: {cursr: {}}": ["m:2:9 invalid: `hosts.cursr` is no known host: `cursr` (did you mean `cursor`?)"],
    "mcpconf: 1\nhosts: {zed: {}}": ["m:2:9 invalid: `hosts.zed` is no known host: `zed` (known hosts: `claude-code`, `codex`, `cursor`, `vscode`)"],
    "mcpconf: 1\nservers: {files: {command: [a]}}\nhosts: {cursor: {servers: [flies, q]}}": [
        "m:3:28 invalid: `hosts.cursor.servers[0]` names no server of this manifest: `flies` (did you mean `files`?)",
        "m:3:35 invalid: `hosts.cursor.servers[1]` names no server of this manifest: `q` (add it to `servers`, or take it out here)",
    ],
    "mcpconf: 1\nhosts: {cursor: {create: 1, sever: []}}": [
        "m:2:18 invalid: `hosts.cursor.create` must be `true` or `false`, not `1`",
        "m:2:29 invalid: `hosts.cursor.sever` is no known key (did you mean `servers`?)",
    ],
    "mcpconf: 1\nhosts: {cursor: {zzz: []}}": ["m:2:18 invalid: `hosts.cursor.zzz` is no known key (known here: `servers`, `create`, `managed`)"],
    "mcpconf: 1\nprojects: [{path: src, hosts: [curser], servers: [a]}]": [
        "m:2:13 invalid: `projects[0].path` must begin with `~/`, `/` or a drive, not `src` (the machine must find it from anywhere)",
        "m:2:32 invalid: `projects[0].hosts[0]` is no known host: `curser` (did you mean `cursor`?)",
        "m:2:51 invalid: `projects[0].servers[0]` names no server of this manifest: `a` (add it to `servers`, or take it out here)",
    ],
    "mcpconf: 1\nprojects: [{}]": ["m:2:12 invalid: `projects[0]` has no `path`"],
    "mcpconf: 1\nprojects: [{path: ~/a}, {path: ~/a/}]": ["m:2:26 invalid: `projects[1].path` is listed twice (only the first one would count)"],
    "mcpconf: 1\nprojects: [{path: ~/a/../b}]": ["m:2:13 invalid: `projects[0].path` holds an empty step, `.` or `..` (write the path it stands for)"],
    "mcpconf: 1\nprojects: [{path: 'C:\\a'}]": ["m:2:13 invalid: `projects[0].path` holds a backslash (write `/` between folders, on Windows too)"],
    'mcpconf: 1\nprojects: [{path: "/a\\nb"}]': ["m:2:13 invalid: `projects[0].path` holds an invisible character"],
    "mcpconf: 1\nprojects: [{path: [a]}]": ["m:2:13 invalid: `projects[0].path` must be a folder such as `~/src/api`, not a list"],
    "mcpconf: 1\nprojects: [{path: ~, tracked: no}]": ["m:2:22 invalid: `projects[0].tracked` must be `report` or `write`, not `no`"],
    "mcpconf: 1\npolicy: {unmanaged: delete}": ["m:2:10 invalid: `policy.unmanaged` must be `keep`, `warn` or `remove`, not `delete`"],
    "mcpconf: 1\npolicy: {on_conflict: overrite}": ["m:2:10 invalid: `policy.on_conflict.not_ours` must be `fail`, `keep` or `overwrite`, not `overrite` (did you mean `overwrite`?)", "m:2:10 invalid: `policy.on_conflict.both_changed` must be `fail`, `keep` or `overwrite`, not `overrite` (did you mean `overwrite`?)"],
    "mcpconf: 1\npolicy: {on_conflict: [fail]}": ["m:2:10 invalid: `policy.on_conflict` must be a map, not a list"],
    "mcpconf: 1\npolicy: {grants: remove, require: [hash, provenance, hsh]}": [
        "m:2:54 invalid: `policy.require[2]` must be `exact-version`, `hash`, `owner`, `reason`, `expires`, `enforced-tools`, `provenance`, `surface` or `signature`, not `hsh` (did you mean `hash`?)",
    ],
    "mcpconf: 1\npolicy: {require: hash}": ["m:2:10 invalid: `policy.require` must be a list, not `hash` (put it in brackets: `[...]`)"],
    "mcpconf: 1\npolicy: {schemas: {MCP900: {}, lower: {}, X1: {type: objekt}, X2: {properties: []}}}": [
        "m:2:20 invalid: `policy.schemas.MCP900` is no id for a schema: `MCP900` (write capital letters and digits, such as `ACME001`; `MCP` begins the ids of rules)",
        "m:2:32 invalid: `policy.schemas.lower` is no id for a schema: `lower` (write capital letters and digits, such as `ACME001`; `MCP` begins the ids of rules)",
        "m:2:48 invalid: `policy.schemas.X1.type` is no type: `objekt` (one of string, number, integer, boolean, array, object, null)",
        "m:2:68 invalid: `policy.schemas.X2.properties` must be a map, not a list",
    ],
    "mcpconf: 1\npolicy: {schemas: {X1: {}}, rego: {MCP900: package mcpconf, X1: package mcpconf, X2: package other}}": [
        "m:2:36 invalid: `policy.rego.MCP900` is no id for a rule: `MCP900` (write capital letters and digits, such as `ACME001`; `MCP` begins the ids of rules)",
        "m:2:61 invalid: `policy.rego.X1` is an id of `policy.schemas` too (give it another name)",
        "m:2:82 invalid: `policy.rego.X2` is not of `package mcpconf` (begin it with `package mcpconf`)",
    ],
    "mcpconf: 1\npolicy: {rego: {X1: package mcpconf, X2: package mcpconf" + "x" * 20_000 + "}}": [
        "m:2:38 invalid: `policy.rego.X2` is longer than 20,000 characters (make two of it)",
    ],
    "mcpconf: 1\npolicy: {schemas: {X1: {format: uri, unevaluatedProperties: false, required: owner}}}": [
        "m:2:25 invalid: `policy.schemas.X1.format` is no keyword that is checked here (it would not be checked; write a `pattern`)",
        "m:2:38 invalid: `policy.schemas.X1.unevaluatedProperties` is no keyword that is checked here (write `additionalProperties`)",
        "m:2:68 invalid: `policy.schemas.X1.required` must be a list, not `owner`",
    ],
    "mcpconf: 1\npolicy: {schemas: {X1: {$ref: 'https://example.org/s.json'}, X2: {$ref: '#/$defs/a'}}}": [
        "m:2:25 invalid: `policy.schemas.X1.$ref` leads out of the schema: `https://example.org/s.json` (write `#/$defs/NAME`)",
        "m:2:67 invalid: `policy.schemas.X2.$ref` leads to nothing: `a` is not in `$defs`",
    ],
    "mcpconf: 1\npolicy: {schemas: {X1: {pattern: '(a+)+$', minLength: -1, $schema: 'http://json-schema.org/draft-07/schema#'}}}": [
        "m:2:25 invalid: `policy.schemas.X1.pattern` repeats a group, or a repetition: `(a+)+$` (such a pattern could take for ever; write a simpler one)",
        "m:2:44 invalid: `policy.schemas.X1.minLength` must be a number, not `-1`",
        "m:2:59 invalid: `policy.schemas.X1.$schema` is not the one that is read (leave it out, or write `https://json-schema.org/draft/2020-12/schema`)",
    ],
    "mcpconf: 1\npolicy: {schemas: {X1: " + "{not: " * 30 + "{}" + "}" * 30 + "}}": [
        "m:2:20 invalid: `policy.schemas.X1` is too large: at most 2,000 parts, 24 in each other (make two of it)",
    ],
    "mcpconf: 1\npolicy: {schemas: {X1: {enum: [" + "a, " * 2_100 + "]}}}": [
        "m:2:20 invalid: `policy.schemas.X1` is too large: at most 2,000 parts, 24 in each other (make two of it)",
    ],
    "mcpconf: 1\npolicy: {schemas: {" + "".join(f"X{number}: {{}}, " for number in range(51)) + "}}": [
        "m:2:10 invalid: `policy.schemas` has more than 50 schemas (put several into one, with `allOf`)",
    ],
    "mcpconf: 1\npolicy: {rules: {MCP101: loud}, expired: drop}\nwaivers: [{rule: MCP101}]": [
        "m:2:18 invalid: `policy.rules.MCP101` must be `error`, `warning`, `info` or `none`, not `loud`",
        "m:2:33 invalid: `policy.expired` must be `warn` or `remove`, not `drop`",
        "m:3:11 invalid: `waivers[0]` has no `target`",
        "m:3:11 invalid: `waivers[0]` has no `reason` (say why, for those who come later)",
        "m:3:11 invalid: `waivers[0]` has no `expires` (say until when, such as `2027-06-30`)",
    ],
    "mcpconf: 1\ninclude: [a]": ["m:2:1 not-supported: `include` cannot be followed from here"],
    f"mcpconf: 1\npolicy: {{packages: {{deny: [{', '.join(['npm:a'] * 1001)}]}}}}": [
        "m:2:21 invalid: `policy.packages.deny` has more than 1,000 patterns (use `*` and `**`)"
    ],
    "mcpconf: 1\ninclude: a": ["m:2:1 invalid: `include` must be a list, not `a` (put it in brackets: `[...]`)"],
    "mcpconf: 1\ninclude: [{}]": ["m:2:11 invalid: `include[0]` must be text, not a map"],
    "mcpconf: 1\nservers: {x: {command: [a]}}\ngroups:\n  a: {when: {}, add: {servers: [y], hosts: {curser: {}, codex: {servers: [z]}}}, drop: {servers: [xx], hosts: [zed]}}\n  b: {when: {os: [linus]}}\n  c: {add: {}}": [
        "m:4:7 invalid: `groups.a.when` says nothing to match by (give it `labels` or `os`)",
        "m:4:33 invalid: `groups.a.add.servers[0]` names no server of this manifest: `y` (add it to `servers`, or take it out here)",
        "m:4:45 invalid: `groups.a.add.hosts.curser` is no known host: `curser` (did you mean `cursor`?)",
        "m:4:75 invalid: `groups.a.add.hosts.codex.servers[0]` names no server of this manifest: `z` (add it to `servers`, or take it out here)",
        "m:4:99 invalid: `groups.a.drop.servers[0]` names no server of this manifest: `xx` (did you mean `x`?)",
        "m:4:112 invalid: `groups.a.drop.hosts[0]` is no known host: `zed` (known hosts: `claude-code`, `codex`, `cursor`, `vscode`)",
        "m:5:19 invalid: `groups.b.when.os[0]` must be `linux`, `macos` or `windows`, not `linus` (did you mean `linux`?)",
        "m:6:3 invalid: `groups.c` has no `when`",
    ],
    "mcpconf: 1\nreleased: [{server: a, hosts: [zed], reason: b}]": ["m:2:32 invalid: `released[0].hosts[0]` is no known host: `zed` (known hosts: `claude-code`, `codex`, `cursor`, `vscode`)"],
    "mcpconf: 1\nabsent: [{package: npm:a}]": ["m:2:10 invalid: `absent[0]` has no `reason` (say why, for those who come later)"],
    "mcpconf: 1\nabsent: [{reason: a}]": ["m:2:10 invalid: `absent[0]` names nothing (give it `package`, `url` or `command`)"],
    "mcpconf: 1\nabsent: [{package: npm:a, url: 'https://b.example', reason: c}]": ["m:2:27 invalid: `absent[0].url` cannot stand beside `package` (write one entry for each)"],
    "mcpconf: 1\nabsent: [{name: a, reason: b}]": ["m:2:11 invalid: `absent[0].name` is no known key (known here: `package`, `url`, `command`, `reason`)"],
    "mcpconf: 1\na: &b c": ["m:2:4 invalid: anchor `&b` (anchors are not read; write values out)"],
}  # fmt: skip


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_document(text):
    assert tell(text) == DOCUMENTS[text]


def test_words_of_the_document_cannot_reach_the_terminal_as_they_are():
    assert tell('mcpconf: 1\n"\\e[2J\\u202e": 1\npolicy: {unmanaged: "\\e[31m"}') == [
        (
            "m:2:1 invalid: `\\x1b[2J\\u202e` is no known key (known here: `mcpconf`, `include`, `servers`, `hosts`, "
            "`projects`, `groups`, `launch`, `policy`, `waivers`, `ignore`, `released`, `absent`)"
        ),
        "m:3:10 invalid: `policy.unmanaged` must be `keep`, `warn` or `remove`, not `\\x1b[31m`",
    ]


def test_long_words_are_cut():
    [line] = tell(f"mcpconf: 1\n{'a' * 1_000}: 1")
    assert line.startswith(f"m:2:1 invalid: `{'a' * 20}...` is no known key")


def test_a_hundred_problems_are_told_and_that_there_are_more():
    lines = tell("mcpconf: 1\n" + "".join(f"a{n}: 1\n" for n in range(500)))
    assert len(lines) == 100
    lines = tell("mcpconf: 1\n" + "".join(f"a{n}: 1\n" for n in range(500)) + "hosts: {nowhere: {}}\n")
    assert lines[-1] == "m:101:1 invalid: there are more problems below this line"
    assert len(lines) == 101
