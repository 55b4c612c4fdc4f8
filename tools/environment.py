"""Make the active virtual environment hold a selection of packages and exactly what they need.

    python tools/environment.py --package dl-layers --group test
    python tools/environment.py --package dl --extra jax --extra torch --group test
    python tools/environment.py --package dl-layers --group test --lowest

On the Python and platform of ``uv.lock`` the environment is the locked one. On another, or with ``--lowest``, pip
resolves anew: within the workspace's constraints, or with every declared library at its lower bound.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from wheelhouse import WHEELHOUSE, WORKSPACE, Selection, download, fill_from_lock

LOCKED = ("Linux", "x86_64", (3, 11))


def sync_locked(selection: Selection) -> None:
    """Install what ``uv.lock`` says, and remove everything else."""
    fill_from_lock(selection)
    uv("sync", "--frozen", "--active", *selection.uv_options())


def install_resolved(selection: Selection, constraints: Sequence[str], folder: Path) -> None:
    """Install the newest versions that `constraints` allow, from `folder`, which is filled if they are not there."""
    members, third_party = WORKSPACE.closure(selection.packages, selection.extras, selection.groups)
    wanted = [r.text for r in third_party]
    if selection.only_group is not None:
        wanted += [r.text for r in WORKSPACE.groups[selection.only_group]]
    folder.mkdir(parents=True, exist_ok=True)
    (limits := folder / "constraints.txt").write_text("\n".join(constraints))
    # without our configuration, whose constraints are not those of the lower bounds
    command = ["pip", "install", "--no-config", "--no-index", "--find-links", str(folder), "--constraint", str(limits)]
    command += [word for package in members for word in ("--editable", str(package.path))] + wanted
    if uv(*command, "--dry-run", check=False) != 0:
        build = [r.text for r in WORKSPACE.groups["build"]]
        download([*wanted, *build], folder, constraints=constraints)
    uv(*command)


def add_packages_alone() -> None:
    """Install every package without what it needs: enough to read its code and its imports."""
    editable = [word for package in WORKSPACE.packages.values() for word in ("--editable", str(package.path))]
    uv("pip", "install", "--no-deps", *editable)


def uv(*words: str, check: bool = True) -> int:
    """Run uv from the workspace's root, quietly; a failure that is not `check`-ed is not shown either."""
    errors = None if check else subprocess.DEVNULL
    return subprocess.run(["uv", *words, "--quiet"], cwd=WORKSPACE.root, check=check, stderr=errors).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Selection.add_options(parser)
    parser.add_argument("--lowest", action="store_true", help="every declared library at its lower bound")
    parser.add_argument("--all-packages-alone", action="store_true", help="and every package, without dependencies")
    options = parser.parse_args()
    selection = Selection.of(options)
    if sys.prefix == sys.base_prefix:
        parser.error("no virtual environment is active: use 'tox -e <environment>', or activate one")
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    if options.lowest:
        install_resolved(selection, WORKSPACE.floors, WHEELHOUSE / f"lowest-{python}")
    elif (platform.system(), platform.machine(), sys.version_info[:2]) == LOCKED:
        sync_locked(selection)
    else:
        install_resolved(selection, WORKSPACE.constraints, WHEELHOUSE / python)
    if options.all_packages_alone:
        add_packages_alone()


if __name__ == "__main__":
    main()
