"""The pages of the manual that are made from the program, and the examples in all of them.

`python -m tests.manual` writes both anew; read the difference before committing it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import typer

from mcpconf.cli.app import app
from mcpconf.hosts.tools import sayable
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import SCOPES
from mcpconf.model.entry import Entry
from mcpconf.report.explain import FAMILIES, explained
from mcpconf.rules import RULES
from mcpconf.rules.threats import OWASP, THREATS
from mcpconf.system.sources import bundled_rows

CONFIRMED = Path(__file__).resolve().parent / "hosts" / "confirmed.json"
PAGES = Path(__file__).resolve().parents[1] / "mcpconf" / "docs"


def generated() -> dict[str, str]:
    """Each page that nobody writes by hand, by name."""
    made = {"commands": _commands, "rules": _rules, "threats": _threats, "words": _words, "hosts": _hosts}
    return {name: "\n".join(lines()) + "\n" for name, lines in made.items()}


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "Every command and option, as `mcpconf COMMAND --help` says it."
    yield "What the numbers mean that commands end with: [exit codes](exit-codes.md)."
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        context = command.make_context(name, [], resilient_parsing=True)
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"\n## mcpconf {name}\n"
        yield f"```text\nmcpconf {name} {usage}\n```\n"
        yield command.help.strip() + "\n"
        for parameter in command.get_params(context):
            option, told = parameter.get_help_record(context)
            if isinstance(parameter, typer.core.TyperArgument):
                option, told = parameter.metavar, parameter.help
            if option != "--help":
                yield f"- `{option}`: {' '.join(told.split())}"


def _rules() -> Iterator[str]:
    yield "# Rules\n"
    yield "What mcpconf objects to, why, and what to do about it. `mcpconf explain MCP204` prints one of them."
    for item in explained(None):
        if item.family == "rule":
            lines = dict(item.lines)
            yield f"\n## {item.code}: {item.title}\n"
            yield lines["what"] + "\n"
            names = {
                "why": "Why",
                "threat": "Threat",
                "owasp": "OWASP MCP Top 10",
                "example": "Example",
                "severity": "Severity",
                "do": "Do",
                "waive": "Waive",
            }
            yield from (
                f"- {title}: {_code(lines[key]) if key == 'example' else lines[key]}"
                for key, title in names.items()
                if lines.get(key)
            )


def _threats() -> Iterator[str]:
    yield "# Threats\n"
    yield "What is held against what for each threat that the literature names, which rules speak of it, and what mcpconf cannot see."
    yield "The threats are those of Hou et al., *Model Context Protocol (MCP): Landscape, Security Threats, and Future Research"
    yield "Directions* (arXiv 2503.23278): sixteen in its third version, numbered here, and nine"
    yield "in its first.\n"
    yield "mcpconf manages configuration: it looks at files, locks, surfaces and processes, before a server runs and beside it. It sees"
    yield "no call of a tool, no answer and no conversation, and it reads no code. What follows from that is said at each threat."
    yield "What each rule does is on the page of [rules](rules.md).\n"
    yield "| | threat | in the first version | rules |\n|---|---|---|---|"
    for word, threat in THREATS.items():
        rules = ", ".join(rule.id for rule in RULES.values() if word in rule.threats)
        yield f"| {threat.number or ''} | {word} | {'yes' if threat.first else ''} | {rules} |"
    for word, threat in THREATS.items():
        yield f"\n## {f'{threat.number}. ' if threat.number else ''}{word[0].upper()}{word[1:]}\n"
        yield f"- In the third version: {threat.title or 'not there'}."
        yield f"- Held against each other: {threat.held}"
        yield f"- Not seen: {threat.unseen}\n"
        yield "| rule | severity | OWASP | evidence |\n|---|---|---|---|"
        for rule in RULES.values():
            if word in rule.threats:
                yield f"| {rule.id}: {_cell(rule.title)} | {rule.severity} | {rule.owasp} | {_cell(rule.what)} |"
    yield "\n## OWASP MCP Top 10\n"
    yield "By the list of 2026-04, a beta; its ids look like ids of rules and are none.\n"
    yield "| id | risk | rules |\n|---|---|---|"
    for code, title in OWASP.items():
        rules = ", ".join(rule.id for rule in RULES.values() if rule.owasp == code)
        yield f"| {code} | {title} | {rules or 'none: nothing of it is in a configuration'} |"


def _code(text: str) -> str:
    return text if "`" in text else f"`{text}`"


def _words() -> Iterator[str]:
    yield "# Words of a plan\n"
    yield "Every word that a plan uses for what it does, why, and what is in the way."
    yield "`mcpconf explain WORD` prints one of them; for the lines and symbols around them see [reading a plan](reading-a-plan.md)."
    every = explained(None)
    for family in FAMILIES:
        if family == "rule":
            continue
        yield f"\n## {family[0].upper()}{family[1:]}\n"
        yield "| word | means | do |\n|---|---|---|"
        for item in every:
            if item.family == family:
                lines = dict(item.lines)
                what = f"{item.title}. {lines['what']}"
                yield f"| `{item.code}` | {_cell(what)} | {_cell(lines['do'])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _hosts() -> Iterator[str]:
    yield "# Hosts\n"
    yield "The hosts that mcpconf knows: where their files are, what it reads and writes there, and what it does not look at."
    yield "`mcpconf hosts` tells which of them this machine has."
    yield from _overview()
    for row in bundled_rows().values():
        yield f"\n## {row.title} (`{row.id}`)\n"
        yield f"Facts from <{row.docs}>, checked {row.checked}. On a machine if one of these is there: {_paths(row.present)}.\n"
        yield "| file | scope | holds | path |\n|---|---|---|---|"
        yield from (_file(row, name) for name in row.files)
        yield ""
        yield from (f"- {line}" for line in _facts(row))


def _overview() -> Iterator[str]:
    yield "\n## At a glance\n"
    yield "Scopes in brackets are read and never written. Tools: which parts of `permissions.tools` the host keeps itself; of the"
    yield "others the plan says that they are declared and not enforced. Where a host keeps `except` and not `call`, it is given the"
    yield "other tools that the lock has of the server, under `except`: one that the server adds is not kept from being called until"
    yield "it is in the lock, so that this is not what `require: [enforced-tools]` asks for. Grants: what of approvals is read: tools that act without"
    yield "asking always (`auto`) or under a condition (`some`), servers of a project that are approved (`approve`), folders that"
    yield "are trusted (`trust`), tokens (`token`), and lists by which a server is kept off (`off`, `only`). Confirmed by: the version"
    yield "of the host itself that was asked what it sees of what mcpconf wrote, the day, and what of its answer was compared;"
    yield "all other facts are from the places that each host names below.\n"
    yield "| host | scopes | transports | tools | grants | confirmed by |\n|---|---|---|---|---|---|"
    for row in bundled_rows().values():
        cells = (row.title, _scopes(row), ", ".join(_transports(row)), _tools(row), _grants(row), _confirmed(row))
        yield f"| {' | '.join(cells)} |"


def _scopes(row: HostRow) -> str:
    found: dict[str, bool] = {}
    for place in row.places:
        for file in (row.files[name] for name in place.files):
            scope = place.scope or file.scope
            found[scope] = found.get(scope, False) or file.write
    return ", ".join(scope if found[scope] else f"({scope})" for scope in SCOPES if scope in found)


def _tools(row: HostRow) -> str:
    told = sayable(row, Entry("stdio", call=("a", "b"), without=("b",), auto=("a",)))
    kept = {"call": "call" not in told.unenforced, "except": "except" not in told.unenforced, "auto": not told.unsaid}
    return ", ".join(word for word, said in kept.items() if said) or "-"


def _grants(row: HostRow) -> str:
    words = {word for rule in row.rules for word in rule.effect.values()}
    told = ("auto", "some", "approve", "trust", "token", "on", "off", "only")
    return ", ".join(word for word in told if word in words) or "-"


def _confirmed(row: HostRow) -> str:
    told = json.loads(CONFIRMED.read_text("utf-8")).get(row.id)
    return f"{told['version']}, {told['date']}: {', '.join(told['compared'])}" if told else "-"


def _paths(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def _file(row: HostRow, name: str) -> str:
    file = row.files[name]
    servers = any(name in place.files for place in row.places)
    approvals = any(name in rule.files for rule in row.rules)
    holds = (
        " and ".join(word for word, there in (("servers", servers), ("approvals", approvals)) if there)
        or "other settings"
    )
    paths = {path: [system for system, own in file.path.items() if own == path] for path in file.path.values()}
    said = "; ".join(
        f"`{path}`" + (f" ({', '.join(systems)})" if len(systems) < len(_SYSTEMS) else "")
        for path, systems in paths.items()
    )
    if file.listed is not None:
        keys = " and ".join(f"`{key}`" for key in file.listed.at[0])
        said = f"what {keys} of {', '.join(file.listed.files)} name"
    return f"| {name} | {file.scope} | {holds}{'' if file.write else ', read only'} | {said} |"


_SYSTEMS = ("linux", "macos", "windows")


def _facts(row: HostRow) -> Iterator[str]:
    merge = {
        "entry": "the strongest entry counts alone",
        "keys": "their keys are merged, the strongest first",
        "both": "both run",
    }
    yield f"One name in two files: {merge[row.merge]}."
    yield f"Transports it can say: {', '.join(_transports(row))}."
    yield f"A secret is written as {_form(row)}."
    if places := _version_places(row):
        yield f"Its version is read from {places}."
    if row.not_read:
        yield f"Not read: {'; '.join(row.not_read)}."
    for policy in row.policies:
        where = ", ".join(f"`{path}`" for path in dict.fromkeys(policy.path.values()))
        yield f"Policy `{policy.id}` ({where}): the host {policy.tells}. Not held: {'; '.join(policy.lacks)}."


def _transports(row: HostRow) -> list[str]:
    return [word for word in ("stdio", "http", "sse") if word in row.dialect.words]


def _version_places(row: HostRow) -> str:
    told = [f"the npm package `{row.version.npm}` where that is installed for all"] if row.version.npm else []
    told += [f"`{path}`" for path in dict.fromkeys(row.version.file.values())]
    return " or ".join(told)


def _form(row: HostRow) -> str:
    refs, dialect = row.references, row.dialect
    forms = [f'`{dialect.bearer} = "NAME"` (a bearer token)' if dialect.bearer else ""]
    forms += [
        f"`{key} = ...NAME...` ({what})"
        for key, what in ((dialect.header_names, "a header"), (dialect.env_names, "a variable"))
        if key
    ]
    forms += [f"`{refs.secret or refs.env}`" if refs.secret or refs.env else ""]
    return ", ".join(filter(None, forms)) or "nothing: it has no form for one, and such a server is left out by name"


if __name__ == "__main__":
    from tests.transcripts import rerun

    for name, text in generated().items():
        (PAGES / f"{name}.md").write_text(text)
    for page in sorted(PAGES.glob("*.md")):
        old = page.read_text()
        new = rerun(old)
        if new != old:
            page.write_text(new)
            print(f"{page.name} is new")
