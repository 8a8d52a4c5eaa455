"""The table of what a change lets a server do, line by line."""

import pytest

from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.packages import recognise_entry
from mcpconf.permissions import overall, privilege

HOME = "/home/dev"
FS = "npx -y @m/fs@1.0.0"


def server(line: str = FS, **more: object) -> Entry:
    words = [Value.parse(word) for word in line.split(" ")]
    for name in ("env", "headers"):
        if name in more:
            more[name] = {key: Value.parse(text) for key, text in more[name].items()}  # type: ignore[attr-defined]
    return Entry("stdio", words[0], tuple(words[1:]), **more)  # type: ignore[arg-type]


def remote(url: str, **headers: str) -> Entry:
    return Entry("http", url=Value.parse(url), headers={name: Value.parse(text) for name, text in headers.items()})


def told(before: Entry | None, after: Entry | None) -> list[tuple[str, str, str, str]]:
    found = privilege(before, after, home=HOME, os="linux", recognise=recognise_entry)
    return [(one.direction, one.severity, one.dimension, one.text) for one in found]


@pytest.mark.parametrize(
    ("after", "severity", "text"),
    [
        (server(), "medium", "new server npm:@m/fs, 1.0.0"),
        (server("node s.js ~/work"), "medium", "new server command:node s.js, path ~/work"),
        (server("npx -y a"), "medium", "new server npm:a, no version, floating"),
        (server(env={"API_KEY": "${env:API_KEY}"}), "high", "new server npm:@m/fs, 1.0.0, secret API_KEY"),
        (
            server("npx -y a@latest", env={"API_KEY": "${env:API_KEY}"}),
            "critical",
            "new server npm:a, latest, floating, secret API_KEY",
        ),
        (server("bash -c x;y"), "critical", "new server command:bash -c, `bash -c`"),
        (server(f"{FS} /"), "critical", "new server npm:@m/fs, 1.0.0, path /"),
        (server(env={"NODE_OPTIONS": "-r x"}), "critical", "new server npm:@m/fs, 1.0.0, variable NODE_OPTIONS"),
        (
            server("docker run --privileged mcp/x:1"),
            "critical",
            "new server oci:docker.io/mcp/x, 1, floating, --privileged",
        ),
        (remote("https://x.com/mcp"), "high", "new server url:https://x.com/mcp"),
        (remote("http://localhost:1/mcp"), "medium", "new server url:http://localhost:1/mcp"),
        (remote("https://["), "high", "new server url:https://["),
        (server(enabled=False), "medium", "new server npm:@m/fs, 1.0.0, disabled"),
        (Entry("unknown"), "medium", "new server not understood"),
    ],
)
def test_a_new_server(after: Entry, severity: str, text: str) -> None:
    assert told(None, after) == [("wider", severity, "server", text)]


def test_a_removed_server() -> None:
    assert told(server(), None) == [("narrower", "low", "server", "server removed: npm:@m/fs")]
    assert told(Entry("unknown"), None) == [("narrower", "low", "server", "server removed: not understood")]
    assert told(None, None) == []


KEY = "a1B2c3D4e5F6g7H8i9J0"
CHANGES = [
    # paths
    (server(f"{FS} ~/work"), server(f"{FS} ~"), ("wider", "critical", "path", "~/work  ->  ~")),
    (server(f"{FS} ~/work"), server(f"{FS} ~/work /"), ("wider", "critical", "path", "+ /")),
    (server(f"{FS} ~/work/api"), server(f"{FS} /home/dev/work"), ("wider", "high", "path", "~/work/api  ->  ~/work")),
    (server(f"{FS} ~"), server(f"{FS} ~/work"), ("narrower", "low", "path", "~  ->  ~/work")),
    (server(f"{FS} ~/a ~/b"), server(f"{FS} ~/a"), ("narrower", "low", "path", "- ~/b")),
    (server(f"{FS} ~"), server(f"{FS} ~/work /srv/x"), ("both", "high", "path", "~  ->  /srv/x")),
    (server(f"{FS} ~/a"), server(f"{FS} --root=~/a"), ("both", "medium", "command", "arguments changed")),
    (
        server("docker run -v /a:/d:ro i:1"),
        server("docker run -v /a:/d i:1"),
        ("wider", "high", "path", "/a read-only  ->  writable"),
    ),
    (
        server("docker run -v /etc:/d i:1"),
        server("docker run -v /etc:/d:ro i:1"),
        ("narrower", "low", "path", "/etc writable  ->  read-only"),
    ),
    (server(f"{FS} ~/a ~/b"), server(f"{FS} ~/b ~/a"), ("both", "medium", "command", "arguments changed")),
    (server(f"{FS} ~/a"), server(f"{FS} /home/dev/a/"), None),
    # secrets
    (server(), server(env={"GITHUB_TOKEN": "${env:GITHUB_TOKEN}"}), ("wider", "high", "secret", "+ GITHUB_TOKEN")),
    (
        server(env={"GITHUB_TOKEN": ""}),
        server(env={"GITHUB_TOKEN": "${secret:g}"}),
        ("wider", "high", "secret", "+ GITHUB_TOKEN"),
    ),
    (server(env={"GITHUB_TOKEN": KEY}), server(), ("narrower", "low", "secret", "- GITHUB_TOKEN")),
    (
        server(env={"T_TOKEN": KEY}),
        server(env={"T_TOKEN": "${env:T}"}),
        ("narrower", "low", "secret", "T_TOKEN  literal  ->  reference, secret no longer in the file"),
    ),
    (
        server(env={"T_TOKEN": "${env:T}"}),
        server(env={"T_TOKEN": KEY}),
        ("wider", "high", "secret", "T_TOKEN  reference  ->  literal, secret exposed"),
    ),
    (
        server(env={"T_TOKEN": "${env:A}"}),
        server(env={"T_TOKEN": "${secret:B}"}),
        ("both", "high", "secret", "T_TOKEN  ${env:A}  ->  ${secret:B}"),
    ),
    (
        server(env={"T_TOKEN": KEY}),
        server(env={"T_TOKEN": KEY + "x"}),
        ("both", "high", "secret", "T_TOKEN  literal  ->  another literal"),
    ),
    (
        server(f"{FS} --token {KEY}"),
        server(FS + " --token ${env:X}"),
        ("narrower", "low", "secret", "--token  literal  ->  reference, secret no longer in the file"),
    ),
    (
        server(f"{FS} --token={KEY}"),
        server(FS + " --token=${env:X}"),
        ("narrower", "low", "secret", "--token  literal  ->  reference, secret no longer in the file"),
    ),
    (
        remote("https://x.com", Authorization=f"Bearer {KEY}"),
        remote("https://x.com", Authorization="Bearer ${env:X}"),
        ("narrower", "low", "secret", "header Authorization  literal  ->  reference, secret no longer in the file"),
    ),
    (
        server("docker run i:1"),
        server("docker run -e GITHUB_TOKEN i:1"),
        ("wider", "high", "secret", "+ GITHUB_TOKEN"),
    ),
    # variables
    (server(), server(env={"LOG_LEVEL": "info"}), ("wider", "low", "env", "+ LOG_LEVEL")),
    (server(env={"LOG_LEVEL": "info"}), server(), ("narrower", "low", "env", "- LOG_LEVEL")),
    (server(env={"LOG_LEVEL": "a"}), server(env={"LOG_LEVEL": "b"}), ("both", "low", "env", "LOG_LEVEL  changed")),
    (server(), server(env={"LD_PRELOAD": "/x.so"}), ("wider", "critical", "exec", "+ LD_PRELOAD")),
    (server(env={"Path": "/a"}), server(env={"Path": "/b"}), ("both", "critical", "exec", "Path  changed")),
    (server(env={"PYTHONPATH": "/a"}), server(), ("narrower", "low", "exec", "- PYTHONPATH")),
    (server(), server(env={"HTTPS_PROXY": "http://x"}), ("wider", "high", "network", "+ HTTPS_PROXY")),
    (server(env={"READ_ONLY": "1"}), server(), ("both", "high", "env", "- READ_ONLY  (may limit the server)")),
    (
        server(env={"READ_ONLY": "1"}),
        server(env={"READ_ONLY": "0"}),
        ("both", "high", "env", "READ_ONLY  changed  (may limit the server)"),
    ),
    # what is launched
    (server("npx -y a@1.0.0"), server("npx -y b@1.0.0"), ("both", "high", "server", "npm:a  ->  npm:b")),
    (server("npx -y a@1.2.0"), server("npx -y a@1.3.0"), ("both", "medium", "version", "1.2.0  ->  1.3.0")),
    (
        server("npx -y a@1.2.0"),
        server("npx -y a@latest"),
        ("wider", "high", "version", "1.2.0  ->  latest  (pinned -> floating)"),
    ),
    (
        server("uvx a"),
        server("uvx a==1.0"),
        ("narrower", "low", "version", "no version  ->  1.0  (floating -> pinned)"),
    ),
    (server("npx a@1.0.0"), server("/x/npx a@1.0.0"), ("both", "high", "exec", "npx  ->  /x/npx")),
    (server("npx a@1.0.0"), server("bunx a@1.0.0"), ("both", "low", "command", "npx  ->  bunx")),
    (
        server("npx a@1.0.0"),
        server("npx --registry https://r a@1.0.0"),
        ("both", "high", "exec", "start options changed: --registry"),
    ),
    (server("node s.js"), server("node -r /x.js s.js"), ("both", "high", "exec", "start options changed")),
    (server("npx a@1.0.0"), server("npx -y a@1.0.0"), None),
    (server("npx -y a@1.0.0"), server("cmd /c npx -y a@1.0.0"), None),
    (server("npx a@1.0.0"), server("sudo npx a@1.0.0"), ("wider", "critical", "exec", "+ run as another user")),
    (server("sudo npx a@1.0.0"), server("npx a@1.0.0"), ("narrower", "low", "exec", "- run as another user")),
    (
        server("npx a@1.0.0"),
        server("mise x -- npx a@1.0.0"),
        ("both", "medium", "exec", "started by nothing  ->  mise"),
    ),
    (server("bash -c a;b"), server("bash -c a;c"), ("both", "critical", "exec", "text behind `bash -c`  changed")),
    (
        server("docker run i:1"),
        server("docker run --network host i:1"),
        ("wider", "critical", "exec", "+ --network host"),
    ),
    (server("docker run i:1"), server("docker run -u 0:0 i:1"), ("wider", "critical", "exec", "+ --user root")),
    (server("docker run -u 1000 i:1"), server("docker run -u 1001 i:1"), None),
    (
        server("a"),
        server("bash -c x;y"),
        [
            ("wider", "critical", "exec", "+ `bash -c`"),
            ("both", "high", "server", "command:a  ->  command:bash -c"),
        ],
    ),
    (
        server("bash -c x;y"),
        server("bash z"),
        [
            ("both", "high", "server", "command:bash -c  ->  command:bash z"),
            ("narrower", "low", "exec", "- `bash -c`"),
        ],
    ),
    (
        server(f"a-ghp_{KEY * 2}"),
        server(f"/x/a-ghp_{KEY * 2}"),
        [
            ("both", "high", "exec", "program file changed"),
            ("both", "high", "secret", "command  literal  ->  another literal"),
        ],
    ),
    (
        Entry("stdio", Value.parse("A=${env:X:-a b} node s.js")),
        Entry("stdio", Value.parse("A=${env:X:-c b} node s.js")),
        ("both", "low", "env", "A  changed"),
    ),
    (server("env A=$$x node s.js"), server("env A=$$y node s.js"), ("both", "low", "env", "A  changed")),
    (server("docker run --cap-add=ALL i:1"), server("docker run i:1"), ("narrower", "low", "exec", "- --cap-add ALL")),
    (server(f"{FS} --read-only"), server(), ("wider", "high", "command", "- --read-only")),
    (server(f"{FS} --allow-write"), server(), ("narrower", "low", "command", "- --allow-write")),
    (server(f"{FS} --level 1"), server(f"{FS} --level 2"), ("both", "medium", "command", "arguments changed")),
    # the rest
    (
        remote("https://x.com?read_only=true"),
        remote("https://x.com"),
        ("both", "high", "network", "url parameters changed: read_only"),
    ),
    (
        remote("https://x.com?a=1"),
        remote("https://x.com?a=2"),
        ("both", "medium", "network", "url parameters changed: a"),
    ),
    (
        remote(f"https://u:{KEY}@x.com"),
        remote(f"https://u:{KEY}x@x.com"),
        ("both", "high", "secret", "url  literal  ->  another literal"),
    ),
    (remote("https://x.com"), remote("https://x.com", X="1"), ("both", "low", "network", "+ header X")),
    (remote("https://x.com", Toolsets="1"), remote("https://x.com"), ("both", "high", "network", "- header Toolsets")),
    (server(enabled=False), server(), ("wider", "medium", "enabled", "disabled  ->  enabled")),
    (server(enabled=True), server(enabled=False), ("narrower", "low", "enabled", "enabled  ->  disabled")),
    (server(timeout=1), server(timeout=2), None),
    (server(cwd=Value.parse("/home/dev/a")), server(), ("both", "low", "command", "working folder ~/a  ->  none")),
    (
        server(oauth=OAuth(scopes=("a",))),
        server(oauth=OAuth(scopes=("a", "b"))),
        ("wider", "high", "approval", "+ scope b"),
    ),
    (
        server(oauth=OAuth(scopes=("a", "b"))),
        server(oauth=OAuth(scopes=("a",))),
        ("narrower", "low", "approval", "- scope b"),
    ),
    (server(oauth=OAuth(issuer="https://a.x")), server(), ("both", "high", "approval", "oauth issuer changed")),
    (server(oauth=OAuth(more={"id": "a"})), server(), None),
]


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES)
def test_one_change(before: Entry, after: Entry, expected: object) -> None:
    assert told(before, after) == (expected if isinstance(expected, list) else [expected] if expected else [])


def test_another_transport_is_another_server_too() -> None:
    assert told(server("mcp-remote https://x.com"), remote("https://x.com")) == [
        ("both", "medium", "transport", "stdio  ->  http")
    ]
    assert told(server("npx -y mcp-remote@1.0.0 https://x.com"), remote("https://x.com"))[0] == (
        *("both", "high", "server", "npm:mcp-remote  ->  no bridge"),
    )


def test_several_changes_come_gravest_first() -> None:
    after = server("npx -y a ~", env={"PATH": "/x", "LOG": "1"})
    found = privilege(server("npx -y a@1.0.0 ~/x"), after, home=HOME, os="linux", recognise=recognise_entry)
    assert [(one.severity, one.dimension) for one in found] == [
        *(("critical", "exec"), ("critical", "path"), ("high", "version"), ("low", "env")),
    ]
    assert overall(found) == "wider"
    assert overall(()) == "same"
    both = privilege(server("npx -y a@1.0.0 ~/x"), server("npx -y a"), home=HOME, os="linux", recognise=recognise_entry)
    assert overall(both) == "both"
