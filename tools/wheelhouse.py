"""Fill the git-ignored ``wheelhouse/`` with the wheels that uv installs from.

    python tools/wheelhouse.py                                 everything that uv.lock names
    python tools/wheelhouse.py --package dl-layers --group test    what one environment needs
    python tools/wheelhouse.py --lock                          resolve anew and write uv.lock

The wheels come from whatever index, mirror or folder pip is configured for; nothing of that is written down, so
``uv.lock`` names no index and a filled wheelhouse works offline. What is there already is not fetched again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from workspace import Requirement, Workspace

WORKSPACE = Workspace()
WHEELHOUSE = WORKSPACE.root / "wheelhouse"


@dataclass(frozen=True)
class Selection:
    """What an environment holds: packages with extras and groups, or one group of the workspace itself."""

    packages: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    only_group: str | None = None

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        """Add the options that :meth:`of` reads."""
        parser.add_argument("--package", action="append", default=[], choices=list(WORKSPACE.packages))
        parser.add_argument("--extra", action="append", default=[], help="of the packages")
        parser.add_argument("--group", action="append", default=[], help="of the packages")
        parser.add_argument("--only-group", choices=list(WORKSPACE.groups), help="of the workspace")

    @classmethod
    def of(cls, options: argparse.Namespace) -> Selection:
        """Read the selection from parsed options."""
        return cls(tuple(options.package), tuple(options.extra), tuple(options.group), options.only_group)

    def uv_options(self) -> list[str]:
        """Give the selection to ``uv sync`` or ``uv export``; everything, if nothing is selected."""
        if self.only_group is not None:
            return ["--only-group", self.only_group]
        if not self.packages:
            return ["--all-packages", "--all-extras", "--all-groups"]
        pairs = [("--package", name) for name in self.packages]
        pairs += [("--extra", name) for name in self.extras]
        pairs += [("--group", name) for name in self.groups]
        return [word for pair in pairs for word in pair]


def fill_from_lock(selection: Selection) -> None:
    """Fetch the wheels that `selection` needs, and those that build our packages, at the versions of ``uv.lock``."""
    wanted = {*locked(selection), *locked(Selection(only_group="build"))}
    missing = sorted(line for line in wanted if not has_wheel(WHEELHOUSE, line))
    if missing:
        download(missing, WHEELHOUSE, "--no-deps")


def locked(selection: Selection) -> list[str]:
    """List the third-party requirements of `selection`, pinned."""
    command = [
        "uv",
        "export",
        "--quiet",
        "--frozen",
        "--no-emit-workspace",
        "--no-hashes",
        "--no-annotate",
        "--no-header",
    ]
    command += selection.uv_options()
    result = subprocess.run(command, cwd=WORKSPACE.root, check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout.splitlines()


def has_wheel(folder: Path, pinned: str) -> bool:
    """Whether `folder` has a wheel of the requirement `pinned` that suits the running Python."""
    requirement = Requirement.parse(pinned)
    name = re.sub(r"[-_.]+", "_", requirement.name)
    wheels = (wheel.stem.split("-") for wheel in folder.glob("*.whl"))
    return any(
        re.sub(r"[-_.]+", "_", parts[0]).lower() == name
        and f"=={parts[1]}" == requirement.specifier
        and any(suits(tag, parts[-2]) for tag in parts[-3].split("."))
        for parts in wheels
    )


def suits(python: str, abi: str) -> bool:
    """Whether a wheel with this Python and ABI tag is for the running Python; wheels here are of one platform."""
    minor = sys.version_info.minor
    if abi == "abi3":
        return python.startswith("cp3") and int(python[3:]) <= minor
    return python in {"py3", f"py3{minor}", f"cp3{minor}"}


def download(requirements: Iterable[str], folder: Path, *options: str, constraints: Sequence[str] = ()) -> None:
    """Have pip fetch `requirements` into `folder`: wheels, and what comes as source alone built into one."""
    lines = list(requirements)
    print(f"wheelhouse: fetching {len(lines)} requirements into {folder.relative_to(WORKSPACE.root)}/", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    # into a folder of its own first: an interrupted download leaves no half a wheel, and two runs do not meet
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as temporary:
        (wanted := Path(temporary, "wanted.txt")).write_text("\n".join(lines))
        (limits := Path(temporary, "limits.txt")).write_text("\n".join(constraints))
        command = [*pip(), "wheel", "--quiet", "--disable-pip-version-check", "--wheel-dir", temporary]
        command += [
            "--find-links",
            str(WHEELHOUSE),
            "--requirement",
            str(wanted),
            "--constraint",
            str(limits),
            *options,
        ]
        result = subprocess.run(
            command, cwd=WORKSPACE.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if result.returncode:
            # an index may be private, with a password in its address
            message = re.sub(r"\b(https?|file)://\S+", "<index>", result.stdout)
            raise SystemExit(f"{message}\nwheelhouse: pip found no wheel for all of:\n  " + "\n  ".join(lines) + HINT)
        for wheel in Path(temporary).glob("*.whl"):
            wheel.replace(folder / wheel.name)


HINT = """
It uses the index that pip is configured for. '+cpu' builds of torch are on PyTorch's own index: name that one to pip
too, with PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS or 'pip config'."""


@cache
def pip() -> list[str]:
    """Find a pip to run: environments made by uv have none, so the Python beneath, else the one bundled with it."""
    base = str(getattr(sys, "_base_executable", sys.executable))
    for python in (sys.executable, base):
        if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return [python, "-m", "pip"]
    spec = find_spec("ensurepip")
    bundled = sorted(Path(spec.origin).parent.glob("_bundled/pip-*.whl")) if spec and spec.origin else []
    if not bundled:
        raise SystemExit(f"wheelhouse: {base} has no pip: install it, for example with your system's package manager")
    return [sys.executable, str(bundled[-1] / "pip")]


def lock() -> None:
    """Resolve everything with pip, within the constraints of ``pyproject.toml``, and have uv lock what came."""
    names = list(WORKSPACE.packages)
    extras = {extra for package in WORKSPACE.packages.values() for extra in package.extras}
    groups = {group for package in WORKSPACE.packages.values() for group in package.groups}
    _, third_party = WORKSPACE.closure(names, sorted(extras), sorted(groups))
    wanted = [r.text for r in third_party] + [r.text for group in WORKSPACE.groups.values() for r in group]
    download(wanted, WHEELHOUSE, constraints=WORKSPACE.constraints)
    subprocess.run(["uv", "lock", "--upgrade"], cwd=WORKSPACE.root, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Selection.add_options(parser)
    parser.add_argument("--lock", action="store_true", help="resolve anew and write uv.lock")
    options = parser.parse_args()
    if options.lock:
        lock()
    else:
        fill_from_lock(Selection.of(options))
    wheels = list(WHEELHOUSE.glob("*.whl"))
    size = sum(wheel.stat().st_size for wheel in wheels)
    print(f"wheelhouse: complete, {len(wheels)} wheels, {size / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
