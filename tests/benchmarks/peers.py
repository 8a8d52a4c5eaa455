"""Other tools on the same files: what each needs to tell that nothing changed, and to write them all anew.

Each gets the files of a machine in sync as what it manages. `largest` is the number of files above which a tool is left
out, because a single run would take minutes.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """Commands of one tool over the same files, and how to get back to where nothing was written."""

    plan: Sequence[str]
    apply: Sequence[str]
    blank: Callable[[], None]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    program: str
    prepare: Callable[[str, Path, Sequence[Path]], Task]
    largest: int

    def find(self, *folders: str) -> str | None:
        """The program on the path or in one of the folders."""
        found = (shutil.which(self.program, path=folder) for folder in folders)
        return next((path for path in found if path), shutil.which(self.program))


def _terraform(program: str, folder: Path, files: Sequence[Path]) -> Task:
    """The built-in resource, for file resources have to be downloaded; digests tell whether a file changed."""
    blocks = [
        f'resource "terraform_data" "f{number}" {{\n  input            = filesha256("{path}")\n'
        f'  triggers_replace = [filesha256("{path}")]\n}}\n'
        for number, path in enumerate(files)
    ]
    (folder / "main.tf").write_text("\n".join(blocks))
    environment = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/dev/null"}
    subprocess.run([program, "init"], cwd=folder, check=True, capture_output=True)
    return Task(
        [program, "plan", "-no-color", "-detailed-exitcode"],
        [program, "apply", "-no-color", "-auto-approve"],
        lambda: (folder / "terraform.tfstate").unlink(missing_ok=True),
        folder,
        environment,
    )


def _copies(folder: Path, files: Sequence[Path]) -> list[tuple[Path, Path]]:
    """What to write, and where to: every file has a source and a target of its own."""
    (folder / "source").mkdir()
    pairs = []
    for number, path in enumerate(files):
        source = folder / "source" / f"f{number}{path.suffix}"
        shutil.copyfile(path, source)
        pairs.append((source, folder / "target" / source.name))
    return pairs


def _emptied(folder: Path) -> Callable[[], None]:
    def empty() -> None:
        shutil.rmtree(folder / "target", ignore_errors=True)
        (folder / "target").mkdir()

    return empty


def _dotdrop(program: str, folder: Path, files: Sequence[Path]) -> Task:
    pairs = _copies(folder, files)
    lines = ["config: {backup: false, create: true, dotpath: source, template_dotfile_default: false}", "dotfiles:"]
    lines += [f"  f{number}: {{src: {source.name}, dst: {target}}}" for number, (source, target) in enumerate(pairs)]
    lines += ["profiles: {p: {dotfiles: [ALL]}}"]
    (folder / "config.yaml").write_text("\n".join(lines) + "\n")
    words = ["-c", str(folder / "config.yaml"), "-p", "p"]
    return Task(
        [program, "compare", *words],
        [program, "install", "--force", *words],
        _emptied(folder),
        folder,
        {"HOME": str(folder)},
    )


def _pyinfra(program: str, folder: Path, files: Sequence[Path]) -> Task:
    lines = ["from pyinfra.operations import files"]
    lines += [
        f"files.put(src={str(source)!r}, dest={str(target)!r}, mode='644')" for source, target in _copies(folder, files)
    ]
    (folder / "deploy.py").write_text("\n".join(lines) + "\n")
    words = [program, "@local", "deploy.py"]
    return Task([*words, "--dry"], [*words, "-y"], _emptied(folder), folder)


def _ansible(program: str, folder: Path, files: Sequence[Path]) -> Task:
    lines = ["- hosts: localhost", "  connection: local", "  gather_facts: false", "  tasks:"]
    lines += ["    - copy: {src: '{{ item.src }}', dest: '{{ item.dest }}', mode: '0644'}", "      loop:"]
    lines += [f"        - {{src: {source}, dest: {target}}}" for source, target in _copies(folder, files)]
    (folder / "copy.yml").write_text("\n".join(lines) + "\n")
    words = [program, "-i", "localhost,", "-e", "ansible_python_interpreter={{ ansible_playbook_python }}", "copy.yml"]
    environment = {"ANSIBLE_LOCAL_TEMP": str(folder / "temporary"), "LC_ALL": "C.UTF-8"}
    return Task([*words, "--check", "--diff"], words, _emptied(folder), folder, environment)


PEERS = (
    Peer("terraform", "terraform", _terraform, 1000),
    Peer("dotdrop", "dotdrop", _dotdrop, 1000),
    Peer("pyinfra", "pyinfra", _pyinfra, 100),
    Peer("ansible", "ansible-playbook", _ansible, 10),
)
