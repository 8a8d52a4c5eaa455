"""Commands that start servers to ask them what they show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.locking import SECONDS, HeaderOption, NetworkOption, OfflineOption, TimeoutOption
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption, PagerOption, QuietOption

if TYPE_CHECKING:
    from mcpconf.errors import Problem
    from mcpconf.model.surface import Surface
    from mcpconf.ports import Machine
    from mcpconf.supply.probing import Probing
    from mcpconf.surface.shown import Shown
    from mcpconf.workshop import Workshop


def probe(
    servers: Annotated[
        list[str], typer.Argument(metavar="SERVER", help="Servers of the manifest; else all.", show_default=False)
    ] = [],  # noqa: B006 - typer copies it
    network: NetworkOption = False,
    header_env: HeaderOption = [],  # noqa: B006
    timeout: TimeoutOption = SECONDS,
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Start servers, and tell what they show of themselves.

    Only a server whose bytes are those of the lock is started: in an empty home, with made-up values in place of secrets and
    no variable of yours, inside bubblewrap where that works; where it does not, it is said. Lists tools, prompts, templates
    and instructions, as a client sees them that offers nothing, and what one sees that offers sampling, elicitation and roots;
    calls no tool. Compares with the lock: exits 0 if it is the same, 2 if it differs, 3 if bytes are not the locked ones, 8 if
    a server could not be asked. Takes the extra `probe`.
    """
    from mcpconf.cli.options import machine
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.probed import probed_data, render_probed
    from mcpconf.supply.checking import check
    from mcpconf.supply.probing import ask, exit_code, meant
    from mcpconf.system.workshop import workshop

    here = machine(None, quiet=quiet)
    checked = check(manifest, here.documents)
    probing = probing_in(workshop(here, offline=offline), network=network, headers=sent(header_env), seconds=timeout)
    shown = ask(checked, probing, meant(checked, probing, servers))
    code = exit_code(shown)
    warn_unsandboxed(shown)
    Output(format, style_for(color, here.facts.home), pager=pager).show(
        lambda style: render_probed(shown, style, brief=quiet),
        lambda: {"lock": checked.file, "servers": probed_data(shown), "exit_code": int(code)},
    )
    raise typer.Exit(code)


def probing_in(
    shop: Workshop, *, network: bool = False, headers: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> Probing:
    from mcpconf.model.probe import Limits
    from mcpconf.supply.probes import Terms
    from mcpconf.supply.probing import Probing
    from mcpconf.system.probing import SystemProber

    return Probing(shop, SystemProber(), Terms(network, headers or {}, Limits(seconds=seconds)))


def live_surfaces(here: Machine, manifest: str, root: str | None) -> Mapping[str, Surface | Problem]:
    """What the servers of this machine show now. Raises McpconfError."""
    from mcpconf.supply.checking import check
    from mcpconf.supply.probing import live
    from mcpconf.system.workshop import workshop

    if root is not None:
        raise usage("servers are not started on a folder that stands for a machine", "leave out `--live`, or `--root`")
    shown = live(check(manifest, here.documents), probing_in(workshop(here)))
    warn_unsandboxed(shown)
    return {item.name: found for item in shown if (found := item.surface or item.problem) is not None}


def sent(stated: list[str]) -> dict[str, str]:
    """Headers with their values. Raises McpconfError (exit 64)."""
    from mcpconf.model.values import is_header

    found: dict[str, str] = {}
    for item in stated:
        name, _, variable = item.partition("=")
        value = os.environ.get(variable, "")
        if not is_header(name) or not variable:
            raise usage(f"`{item}` names no header and variable", "write `--header-env Authorization=MY_TOKEN`")
        if not value or not value.isprintable():
            raise usage(f"`{variable}` is not set here, or is no line of text", "set it, and try again")
        found[name] = value
    return found


def warn_unsandboxed(shown: tuple[Shown, ...]) -> None:
    """Never silent: what a server did here, nothing held back."""
    from mcpconf.cli.output import said, talk

    names = [item.name for item in shown if item.started and not item.sandboxed]
    if names:
        listed = ", ".join(f"`{said(name)}`" for name in names)
        talk(f"not sandboxed: {listed} ran with your rights, for `bwrap` does not work here")
