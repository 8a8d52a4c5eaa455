"""Where what was taken away lives on beside the files of hosts: one module for each place. Only looks.

Nothing is found by a name alone: it is the same package, address or command line, or a secret that only it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.commands import followed
from mcpconf.model.residue import PlaceAnswer, Residue
from mcpconf.ports import Machine
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.gone import NOTHING_TAKEN, Gone, Taken
from mcpconf.reconcile.ignoring import Ignoring
from mcpconf.reconcile.situation import Situation
from mcpconf.residue import (
    backups,
    comments,
    containers,
    devcontainers,
    engines,
    extensions,
    gateways,
    kept,
    keyrings,
    packages,
    pipelines,
    policies,
    processes,
    programs,
    state,
    unseen,
    variables,
)
from mcpconf.residue.looking import Leftover, Looked, Place, Surroundings

PLACES: Mapping[str, Place] = {
    "processes": Place("running processes", processes.look),
    "installed": Place("packages installed for all", packages.installed),
    "programs": Place("programs of servers", programs.look),
    "caches": Place("caches of packages", packages.cached),
    "variables": Place("variables of shells and sessions", variables.look, of_secrets=True),
    "state": Place("what servers keep of their own", state.look),
    "comments": Place("entries commented out", comments.look),
    "devcontainers": Place("dev containers of projects", devcontainers.look),
    "containers": Place("run configurations of ToolHive", containers.workloads),
    "engines": Place("containers and images of an engine", engines.look),
    "compose": Place("compose files of projects", containers.composed),
    "gateways": Place("servers of Docker's MCP gateway", gateways.look),
    "extensions": Place("extensions of desktop applications", extensions.look),
    "pipelines": Place("pipelines of projects", pipelines.look),
    "policies": Place("lists of an administrator", policies.look),
    "backups": Place("copies beside the files of hosts", backups.look),
    "kept": Place("what mcpconf keeps", kept.look),
    "keyring": Place("sign-ins in the system's keyring", keyrings.look),
    "keyrings": Place("other sign-ins in keyrings", keyrings.untold),
    "sessions": Place("open conversations", unseen.sessions),
    "providers": Place("providers", unseen.providers),
}
UNCOUNTED = frozenset({"kept"})
"""Places that a plan does not ask: they hold what a person may still want back, and empty themselves."""


def surroundings(
    machine: Machine, rows: Mapping[str, HostRow], situation: Situation, taken: Taken = NOTHING_TAKEN
) -> Surroundings:
    in_use = variables.in_use(situation, taken)
    files = frozenset(item.path for item in situation.policies)
    digest = partial(_digest, situation)
    others = state.kept(situation, taken.gone, machine.facts)
    started = programs.in_use(situation, taken.gone, machine)
    return Surroundings(machine, rows, situation.observed, digest, in_use, files, others, started)


def _digest(situation: Situation, words: Sequence[str]) -> str:
    return situation.field_digest([*words])


def linger(around: Surroundings, situation: Situation, draft: Draft, taken: Taken) -> tuple[PlaceAnswer, ...]:
    """Tell the draft what is left of all that is gone. Who asks for it is told of what the manifest lets be, too."""
    answers = []
    asked = situation.choices.tracing is not None
    ignoring = Ignoring(() if asked else situation.ignored, draft)
    for name, place in PLACES.items():
        wanted = (*taken.gone, *taken.secrets) if place.of_secrets else taken.gone
        if not wanted:
            continue
        looked = place.look(around, wanted)
        answers.append(_answer(name, place, looked))
        if name not in UNCOUNTED or asked:
            draft.residue += _residue(name, _counted(looked.found, ignoring))
            draft.lingering |= _doubtful(looked, wanted) if name not in UNCOUNTED else set()
    return tuple(answers)


def _answer(name: str, place: Place, looked: Looked) -> PlaceAnswer:
    reasons = [str(problem.where or "") + ": " * bool(problem.where) + problem.message for problem in looked.problems]
    if looked.found:
        answer = PlaceAnswer(place=name, title=place.title, answer="found", found=len(looked.found), reasons=reasons)
    elif looked.problems:
        answer = PlaceAnswer(place=name, title=place.title, answer="not_readable", reasons=reasons)
    elif looked.skipped:
        answer = PlaceAnswer(place=name, title=place.title, answer="not_looked_at", reasons=[looked.skipped])
    else:
        answer = PlaceAnswer(place=name, title=place.title, answer="clean")
    return answer


def _counted(found: Iterable[Leftover], ignoring: Ignoring) -> Iterator[Leftover]:
    for item in found:
        if ignoring.leaves(item.gone.address):
            ignoring.note(item.gone.address)
        else:
            yield item


def _residue(place: str, found: Iterable[Leftover]) -> Iterator[Residue]:
    for item in found:
        yield Residue(
            address=item.gone.address,
            server=item.gone.title,
            place=place,
            severity=item.severity,
            message=item.message,
            where=item.where,
            instruction=followed(item.instruction),
            revoked_by=item.gone.by,
            process=item.process,
        )


def _doubtful(looked: Looked, wanted: Sequence[Gone]) -> set[str]:
    """What cannot be taken for absent. A process that cannot be seen on any system like this one stops nothing."""
    unread = any(problem.where is not None for problem in looked.problems)
    left = wanted if unread else [item.gone for item in looked.found]
    return {item.mark for item in left} | looked.unsure
