"""Release one package: bump its version, roll its changelog, check its dependents' ranges, build it into ``dist/``.

    python tools/release.py dl-layers patch        0.2.0 -> 0.2.1; also minor, major, or a version
    python tools/release.py --tag dl-layers-v0.2.1    build what a tag names, if the checkout agrees with it

Nothing is written unless everything holds. Committing, tagging and pushing are left to you; the command prints them.
"""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
from pathlib import Path

from workspace import ROOT, Package, Workspace

DIST = "dist"


class ReleaseError(Exception):
    """What keeps a package from being released."""


def number(version: str) -> tuple[int, int, int]:
    """Read ``major.minor.patch``; raise :class:`ReleaseError` where it is something else."""
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if match is None:
        raise ReleaseError(f"version {version!r}: expected three numbers such as 0.2.1, or patch, minor or major")
    return int(match[1]), int(match[2]), int(match[3])


def bumped(version: str, step: str) -> str:
    """Give the version that follows: `step` is ``patch``, ``minor``, ``major`` or the version itself."""
    major, minor, patch = number(version)
    steps = {"patch": (major, minor, patch + 1), "minor": (major, minor + 1, 0), "major": (major + 1, 0, 0)}
    new = steps[step] if step in steps else number(step)
    if new < (major, minor, patch):
        raise ReleaseError(f"version {step} comes before {version}, the present one")
    return ".".join(map(str, new))


def admits(specifier: str, version: str) -> bool:
    """Whether a range ``>=a,<b``, the only kind between our packages, holds `version`."""
    match = re.fullmatch(r">=([\d.]+),<([\d.]+)", specifier.replace(" ", ""))
    if match is None:
        raise ReleaseError(f"range {specifier!r}: packages here depend on each other by ranges such as >=0.2,<0.3")
    low, high = ([int(part) for part in bound.split(".")] for bound in match.groups())
    return low <= list(number(version)) < high


def left_behind(workspace: Workspace, name: str, version: str) -> list[str]:
    """List the dependents whose declared range does not hold `version` of `name`."""
    return [
        f"{package.name} needs {requirement.text}"
        for package in workspace.packages.values()
        for requirement in package.needs(extras=package.extras)
        if requirement.name == name and requirement.specifier and not admits(requirement.specifier, version)
    ]


def rolled(changelog: str, version: str, date: datetime.date) -> str:
    """Turn the section *Unreleased* into that of `version`, under an empty new one."""
    if re.search(rf"^## {re.escape(version)} ", changelog, re.MULTILINE):
        raise ReleaseError(f"the changelog has {version} already")
    match = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if match is None or not match[1].strip():
        raise ReleaseError("the changelog says nothing under '## Unreleased': write what changed for users")
    section = f"## Unreleased\n\n## {version} ({date})\n\n{match[1].strip()}\n"
    rest = changelog[match.end() :]
    return changelog[: match.start()] + section + (f"\n{rest}" if rest else "")


def replaced_once(text: str, old: str, new: str, file: Path) -> str:
    """Replace the only occurrence of `old`."""
    if text.count(old) != 1:
        raise ReleaseError(f"{file}: expected {old!r} once, found it {text.count(old)} times")
    return text.replace(old, new)


def prepare(workspace: Workspace, package: Package, version: str, date: datetime.date) -> dict[Path, str]:
    """Give the new text of every file that a release changes; raise where something does not hold."""
    behind = left_behind(workspace, package.name, version)
    if behind:
        raise ReleaseError(f"{package.name} {version} is outside its dependents' ranges:\n  " + "\n  ".join(behind))
    project, changelog, lock = (
        package.path / "pyproject.toml",
        package.path / "CHANGELOG.md",
        workspace.root / "uv.lock",
    )
    texts = {changelog: rolled(changelog.read_text(), version, date)}
    if version != package.version:
        declared = '\nversion = "{}"\n'
        old, new = declared.format(package.version), declared.format(version)
        texts[project] = replaced_once(project.read_text(), old, new, project)
        name = f'name = "{package.name}"'
        texts[lock] = replaced_once(lock.read_text(), name + old, name + new, lock)
    return texts


def check_tag(workspace: Workspace, tag: str) -> Package:
    """Find the package that `tag` releases; raise where the checkout says something else."""
    name, _, version = tag.rpartition("-v")
    package = workspace.packages.get(name)
    if package is None:
        raise ReleaseError(
            f"tag {tag!r}: expected <distribution>-v<version>, of one of {', '.join(workspace.packages)}"
        )
    if package.version != version:
        raise ReleaseError(f"tag {tag!r}: the version of {name} here is {package.version}")
    if f"\n## {version} (" not in (package.path / "CHANGELOG.md").read_text():
        raise ReleaseError(f"tag {tag!r}: the changelog of {name} has no section for {version}")
    return package


def build(workspace: Workspace, package: Package) -> None:
    """Build the wheel and the source archive into ``dist/``."""
    from wheelhouse import Selection, fill_from_lock  # needs uv, which the checks above do not

    fill_from_lock(Selection(only_group="build"))
    subprocess.run(["uv", "build", "--package", package.name, "--out-dir", DIST], cwd=workspace.root, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", nargs="?")
    parser.add_argument("version", nargs="?", help="patch, minor, major, or the version itself")
    parser.add_argument("--tag", help="<distribution>-v<version>")
    options = parser.parse_args()
    workspace = Workspace(ROOT)
    try:
        if options.tag:
            build(workspace, check_tag(workspace, options.tag))
            return
        if options.package not in workspace.packages or options.version is None:
            parser.error(f"expected a version and one of {', '.join(workspace.packages)}")
        package = workspace.packages[options.package]
        version = bumped(package.version, options.version)
        for file, text in prepare(workspace, package, version, datetime.date.today()).items():
            file.write_text(text)
    except ReleaseError as error:
        raise SystemExit(f"release: {error}") from None
    build(workspace, package)
    tag = f"{package.name}-v{version}"
    commands = (f"git commit -am 'Release {package.name} {version}'", f"git tag {tag}", f"git push origin HEAD {tag}")
    print("\n  ".join([f"release: {tag} is in {DIST}/; now", *commands]))


if __name__ == "__main__":
    main()
