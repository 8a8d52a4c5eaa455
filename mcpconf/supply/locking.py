"""Resolve the servers of a manifest into its lock. What the lock has, and still fits, is kept as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mcpconf.artifacts import Wish, artifacts, closure_digest, input_digest, kind_of
from mcpconf.artifacts.belonging import belongs
from mcpconf.artifacts.command import full_path
from mcpconf.documents.lock import render_lock
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.errors import ExitCode, McpconfError, Problem, Where, unusable
from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import Json
from mcpconf.model.lock import Attested, Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.model.surface import Surface
from mcpconf.permissions.versions import older
from mcpconf.secrets import redact
from mcpconf.supply.abreast import Tell, abreast, silent
from mcpconf.supply.checking import Checked, check
from mcpconf.system.sources import MAXIMUM_DOCUMENT_BYTES, replace_document, write_new
from mcpconf.workshop import Workshop

_LOCAL = frozenset({"command", "url"})
"""Kinds that are locked without the network."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to lock anew. `upgrade` names servers, all of them if it is empty; None keeps every version that still fits.

    For `cooldown` days after it was published no version is chosen, or longer if the policy of the manifest says so.
    `avoided` is as in `Wish`. `alone` is the only server to look at; if it cannot be locked, nothing is written.
    `attest` asks who vouches for a server, `describe` an address who gives out tokens for it; without them, what is known of
    that stays.
    """

    upgrade: tuple[str, ...] | None = None
    cooldown: int = 0
    avoided: Callable[[str, str, str], bool] = field(default=lambda _ecosystem, _name, _version: False)

    alone: str = ""
    attest: Callable[[LockedServer], Attested | Problem] | None = None
    describe: Callable[[LockedServer], Mapping[str, Json] | Problem] | None = None

    def renews(self, name: str) -> bool:
        return self.upgrade is not None and (not self.upgrade or name in self.upgrade)


@dataclass(frozen=True, slots=True)
class Locking:
    """`problems` are of servers that could not be locked: what the lock said of them before is still there, and stale.

    `unasked` are of those that are locked, and were to be asked what they show, and do not tell.
    """

    manifest: LoadedManifest
    file: str
    before: Lock | None
    after: Lock
    problems: Mapping[str, Problem]
    written: bool
    unasked: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        problems = (*self.problems.values(), *self.unasked.values())
        if any(problem.kind == "hash" for problem in problems):
            return ExitCode.BLOCKED
        return ExitCode.INCOMPLETE if problems else ExitCode.SUCCESS


def lock(path: str, workshop: Workshop, asked: Asked, tell: Tell = silent) -> Locking:
    """Writes the lock if it is another one than before, also when a part failed: the next run goes on from there."""
    checked = check(path, workshop.machine.documents)
    known_names(checked, asked.upgrade or ())
    known = (checked.lock or Lock()).servers
    wishes = [*_wishes(checked.manifest, known, asked, _before(checked.manifest, asked, workshop))]
    resolved = abreast(lambda wish: _resolve(wish, workshop), wishes, workshop, tell)
    answers = dict(zip((wish.name for wish in wishes), resolved, strict=True))
    problems = {
        name: replace(answer, where=checked.manifest.where("servers", name))
        for name, answer in answers.items()
        if isinstance(answer, Problem)
    }
    fresh = {name: answer for name, answer in answers.items() if isinstance(answer, LockedServer)}
    wanted = checked.manifest.manifest.servers
    after = Lock(servers={name: item for name, item in {**known, **fresh}.items() if name in wanted})
    after = _attested(after, asked, checked.manifest, problems, workshop)
    after = _described(after, asked, checked.manifest, problems, workshop)
    nothing = bool(asked.alone and problems)
    written = not nothing and write_lock(checked, after)
    return Locking(checked.manifest, checked.file, checked.lock, after, problems, written)


def _before(loaded: LoadedManifest, asked: Asked, workshop: Workshop) -> str:
    return days_ago(workshop.machine.clock.now(), max(asked.cooldown, loaded.manifest.policy.cooldown))


def days_ago(now: str, days: int) -> str:
    """RFC 3339; "" for no days at all."""
    return (datetime.fromisoformat(now) - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%SZ") if days else ""


def known_names(checked: Checked, names: Sequence[str]) -> None:
    """Raises McpconfError (64) for a name that the manifest does not have."""
    for name in names:
        if name not in checked.manifest.manifest.servers:
            problem = Problem(
                "usage", f"`{name}` is no server of the manifest", Where(checked.manifest.file), "name one of it"
            )
            raise McpconfError(ExitCode.USAGE, problem)


def _wishes(loaded: LoadedManifest, known: Mapping[str, LockedServer], asked: Asked, before: str) -> Iterator[Wish]:
    for name, server in sorted(loaded.manifest.servers.items()):
        item = known.get(name)
        if asked.alone and name != asked.alone:
            continue
        renewed = asked.renews(name)
        if item is None or renewed or belongs(item, server):
            yield Wish(name, server, item, renewed, before, asked.avoided)


def _resolve(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    kind = kind_of(wish.server)
    if wish.server.version == UNPINNED:
        return LockedServer(input_digest=input_digest(wish.server), package=str(wish.server.package))
    if _names_no_file(wish.server, workshop):
        return LockedServer(input_digest=input_digest(wish.server))
    if workshop.offline and kind not in _LOCAL:
        message = f"`{wish.name}` is not locked, and `--offline` asks no registry for {wish.server.package}"
        return Problem("missing", message, None, "run `mcpconf lock` where there is a network")
    answer = artifacts(kind).lock(wish, workshop)
    if isinstance(answer, Problem):
        message = redact(f"`{wish.name}` cannot be locked: {answer.message}")  # a client may have said it
        return replace(answer, message=message, hint=redact(answer.hint))
    if _goes_back(wish, answer):
        assert wish.known is not None
        return wish.known
    provenance, surface = _provenance(wish.known, answer), _surface(wish, answer)
    update = {"input_digest": input_digest(wish.server), "provenance": provenance, "surface": surface}
    return answer.model_copy(update=update)


def _surface(wish: Wish, answer: LockedServer) -> Surface | None:
    """What was shown stays true as long as the bytes are the same, and it would be asked for in the same way."""
    known = wish.known
    if known is None or belongs(known, wish.server) or known.endpoint != answer.endpoint:
        return None
    return known.surface if closure_digest(known) == closure_digest(answer) else None


def _provenance(known: LockedServer | None, answer: LockedServer) -> Attested:
    """Bytes that were there keep what is known of them; of others of the same package it is known who should vouch for them."""
    if known is None or known.package != answer.package:
        return answer.provenance
    if known.artifacts == answer.artifacts:
        return known.provenance
    return Attested(identity=known.provenance.identity)


def _attested(
    lock: Lock, asked: Asked, loaded: LoadedManifest, problems: dict[str, Problem], workshop: Workshop
) -> Lock:
    """The lock with what is attested of each server now. Whoever vouched before is still expected where nobody does."""
    if asked.attest is None:
        return lock
    answers = dict(zip(lock.servers, abreast(asked.attest, [*lock.servers.values()], workshop), strict=True))
    servers = dict(lock.servers)
    for name, answer in answers.items():
        if isinstance(answer, Problem):
            message = f"who vouches for `{name}` cannot be asked: {answer.message}"
            problems.setdefault(name, replace(answer, message=message, where=loaded.where("servers", name)))
            continue
        identity = answer.identity or servers[name].provenance.identity
        provenance = answer.model_copy(update={"identity": identity})
        servers[name] = servers[name].model_copy(update={"provenance": provenance})
    return Lock(servers=servers)


def _described(
    lock: Lock, asked: Asked, loaded: LoadedManifest, problems: dict[str, Problem], workshop: Workshop
) -> Lock:
    """The lock with what addresses tell of themselves now."""
    remote = {name: item for name, item in lock.servers.items() if item.endpoint}
    if asked.describe is None or not remote:
        return lock
    servers = dict(lock.servers)
    answers = abreast(asked.describe, [*remote.values()], workshop)
    for name, answer in zip(remote, answers, strict=True):
        if isinstance(answer, Problem):
            message = f"`{name}` cannot be asked who gives out tokens for it: {answer.message}"
            problems.setdefault(name, replace(answer, message=message, where=loaded.where("servers", name)))
        else:
            servers[name] = servers[name].model_copy(update={"endpoint": dict(answer)})
    return Lock(servers=servers)


def write_lock(before: Checked, after: Lock) -> bool:
    """Raises McpconfError, also if the lock is not any more as it was read: others change it while registries are asked."""
    new = render_lock(after)
    if len(new) > MAXIMUM_DOCUMENT_BYTES:
        hint = "divide the manifest; what servers show takes most of it"
        raise unusable("the lock would be larger than 16 MB, which is not read again", Where(before.file), hint)
    if before.data is None:
        write_new(before.file, new.decode())
    elif before.data != new:
        replace_document(before.file, before.data, new)
    return before.data != new


def _goes_back(wish: Wish, answer: LockedServer) -> bool:
    """Whether an upgrade would take an older version than there is, for want of one that is old enough."""
    known, package = wish.known, wish.server.package
    if known is None or package is None or not wish.upgrade or known.input_digest != input_digest(wish.server):
        return False
    bad = wish.avoided(package.ecosystem, package.name, known.version)
    return not bad and known.package == answer.package and older(package, answer.version, known.version)


def _names_no_file(server: Server, workshop: Workshop) -> bool:
    """Whether a server is a word that each machine looks up by itself: there are no bytes to write down for all."""
    named = full_path(server.command[0], workshop.machine.facts) if kind_of(server) == "command" else ""
    return isinstance(named, Problem) and not server.hash
