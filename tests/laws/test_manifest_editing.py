"""Laws of adding servers to a manifest and removing them: no comment of anybody is lost, and every byte comes back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.documents.editing import Draft, with_server, without_server
from mcpconf.documents.manifest import load_manifest
from mcpconf.documents.releasing import entangled, give_back, give_back_on, hosts_with

HOSTS = ("claude-code", "cursor", "vscode")
SERVERS = {
    "a": {"url": "https://a.example/mcp"},
    "b": {"command": ["b", "--x"]},
    "1": {"package": "npm:c", "version": "1.0.0"},
}
ADDED = st.sampled_from(
    [
        {
            "package": "npm:@x/new",
            "version": "1.10.0",
            "args": ["--yes", "no"],
            "env": {"A": "1", "T": {"secret": "T"}},
        },
        {"url": "https://new.example/mcp", "headers": {"Authorization": {"secret": "T", "prefix": "Bearer "}}},
        {"command": ["/opt/new", "# no comment"], "reason": "it's: new", "timeout": "60"},
    ]
)


class Pen:
    """Writes a manifest in lines or brackets, with comments wherever YAML lets them stand."""

    def __init__(self, draw) -> None:
        self.draw = draw
        self.comments: list[tuple[str, str]] = []
        self.eol = draw(st.sampled_from(["\n", "\r\n"]))
        self.unit = draw(st.sampled_from(["  ", "    "]))
        self.dash = draw(st.sampled_from(["", "  "]))

    def comment(self, owner: str) -> str:
        if self.draw(st.booleans()):
            return ""
        self.comments.append((f"# {len(self.comments)}.", owner))
        return self.comments[-1][0]

    def own(self, indent: str, owner: str = "") -> list[str]:
        comment = self.comment(owner)
        return [indent + comment] if comment else []

    def beside(self, owner: str) -> str:
        comment = self.comment(owner)
        return f"  {comment}" if comment else ""

    def names(self, head: str, names, indent: str) -> list[str]:
        if self.draw(st.booleans()) or not names:
            return [f"{head} [{', '.join(names)}]{self.beside(names[-1] if names else '')}"]
        lines = [head + self.beside("")]
        for name in names:
            lines += [*self.own(indent + self.dash), f"{indent}{self.dash}- {name}{self.beside(name)}"]
        return lines

    def server(self, name: str) -> list[str]:
        fields = SERVERS[name]
        if self.draw(st.booleans()):
            inner = ", ".join(f"{key}: {flow(value)}" for key, value in fields.items())
            return [f"{self.unit}{name}: {{{inner}}}{self.beside(name)}"]
        lines = [f"{self.unit}{name}:{self.beside(name)}"]
        for key, value in fields.items():
            lines += [f"{self.unit * 2}{key}: {flow(value)}{self.beside(name)}"]
        return lines

    def manifest(self) -> bytes:
        names = self.draw(st.lists(st.sampled_from(sorted(SERVERS)), unique=True))
        listed = st.lists(st.sampled_from(names), unique=True) if names else st.just([])
        lines = [*self.own(""), "mcpconf: 1", *self.own("")]
        if names or self.draw(st.booleans()):
            lines.append("servers:" + ("" if names else self.draw(st.sampled_from(["", " {}"]))) + self.beside(""))
            for name in names:
                lines += [*self.own(self.unit), *self.server(name), *self.draw(st.sampled_from([[], [""]]))]
        lines += [*self.own(""), "hosts:", *self.own(self.unit), f"{self.unit}claude-code: {{}}"]
        lines += self.names(f"{self.unit}cursor:{self.eol}{self.unit * 2}servers:", self.draw(listed), self.unit * 2)
        lines += ["projects:", f"{self.unit}- path: ~/x{self.beside('')}"]
        lines += self.names(f"{self.unit}  servers:", self.draw(listed), f"{self.unit}  ")
        lines += ["groups:", f"{self.unit}g:", f"{self.unit * 2}when: {{labels: [x]}}", f"{self.unit * 2}drop:"]
        lines += [*self.names(f"{self.unit * 3}servers:", self.draw(listed), self.unit * 3), *self.own("")]
        return (self.eol.join(lines) + self.draw(st.sampled_from(["", self.eol]))).encode()


def flow(value) -> str:
    return f"[{', '.join(value)}]" if isinstance(value, list) else f'"{value}"'


@st.composite
def manifests(draw):
    pen = Pen(draw)
    return pen.manifest(), pen.comments


def servers(data: bytes) -> set[str]:
    return set(load_manifest(data, "m", HOSTS).manifest.servers)


@settings(max_examples=80)
@given(manifests(), ADDED, st.lists(st.sampled_from(HOSTS[:2]), unique=True))
def test_what_is_added_is_removed_without_a_trace_and_no_comment_is_lost(written, server, hosts) -> None:
    data, comments = written
    added = with_server(data, "m", "new", server, hosts).text
    assert servers(added.encode()) == servers(data) | {"new"}
    assert all(comment in added for comment, _ in comments)
    back = without_server(added.encode(), "m", "new").text
    assert servers(back.encode()) == servers(data)
    if servers(data) or b"servers: {}" in data:
        assert back.encode() == data


@settings(max_examples=80)
@given(manifests(), st.data())
def test_a_removal_takes_every_mention_and_only_the_comments_beside_them(written, data) -> None:
    text, comments = written
    names = sorted(servers(text))
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    revision = without_server(text, "m", name)
    loaded = load_manifest(revision.text, "m", HOSTS).manifest
    assert name not in loaded.servers
    before = load_manifest(text, "m", HOSTS).manifest
    assert {key: value for key, value in before.servers.items() if key != name} == loaded.servers
    assert loaded.hosts["cursor"].servers == tuple(item for item in before.hosts["cursor"].servers if item != name)
    assert all(comment in revision.text for comment, owner in comments if owner != name)


@settings(max_examples=60)
@given(manifests(), st.data())
def test_what_is_given_back_is_asked_for_nowhere_and_no_comment_is_lost(written, data) -> None:
    text, comments = written
    before = load_manifest(text, "m", HOSTS).manifest
    if not before.servers:
        return
    name = data.draw(st.sampled_from(sorted(before.servers)))
    hosts = tuple(data.draw(st.sets(st.sampled_from(sorted(hosts_with(before, name) or {"cursor"})))))
    if hosts and list(entangled(before, name, hosts)):
        return
    draft = Draft(text, "m")
    if hosts:
        give_back_on(draft, before, name, hosts, "x")
    else:
        give_back(draft, before, name, "x")
    after = load_manifest(draft.text, "m", HOSTS).manifest
    assert [(item.server, item.hosts) for item in after.released] == [(name, hosts or None)]
    assert name not in after.servers if not hosts else hosts_with(after, name) == hosts_with(before, name) - set(hosts)
    for other in before.servers.keys() - {name}:
        assert hosts_with(after, other) == hosts_with(before, other)
    assert all(comment in draft.text for comment, owner in comments if owner != name)
