"""Look at everything that mcpconf depends on here, and tell what is not in order. Writes nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from mcpconf.advisories import OLD_DAYS
from mcpconf.artifacts.own import dumps_folder
from mcpconf.doctor.state import look_at_state
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.hosts.places import locations, variables
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.check import Check
from mcpconf.model.commands import command, followed
from mcpconf.model.observed import Observed
from mcpconf.observe import observe
from mcpconf.ports import TEMPORARY, Facts, Machine
from mcpconf.report.advisories import index_text
from mcpconf.report.style import listing, plural
from mcpconf.resolve.groups import of_machine
from mcpconf.resolve.projects import located
from mcpconf.version import __version__

AGAIN = "doctor"


def examine(machine: Machine, rows: Mapping[str, HostRow], source: LoadedManifest | McpconfError) -> tuple[Check, ...]:
    """`source` is the manifest, or why it could not be read."""
    folders, problems = _projects(machine, rows, source)
    observed = observe(machine, rows, folders)
    checks = (
        *_program(machine),
        *_manifest(source),
        *(Check.of("projects", problem) for problem in problems),
        *_hosts(rows, observed),
        *_variables(machine.facts, rows),
        *look_at_state(Store.of(machine)),
        *_advisories(machine),
        *_left_over(machine, observed),
    )
    return tuple(replace(item, hint=followed(item.hint, AGAIN)) if item.status != "ok" else item for item in checks)


def exit_code(checks: tuple[Check, ...]) -> int:
    return ExitCode.INCOMPLETE if any(item.status == "unknown" for item in checks) else ExitCode.SUCCESS


def _projects(
    machine: Machine, rows: Mapping[str, HostRow], source: LoadedManifest | McpconfError
) -> tuple[list[str], tuple[Problem, ...]]:
    if isinstance(source, McpconfError):
        return [], ()
    found = located(of_machine(source.manifest, machine.facts).manifest, rows, machine.facts, machine.files)
    return [project.path for project in found.manifest.projects], found.problems


def _program(machine: Machine) -> Iterator[Check]:
    facts = machine.facts
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check("ok", "program", f"mcpconf {__version__} on Python {python}")
    labels = f", labels {', '.join(facts.labels)}" if facts.labels else ""
    yield Check("ok", "machine", f"{facts.user} on {facts.os}, home {facts.home}{labels}")
    version = machine.history.version()
    if version:
        yield Check("ok", "git", version)
    else:
        message = "git does not run here, so that commits and ignored files are not known"
        yield Check("warning", "git", message, "install git")


def _manifest(source: LoadedManifest | McpconfError) -> Iterator[Check]:
    if isinstance(source, LoadedManifest):
        manifest = source.manifest
        parts = ((manifest.servers, "server"), (manifest.hosts, "host"), (manifest.projects, "project"))
        message = listing([plural(len(part), word) for part, word in parts])
        yield Check("ok", "manifest", message, where=Where(source.file))
        return
    for problem in source.problems:
        if problem.kind == "missing":
            yield Check("note", "manifest", problem.message, problem.hint, problem.where)
        else:
            yield Check.of("manifest", replace(problem, hint=followed(problem.hint, "validate")))


def _hosts(rows: Mapping[str, HostRow], observed: Observed) -> Iterator[Check]:
    absent = [host.host for host in observed.hosts if not host.installed]
    for host in observed.hosts:
        files = [file for file in observed.files if file.location.host == host.host and file.present]
        title = rows[host.host].title
        if host.installed:
            yield Check("ok", "host", f"{title}: {plural(len(files), 'file')}")
        for file in files:
            if file.problem is not None:
                where = file.problem.where or Where(file.location.path)
                yield Check.of("host", replace(file.problem, message=f"{title}: {file.problem.message}", where=where))
    if absent:
        yield Check("ok", "host", f"not installed: {', '.join(rows[name].title for name in absent)}")
    yield from (Check.of("host", problem) for problem in observed.problems)


def _variables(facts: Facts, rows: Mapping[str, HostRow]) -> Iterator[Check]:
    """Variables of this environment without which a host's files would be looked for elsewhere."""
    for name in sorted(facts.env):
        without = replace(facts, env={other: value for other, value in facts.env.items() if other != name})
        moved = [row for row in rows.values() if name in variables(row) and _paths(row, facts) != _paths(row, without)]
        if moved:
            hint = f"set it wherever mcpconf runs, or nowhere; {command('hosts')} lists the files"
            yield Check("note", "environment", f"`{name}` moves {', '.join(row.title for row in moved)}", hint)


def _paths(row: HostRow, facts: Facts) -> set[str]:
    return {location.path for location in locations(row, facts, (), lambda _folder: ())}


def _advisories(machine: Machine) -> Iterator[Check]:
    """What is known of packages, and how old that is."""
    found = machine.advisories.about()
    if found is None:
        hint = f"{command('vulndb', 'update')} gets them"
        yield Check("note", "vulndb", "there are no advisories here: what is vulnerable is unknown", hint)
        return
    if isinstance(found, Problem):
        yield Check.of("vulndb", found)
        return
    got = found.source == dumps_folder(machine.facts)
    where = Where(found.source)
    again = command("vulndb", "update") if got else command("vulndb", "build", found.source)
    age = _days_since(found.newest, machine.clock.now())
    if not machine.advisories.current():
        message, hint = "the advisories have changed since they were read", f"{again} reads them anew"
        yield Check("warning", "vulndb", message, hint, where)
    elif age is None or age > OLD_DAYS:
        message = index_text(found) + ("" if age is None else f": {plural(age, 'day')} old")
        yield Check(
            "warning", "vulndb", message, f"{again} gets them" if got else f"get newer ones, then {again}", where
        )
    else:
        yield Check("ok", "vulndb", index_text(found), where=where)


def _days_since(moment: str, now: str) -> int | None:
    """None if a moment is not told."""
    try:
        return (date.fromisoformat(now[:10]) - date.fromisoformat(moment[:10])).days
    except ValueError:
        return None


def _left_over(machine: Machine, observed: Observed) -> Iterator[Check]:
    """What a killed apply was about to rename into place; it may hold what the file holds."""
    folders = {file.location.path.rpartition("/")[0] for file in observed.files}
    for folder in sorted(folders):
        names = machine.files.names(folder)
        for name in names if not isinstance(names, Problem) else ():
            if TEMPORARY.fullmatch(name):
                message, hint = (
                    "left over from an apply that was killed",
                    f"remove it, unless {command('apply')} is running",
                )
                yield Check("warning", "left over", message, hint, Where(f"{folder}/{name}"))
