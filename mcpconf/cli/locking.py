"""Commands about the lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption, QuietOption
from mcpconf.cli.progress import telling

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.errors import Problem
    from mcpconf.model.lock import Attested, LockedServer
    from mcpconf.ports import Machine
    from mcpconf.supply.locking import Asked, Locking
    from mcpconf.supply.outdated import Limits
    from mcpconf.supply.probing import Probing
    from mcpconf.workshop import Workshop

AdvisoriesOption = Annotated[
    str,
    typer.Option(
        "--advisories",
        metavar="PATH",
        help="OSV records, a folder or zip archive; else MCPCONF_ADVISORIES, the index, or those in the data folder.",
        show_default=False,
    ),
]
CooldownOption = Annotated[
    int,
    typer.Option(
        "--cooldown",
        metavar="DAYS",
        min=0,
        max=3650,
        help="Choose no version that is younger; `policy.cooldown` may ask for more.",
        show_default=False,
    ),
]
NetworkOption = Annotated[
    bool, typer.Option("--network", help="Let confined servers reach the network, whatever their permissions say.")
]
HeaderOption = Annotated[
    list[str],
    typer.Option(
        "--header-env",
        metavar="NAME=VARIABLE",
        help="Send a remote server this header, with the value of a variable of yours; else it is asked without any.",
        show_default=False,
    ),
]
SECONDS = 60.0
"""For one conversation with a server."""

TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout", metavar="SECONDS", min=1, max=3600, help="How long a server may take to tell what it has."
    ),
]
NamesArgument = Annotated[
    list[str], typer.Argument(metavar="NAME", help="With `--upgrade`: only these servers.", show_default=False)
]
UpgradeOption = Annotated[bool, typer.Option("--upgrade", help="Take the newest versions that the manifest admits.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Only tell whether the lock belongs to the manifest.")]
AttestOption = Annotated[
    bool, typer.Option("--attest", help="Also verify who vouches for each package; takes the extra `attest`.")
]
SurfaceOption = Annotated[
    bool, typer.Option("--surface", help="Then ask each server what it shows, twice; takes the extra `probe`.")
]
OnlyOption = Annotated[
    list[str],
    typer.Option("--only", metavar="NAME", help="With `--surface`: ask only this server.", show_default=False),
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Ask nothing of the network.")]


def lock(
    names: NamesArgument = [],  # noqa: B006 - typer copies it
    upgrade: UpgradeOption = False,
    check: CheckOption = False,
    attest: AttestOption = False,
    surface: SurfaceOption = False,
    only: OnlyOption = [],  # noqa: B006
    network: NetworkOption = False,
    header_env: HeaderOption = [],  # noqa: B006
    timeout: TimeoutOption = SECONDS,
    cooldown: CooldownOption = 0,
    advisories: AdvisoriesOption = "",
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Write down what each server is, to the byte.

    Asks the package managers that are set up here for the exact version, the hash of every file and all that the package
    depends on. What the lock has already and still fits is kept. Text, sorted, the same on every machine: it belongs into git.
    A version that an advisory is about is not chosen, unless the manifest names it.
    With `--surface`, tools, prompts and texts too: a server is started for that as `mcpconf probe` starts it, if its bytes
    are installed here. One that shows something else the second time, or cannot be asked, keeps what the lock has.
    An address is also asked who gives out tokens for it, and for which scopes.
    """
    from mcpconf.cli.options import machine
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.locking import locked_data, render_locked

    _agree(names, upgrade=upgrade, check=check)
    _agree_to_ask(surface=surface, only=only, asks=network or bool(header_env), check=check)
    here = machine(None, quiet=quiet)
    output = Output(format, style_for(color, here.facts.home))
    if check:
        raise typer.Exit(_checked(manifest, here, output))
    limits, shop = _limits(cooldown, advisories, here), _shop(here, offline=offline)
    asked = _wanted(names if upgrade else None, limits, _attested_by(shop) if attest else None)
    asked = _described(asked, shop) if surface else asked
    done = _resolved(manifest, shop, asked, quiet=quiet)
    if surface:
        done = _with_surfaces(done, _probing(shop, header_env, timeout, network=network), only)
    told = (done.before, done.after, done.problems, done.unasked)
    output.show(
        lambda style: render_locked(told, style, quiet=quiet),
        lambda: {"lock": done.file, "written": done.written, **locked_data(told), "exit_code": done.exit_code},
    )
    raise typer.Exit(done.exit_code)


def _limits(cooldown: int, advisories: str, here: Machine) -> Limits:
    from mcpconf.supply.outdated import Limits
    from mcpconf.system.advisories import advisories as known_advisories

    return Limits(cooldown, known_advisories(advisories, here))


def _shop(here: Machine, *, offline: bool) -> Workshop:
    from mcpconf.system.workshop import workshop

    return workshop(here, offline=offline)


def _wanted(
    upgrade: list[str] | None, limits: Limits, attest: Callable[[LockedServer], Attested | Problem] | None
) -> Asked:
    from mcpconf.supply.locking import Asked

    return Asked(None if upgrade is None else tuple(upgrade), limits.cooldown, limits.avoided, attest=attest)


def _described(asked: Asked, shop: Workshop) -> Asked:
    from dataclasses import replace

    from mcpconf.supply.remotes import described_by

    return replace(asked, describe=described_by(shop))


def _resolved(manifest: str, shop: Workshop, asked: Asked, *, quiet: bool) -> Locking:
    from mcpconf.supply.locking import lock as resolve

    return resolve(manifest, shop, asked, telling("locking", quiet=quiet))


def _agree(names: list[str], *, upgrade: bool, check: bool) -> None:
    if check and (upgrade or names):
        raise usage("`--check` only looks", "leave out `--upgrade` and the names")
    if names and not upgrade:
        raise usage("names go with `--upgrade`", "without it, every server is locked")


def _agree_to_ask(*, surface: bool, only: list[str], asks: bool, check: bool) -> None:
    if check and surface:
        raise usage("`--check` only looks", "leave out `--surface`")
    if (only or asks) and not surface:
        raise usage("nothing is asked without `--surface`", "add it, or leave out what is about asking")


def _probing(shop: Workshop, header_env: list[str], seconds: float, *, network: bool) -> Probing:
    from mcpconf.cli.probing import probing_in, sent

    return probing_in(shop, network=network, headers=sent(header_env), seconds=seconds)


def _with_surfaces(done: Locking, probing: Probing, only: list[str]) -> Locking:
    from mcpconf.cli.probing import warn_unsandboxed
    from mcpconf.supply.probing import lock_surfaces

    done, shown = lock_surfaces(done, probing, only)
    warn_unsandboxed(shown)
    return done


def _attested_by(shop: Workshop) -> Callable[[LockedServer], Attested | Problem]:
    from mcpconf.supply.attesting import attested_by

    return attested_by(shop)


def _checked(manifest: str, here: Machine, output: Output) -> int:
    from mcpconf.report.locking import render_stale, stale_data
    from mcpconf.supply.checking import check

    found = check(manifest, here.documents)
    seen = (found.lock, found.file, found.stale)
    output.show(lambda style: render_stale(*seen, style), lambda: {**stale_data(*seen), "exit_code": found.exit_code})
    return found.exit_code
