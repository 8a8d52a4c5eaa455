"""The facts of a machine that a folder stands for."""

import pytest

from mcpconf.documents.machine import MachineFacts, load_machine
from mcpconf.errors import McpconfError


def tell(text):
    with pytest.raises(McpconfError) as caught:
        load_machine(text, "machine.yaml")
    return [f"{p.where} {p.kind}: {p.message}" + (f" ({p.hint})" if p.hint else "") for p in caught.value.problems]


def test_everything():
    text = """\
os: windows
home: C:/Users/dev
user: dev
labels: [data, "1"]
env: {APPDATA: C:\\Users\\dev\\AppData, EMPTY: "", DEBUG: no}
modes: {/home/dev/.cursor/mcp.json: 0600, /x: 755}
owners: {/x: root}
processes: [{pid: 41, argv: [node, x.js], started: "2026-01-02T08:00:00Z", variables: [TOKEN], listens: ["127.0.0.1:80"]}]
engines: {docker: {containers: [{name: a, image: b, state: exited, volumes: [c]}], images: [{id: d, name: e}]}, podman: {answers: false}}
variables: {session: [TOKEN], machine: [OTHER]}
"""
    assert load_machine(text, "machine.yaml") == MachineFacts(
        os="windows",
        home="C:/Users/dev",
        user="dev",
        labels=("data", "1"),
        env={"APPDATA": "C:\\Users\\dev\\AppData", "EMPTY": "", "DEBUG": "no"},
        modes={"/home/dev/.cursor/mcp.json": "0600", "/x": "755"},
        owners={"/x": "root"},
        processes=(
            {
                "pid": "41",
                "argv": ("node", "x.js"),
                "started": "2026-01-02T08:00:00Z",
                "variables": ("TOKEN",),
                "listens": ("127.0.0.1:80",),
            },
        ),
        engines={
            "docker": {
                "containers": ({"name": "a", "image": "b", "state": "exited", "volumes": ("c",)},),
                "images": ({"id": "d", "name": "e"},),
            },
            "podman": {"answers": "false"},
        },
        variables={"session": ("TOKEN",), "machine": ("OTHER",)},
    )


def test_sections_may_be_empty():
    facts = load_machine(b"os: linux\nhome: /home/dev\nuser: dev\nlabels:\nenv:\n", "machine.yaml")
    assert (facts.labels, facts.env) == ((), {})


PROBLEMS = {
    "": [f"machine.yaml:1:1 invalid: the document has no `{key}`" for key in ("os", "home", "user")],
    "[]": ["machine.yaml:1:1 invalid: the document must be a map, not a list"],
    "os: beos\nhome: /a\nuser: dev": [
        "machine.yaml:1:1 invalid: `os` must be `linux`, `macos` or `windows`, not `beos`"
    ],
    "os: linux\nhome: ~\nuser: dev": [
        "machine.yaml:2:1 invalid: `home` must be an absolute path such as `/home/dev` (write `/` between folders)"
    ],
    "os: windows\nhome: C:\\dev\nuser: dev": [
        "machine.yaml:2:1 invalid: `home` must be an absolute path such as `C:/Users/dev` (write `/` between folders)"
    ],
    "os: linux\nhome: /a\nuser: dev\nmodes: {/x: 0888}\nenv: {A: [b]}\nlables: []": [
        "machine.yaml:4:9 invalid: `modes./x` must be a file mode such as `0600`, not `0888`",
        "machine.yaml:5:7 invalid: `env.A` must be text, not a list",
        "machine.yaml:6:1 invalid: `lables` is no known key (did you mean `labels`?)",
    ],
    "os: linux\nhome: /a\nuser: dev\nprocesses: [{pid: 0, argv: [], started: today}]": [
        "machine.yaml:4:14 invalid: `processes[0].pid` must be the number of a process, not `0`",
        "machine.yaml:4:32 invalid: `processes[0].started` must be a moment such as `2026-11-20T18:31:02Z`, not `today`",
    ],
}


@pytest.mark.parametrize("text", PROBLEMS)
def test_problems(text):
    assert tell(text) == PROBLEMS[text]
