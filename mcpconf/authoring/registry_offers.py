"""What a registry's document offers: each package and address of a server, as a server of the manifest, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from mcpconf.authoring.registry_inputs import Filling
from mcpconf.authoring.registry_runtime import PROGRAMS, environment_of, runtime_words, without_program
from mcpconf.model.base import Json
from mcpconf.model.entry import Reference, Value
from mcpconf.model.registry import Endpoint, RegistryPackage, RegistryServer, Setting
from mcpconf.model.written import refused, shown
from mcpconf.packages.sources import PUBLIC

KINDS = ("npm", "pypi", "oci", "mcpb", "remote")
"""In the order in which they are taken: what can be pinned to the byte before what cannot."""

_SPELLINGS = {"docker": "oci"}
_REMOTES = {"streamable-http": "http", "streamable": "http", "http": "http", "sse": "sse"}
_HASHED = {"npm": "npm has a sha512 of its own", "oci": "an image has a digest"}


@dataclass(frozen=True, slots=True)
class Offer:
    """`kind` is one of KINDS, or what the document says instead. `name` is what it is chosen and shown by."""

    kind: str
    name: str
    version: str
    package: RegistryPackage | None = None
    remote: Endpoint | None = None


def offers(server: RegistryServer) -> tuple[Offer, ...]:
    """In the order of KINDS, then as in the document; addresses of the newer transport first."""
    found = [_package_offer(package, server) for package in server.packages]
    remotes = sorted(server.remotes, key=lambda remote: _REMOTES.get(remote.type) != "http")
    found += [Offer("remote", remote.url, server.version, remote=remote) for remote in remotes]
    return tuple(sorted(found, key=lambda offer: KINDS.index(offer.kind) if offer.kind in KINDS else len(KINDS)))


def _package_offer(package: RegistryPackage, server: RegistryServer) -> Offer:
    """An image that is named by its digest alone has the version of the server: only the digest counts."""
    kind = _SPELLINGS.get(package.registry_type, package.registry_type)
    if kind != "oci":
        return Offer(kind, f"{kind}:{package.identifier}", package.version, package=package)
    name, tag, digest = image(package)
    return Offer(kind, f"oci:{name}", tag or (server.version if digest else ""), package=package)


def entry(offer: Offer, filling: Filling) -> dict[str, Json]:
    """The server in manifest notation, without what is still missing. Raises RefusedError for what a manifest cannot say."""
    if offer.remote is not None:
        return _remote(offer.remote, filling)
    assert offer.package is not None
    if offer.kind not in KINDS:
        known = ", ".join(f"`{kind}`" for kind in KINDS[:-1])
        raise refused(f"is a package of the kind {shown(offer.kind)}", f"what can be launched is {known}")
    return _launched(offer, offer.package, filling)


def _remote(remote: Endpoint, filling: Filling) -> dict[str, Json]:
    transport = _REMOTES.get(remote.type)
    if transport is None:
        raise refused(f"is reached by {shown(remote.type)}", "a manifest has `http` and `sse`")
    url = str(filling.address(remote.url, remote.variables))
    headers = _settings(remote.headers, filling)
    return {"url": url, "transport": transport} | ({"headers": headers} if headers else {})


def _launched(offer: Offer, package: RegistryPackage, filling: Filling) -> dict[str, Json]:
    if package.transport.type != "stdio":
        hint = "start it yourself, and add its address with `mcpconf add NAME --url ADDRESS`"
        raise refused(f"is reached at {shown(package.transport.url)} once somebody has started it", hint)
    _refuse_other_registry(offer.kind, package)
    env = _settings(package.environment_variables, filling)
    args = [word for item in package.package_arguments for word in filling.words(item)]
    words, program, args = without_program(offer.kind, runtime_words(package, filling), args)
    env |= environment_of(offer.kind, package, words, env)
    _tell(offer, package, filling)
    made: dict[str, Json] = {"package": offer.name, **_version(offer, package)}
    more = {"bin": program, "args": [str(word) for word in args], "env": env}
    return made | {key: value for key, value in more.items() if value}


def _version(offer: Offer, package: RegistryPackage) -> dict[str, Json]:
    digest = f"sha256:{package.file_sha256}" if package.file_sha256 else ""
    if offer.kind == "mcpb":
        if not digest:
            raise refused("is a bundle without `fileSha256`", "ask its publisher for one")
        return {"hash": digest} | ({"version": offer.version} if offer.version else {})
    if not offer.version:
        raise refused("has no version", "ask its publisher, or take another package")
    if offer.kind == "oci":
        pinned = image(package)[2]
        return {"version": offer.version} | ({"hash": pinned} if pinned else {})
    if digest and offer.kind == "pypi":
        return {"version": offer.version, "hash": digest}
    return {"version": offer.version}


def _tell(offer: Offer, package: RegistryPackage, filling: Filling) -> None:
    """What the manifest does not take over."""
    program = PROGRAMS[offer.kind]
    if package.runtime_hint and program and package.runtime_hint != program:
        filling.notes.append(f"its publisher starts it with {shown(package.runtime_hint)}, mcpconf with `{program}`")
    if package.file_sha256 and offer.kind in ("npm", "oci"):
        filling.notes.append(f"its `fileSha256` is not compared: {_HASHED[offer.kind]}, which `mcpconf lock` records")


def image(package: RegistryPackage) -> tuple[str, str, str]:
    """The name of an image with its registry, its tag and its digest, from a reference or from older keys."""
    reference, _, digest = (
        package.identifier.rpartition("@") if "@sha" in package.identifier else (package.identifier, "", "")
    )
    head, slash, last = reference.rpartition("/")
    last, _, tag = last.partition(":")
    name = f"{head}{slash}{last}"
    host = parts_of(package.registry_base_url)[0]
    if host and "." not in name.partition("/")[0]:
        name = f"{host}/{name}"
    return name, tag or package.version, digest


def _refuse_other_registry(kind: str, package: RegistryPackage) -> None:
    """A package of the same name in another registry is another package."""
    if not package.registry_base_url:
        return
    host = parts_of(package.registry_base_url)[0]
    if kind == "oci":
        same = package.identifier.startswith(f"{host}/") or "." not in package.identifier.partition("/")[0]
    elif kind == "mcpb":
        same = parts_of(package.identifier)[0] == host
    else:
        same = tuple(host.split(".")) == PUBLIC[kind]
    if not same:
        hint = f"if your client is set up for it, `mcpconf add NAME --package {kind}:NAME` takes the package from there"
        raise refused(f"wants its package from {shown(package.registry_base_url)}, not from the public registry", hint)


def _settings(settings: tuple[Setting, ...], filling: Filling) -> dict[str, Json]:
    """Variables or headers, those left out without."""
    found: dict[str, Json] = {}
    for item in settings:
        value = filling.setting(item, item.name)
        if value is not None:
            found[item.name] = _written(value)
    return found


def _written(value: Value) -> Json:
    """A secret, with what stands before it, as people write it in a manifest."""
    last = value.parts[-1] if value.parts else ""
    if (
        isinstance(last, Reference)
        and last.kind == "secret"
        and all(isinstance(part, str) for part in value.parts[:-1])
    ):
        prefix = "".join(value.literals)
        return {"secret": last.name} | ({"prefix": prefix} if prefix else {})
    return str(value)


def parts_of(url: str) -> tuple[str, str]:
    """Host and path of an address; "" for what is none."""
    try:
        address = urlsplit(url)
    except ValueError:
        return "", ""
    return address.hostname or "", address.path
