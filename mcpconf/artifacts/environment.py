"""Names of variables by which a program runs other bytes than those it is: with them, an installation promises nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mcpconf.ports import OperatingSystem


@dataclass(frozen=True, slots=True)
class Opening:
    """`names` are those of one kind; one that ends in `*` stands for all that begin so. `any_case`: in any letters.

    `source` documents them; those of Python, npm, uv and the Linux loader were read on 2026-11-26, the others not yet.
    """

    names: tuple[str, ...]
    reason: str
    source: str
    any_case: bool = False

    def fits(self, name: str, os: OperatingSystem) -> bool:
        fold = self.any_case or os == "windows"  # where no two variables differ in letters alone
        name = name.upper() if fold else name
        for known in self.names:
            wanted = known.upper() if fold else known
            if name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1])):
                return True
        return False


OPENINGS: tuple[Opening, ...] = (
    Opening(
        ("NODE_OPTIONS",), "makes node load other files first", "https://nodejs.org/api/cli.html#node_optionsoptions"
    ),
    Opening(
        ("NODE_PATH",),
        "is where node looks for modules that are not found beside the server",
        "https://nodejs.org/api/modules.html#loading-from-the-global-folders",
    ),
    Opening(
        ("NODE_COMPILE_CACHE",),
        "is where node takes compiled code from, which nobody hashed",
        "https://nodejs.org/api/cli.html#node_compile_cachedir",
    ),
    Opening(
        (
            "PYTHONPATH",
            "PYTHONHOME",
            "PYTHONPLATLIBDIR",
            "PYTHONUSERBASE",
            "PYTHONPYCACHEPREFIX",
            "PYTHONSTARTUP",
            "PYTHONBREAKPOINT",
            "PYTHONWARNINGS",
            "PYTHONINSPECT",
            "PYTHONEXECUTABLE",
            "__PYVENV_LAUNCHER__",
        ),
        "makes each Python that the server starts take code from elsewhere",
        "https://docs.python.org/3/using/cmdline.html#environment-variables",
    ),
    Opening(
        ("LD_*",),
        "makes the loader take libraries from elsewhere, or before all others",
        "https://man7.org/linux/man-pages/man8/ld-linux.so.8.html",
    ),
    Opening(
        ("GCONV_PATH",),
        "is where the C library loads conversions from, which are libraries",
        "https://man7.org/linux/man-pages/man3/iconv_open.3.html",
    ),
    Opening(
        ("DYLD_*",),
        "makes the loader of macOS take libraries from elsewhere, or before all others",
        "https://keith.github.io/xcode-man-pages/dyld.1.html",
    ),
    Opening(
        ("OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES"),
        "makes OpenSSL load libraries from elsewhere",
        "https://docs.openssl.org/master/man7/openssl-env/",
    ),
    Opening(
        ("npm_config_*",),
        "changes where npm takes packages from, and what it runs for them",
        "https://docs.npmjs.com/cli/using-npm/config#environment-variables",
        any_case=True,
    ),
    Opening(
        ("UV", "UV_*"),
        "changes where uv takes packages and Python from",
        "https://docs.astral.sh/uv/reference/environment/",
    ),
    Opening(
        ("PIP_*", "PIPX_*"),
        "changes where pip takes packages from",
        "https://pip.pypa.io/en/stable/topics/configuration/#environment-variables",
    ),
    Opening(
        ("BASH_ENV", "ZDOTDIR", "SHELLOPTS", "BASHOPTS", "BASH_FUNC_*"),
        "makes each shell that the server starts run something first",
        "https://www.gnu.org/software/bash/manual/bash.html#Bash-Startup-Files",
    ),
    Opening(
        ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
        "makes Java load agents first",
        "https://docs.oracle.com/en/java/javase/21/troubleshoot/environment-variables-and-system-properties.html",
    ),
    Opening(
        ("DOTNET_STARTUP_HOOKS", "CORECLR_*", "COR_*"),
        "makes .NET load assemblies or a profiler first",
        "https://learn.microsoft.com/dotnet/core/tools/dotnet-environment-variables",
    ),
    Opening(
        ("RUBYOPT", "RUBYLIB", "PERL5OPT", "PERL5LIB", "PERL5DB"),
        "makes each Ruby or Perl that the server starts load other files",
        "https://perldoc.perl.org/perlrun#ENVIRONMENT",
    ),
)


def reopening(names: Iterable[str], os: OperatingSystem) -> dict[str, Opening]:
    """Of the names of variables, those that let a program run other bytes, with why; sorted."""
    return {name: found for name in sorted(set(names)) if (found := _opening(name, os)) is not None}


def _opening(name: str, os: OperatingSystem) -> Opening | None:
    return next((item for item in OPENINGS if item.fits(name, os)), None)
