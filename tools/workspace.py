"""What the workspace holds: its distributions, their versions, and what each of them needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parent.parent


class Requirement(NamedTuple):
    """One requirement as written, and its parts: ``name[extras]specifier; marker``."""

    text: str
    name: str
    extras: tuple[str, ...]
    specifier: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split `text`; raise ``ValueError`` where it is no requirement."""
        match = re.fullmatch(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^]]*)])?\s*([^;]*?)\s*(?:;.*)?", text)
        if match is None:
            raise ValueError(f"{text!r} is not a requirement such as 'numpy>=2.0'")
        name, extras, specifier = match.groups()
        return cls(text, name.lower(), tuple(e.strip() for e in (extras or "").split(",") if e.strip()), specifier)

    @property
    def floor(self) -> str | None:
        """The version after ``>=``, if there is one."""
        match = re.search(r">=\s*([\w.+!]+)", self.specifier)
        return match and match.group(1)


@dataclass(frozen=True)
class Package:
    """One distribution, read from its ``pyproject.toml``."""

    path: Path
    name: str
    version: str
    dependencies: tuple[Requirement, ...]
    extras: Mapping[str, tuple[Requirement, ...]]
    groups: Mapping[str, tuple[Requirement, ...]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the distribution in the folder `path`."""
        table = tomllib.loads((path / "pyproject.toml").read_text())
        project = table["project"]
        return cls(
            path,
            project["name"],
            project["version"],
            requirements(project.get("dependencies", [])),
            {name: requirements(texts) for name, texts in project.get("optional-dependencies", {}).items()},
            {name: requirements(texts) for name, texts in table.get("dependency-groups", {}).items()},
        )

    @property
    def import_name(self) -> str:
        """The name that Python code imports."""
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        """The folder of its modules."""
        return self.path / "src" / self.import_name

    def needs(self, extras: Iterable[str] = (), groups: Iterable[str] = ()) -> list[Requirement]:
        """Its own requirements with those of some extras and groups; the ones that it does not have are passed over."""
        found = list(self.dependencies)
        for extra in extras:
            found += self.extras.get(extra, ())
        for group in groups:
            found += self.groups.get(group, ())
        return found


@dataclass(frozen=True)
class Workspace:
    """The checkout in the folder `root`."""

    root: Path = ROOT

    @cached_property
    def packages(self) -> dict[str, Package]:
        """Every distribution by name."""
        found = (Package.read(file.parent) for file in sorted(self.root.glob("packages/*/pyproject.toml")))
        return {package.name: package for package in found}

    @cached_property
    def table(self) -> dict[str, object]:
        """The workspace's own ``pyproject.toml``."""
        return tomllib.loads((self.root / "pyproject.toml").read_text())

    @cached_property
    def groups(self) -> dict[str, tuple[Requirement, ...]]:
        """The dependency groups of the workspace itself."""
        groups = self.table["dependency-groups"]
        assert isinstance(groups, dict)
        return {name: requirements(texts) for name, texts in groups.items()}

    @cached_property
    def constraints(self) -> list[str]:
        """The versions that are known to work together."""
        tool = self.table["tool"]
        assert isinstance(tool, dict)
        return list(tool["uv"]["constraint-dependencies"])

    @cached_property
    def floors(self) -> list[str]:
        """Every third-party library that the packages declare, pinned to its lower bound."""
        pins = set()
        for package in self.packages.values():
            for requirement in package.needs(extras=package.extras):
                if requirement.name not in self.packages and requirement.floor:
                    pins.add(f"{requirement.name}=={requirement.floor}")
        return sorted(pins)

    def closure(
        self, names: Sequence[str], extras: Sequence[str] = (), groups: Sequence[str] = ()
    ) -> tuple[list[Package], list[Requirement]]:
        """The packages that come with `names`, and every third-party requirement of theirs.

        `extras` and `groups` are asked for of `names` alone.
        """
        members: dict[str, set[str]] = {}
        third_party: dict[str, Requirement] = {}
        waiting = [Requirement(name, name, tuple(extras), "") for name in names]
        asked = set(names)
        while waiting:
            wanted = waiting.pop()
            if wanted.name not in self.packages:
                third_party[wanted.text] = wanted
                continue
            new = set(wanted.extras) - members.get(wanted.name, set())
            if wanted.name in members and not new:
                continue
            members.setdefault(wanted.name, set()).update(new)
            own_groups = groups if wanted.name in asked else ()
            waiting += self.packages[wanted.name].needs(new, own_groups)
        return [self.packages[name] for name in sorted(members)], sorted(third_party.values())


def requirements(texts: Iterable[str]) -> tuple[Requirement, ...]:
    """Parse each of `texts`."""
    return tuple(Requirement.parse(text) for text in texts)
