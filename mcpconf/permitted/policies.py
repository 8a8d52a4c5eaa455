"""What an administrator gives a host, or all of them, so that they start the servers of a manifest and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mcpconf import operations
from mcpconf.documents.checking import did_you_mean
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.finding import Finding
from mcpconf.model.registry import Listing
from mcpconf.ports import Machine
from mcpconf.reconcile.hiding import scrubber_of
from mcpconf.reconcile.managed import Approvals, PolicyFile, policy_files
from mcpconf.reconcile.rendering import rendering
from mcpconf.resolve.registered import NAMESPACE, registered
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber
from mcpconf.system.sources import bundled_rows


@dataclass(frozen=True, slots=True)
class Policies:
    """`skipped` are servers that the host itself cannot take. `leaking` names files that would hold a secret in clear."""

    row: HostRow
    user: str
    files: tuple[PolicyFile, ...]
    skipped: tuple[Finding, ...]
    leaking: tuple[str, ...]
    scrubber: Scrubber


def policies(machine: Machine, path: str, host: str, registry: str = "") -> Policies:
    """The policies of a host for machines of these facts; none of their files is looked at.

    Raises McpconfError: exit 1 for a manifest that cannot be read, or does not name the host; 64 for a host without any.
    """
    rows = bundled_rows()
    row = _with_policy(host, rows)
    loaded, supplied = operations.pin(operations.manifest(path, machine.documents), machine.documents, machine)
    rendered = rendering(loaded, machine.facts, rows, machine.clock.passed, supplied)
    if row not in rendered.hosts:
        message = f"the manifest puts nothing into {row.title} on this machine, so that there is nothing to keep it to"
        hint = f"name it under `hosts`, as `{host}: {{}}`"
        raise McpconfError(ExitCode.NO_PLAN, Problem("missing", message, Where(path), hint))
    entries = tuple(item.desired for item in rendered.entries if item.desired.address.host == host)
    files = policy_files(Approvals(row, machine.facts, entries, loaded.manifest.absent, registry))
    scrubber = scrubber_of(entry.entry for entry in entries)
    taken = {str(entry.address) for entry in entries}
    return Policies(
        row=row,
        user=machine.facts.user,
        files=files,
        skipped=tuple(
            item for item in rendered.skipped if item.address.partition("/")[0] == host and item.address not in taken
        ),
        leaking=tuple(file.path for file in files if scrubber.scrub(file.text) != file.text),
        scrubber=scrubber,
    )


@dataclass(frozen=True, slots=True)
class RegistryList:
    """`text` is what a registry answers; `unlisted` are problems: servers that it has no words for."""

    text: str
    unlisted: tuple[Problem, ...]


def registry_list(machine: Machine, path: str, namespace: str) -> RegistryList:
    """The approved servers as a registry lists them, for hosts that start only what one lists.

    Raises McpconfError: exit 1 for a manifest that cannot be read, 64 for a namespace, 3 where a secret would be published.
    """
    if not re.fullmatch(NAMESPACE, namespace):
        hint = "name a domain of yours the other way round, as `com.example`"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"`{namespace}` is no namespace of a registry", None, hint))
    loaded, _ = operations.pin(operations.manifest(path, machine.documents), machine.documents, machine)
    made = registered(loaded.manifest, namespace)
    for item in made.document["servers"]:
        Listing.model_validate(item)
    text = json.dumps(made.document, indent=2, ensure_ascii=False) + "\n"
    entries = [neutral(server) for server in loaded.manifest.servers.values()]
    if scrubber_of(entries).scrub(text) != text:
        message = "the list would publish a secret that stands in the manifest in clear"
        raise McpconfError(
            ExitCode.BLOCKED, Problem("permission", message, Where(path), "write `${secret:NAME}` instead")
        )
    unlisted = (
        Problem("permission", f"`{item.server}` is not listed: {item.why}", loaded.where("servers", item.server))
        for item in made.unlisted
    )
    return RegistryList(text, tuple(unlisted))


def _with_policy(host: str, rows: Mapping[str, HostRow]) -> HostRow:
    known = sorted(name for name, row in rows.items() if row.policies)
    if host in known:
        return rows[host]
    if host in rows:
        message = f"{rows[host].title} has no file by which an administrator keeps it to a list of servers"
    else:
        message = f"there is no host `{host}`"
    hint = did_you_mean(host, known) or f"one of {', '.join(f'`{name}`' for name in known)}"
    raise McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))


def refusals(found: Policies, *, wider: bool = False) -> Iterator[Problem]:
    """Why the policies must not be used. `wider`: what they let in beyond the manifest is taken."""
    for file in found.files:
        if file.unsafe:
            message = f"{found.row.title} would not read `{file.path}` as it looks: {file.unsafe}"
            yield Problem("permission", message, Where(file.path), "change the manifest, or write no policy")
        if file.path in found.leaking:
            message = "the policy would hold a secret in clear, and everybody may read it"
            yield Problem("permission", message, Where(file.path), "write `${secret:NAME}` in the manifest instead")
        yield from file.shut_out
        yield from () if wider else file.wider
    for finding in found.skipped:
        if finding.severity == "error":
            yield Problem("permission", finding.message, finding.where, finding.hint)


def notices(found: Policies, *, wider: bool = False) -> Iterator[Problem]:
    """What is different from what the manifest says, and lets nothing in."""
    for file in found.files:
        yield from file.wider if wider else ()
        for item in file.left_out:
            message = f"`{item.server}` is not on the list of `{file.path}`, so that it does not start: {item.why}"
            yield Problem("permission", message, item.where)
        if file.personal:
            names = ", ".join(f"`{name}`" for name in file.personal)
            message = f"only `{found.user}` can start {names} under `{file.path}`: the home is in the command line"
            yield Problem("permission", message)
    for finding in found.skipped:
        if finding.severity != "error":
            yield Problem("permission", finding.message, finding.where)
