"""What holds for all twelve packages together, whatever they do."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from typing import Any

import pytest

from release import admits
from workspace import Package, Requirement, Workspace

WORKSPACE = Workspace()
PACKAGES = WORKSPACE.packages
TOOL: Any = WORKSPACE.table["tool"]
LOCK: Any = tomllib.loads((WORKSPACE.root / "uv.lock").read_text())

BACKENDS = {"dl-backend-jax", "dl-backend-numpy", "dl-backend-openvino", "dl-backend-tf", "dl-backend-torch"}
# what each package may depend on; a framework's package is never needed, only found
FLOORS = {
    "dl-ops": set[str](),
    **{backend: {"dl-ops"} for backend in BACKENDS},
    # values on the host are computed by NumPy's kernels, found through the registry
    "dl-backend-openvino": {"dl-ops", "dl-backend-numpy"},
    "dl-layers": {"dl-ops"},
    "dl-saving": {"dl-ops", "dl-layers"},
    "dl-preprocess": {"dl-ops", "dl-layers"},
    "dl-train": {"dl-ops", "dl-layers", "dl-saving"},
    "dl-apps": {"dl-ops", "dl-layers", "dl-saving", "dl-preprocess", "dl-train"},
    "dl": {"dl-ops", "dl-layers", "dl-saving", "dl-preprocess", "dl-train", "dl-apps", "dl-backend-numpy"},
}
# distributions that are imported by another name
IMPORTS = {"pillow": "PIL", "scikit-learn": "sklearn", "tensorflow-cpu": "tensorflow"}
# what comes with a layer's backend, and is imported in one folder: the import contracts see to that
BY_BACKEND = {"dl-layers": {"jax", "tensorflow", "torch"}, "dl-saving": {"openvino", "tensorflow", "torch"}}
# what is looked for among the modules that are loaded, and used if it is there: the notebook that the code runs in
BY_NOTEBOOK = {"dl-train": {"IPython"}}

every_package = pytest.mark.parametrize("package", PACKAGES.values(), ids=lambda package: package.name)


def own(requirements: list[Requirement]) -> list[Requirement]:
    return [requirement for requirement in requirements if requirement.name in PACKAGES]


def third_party(requirements: list[Requirement]) -> list[Requirement]:
    return [requirement for requirement in requirements if requirement.name not in PACKAGES]


def test_there_are_twelve_packages_and_every_tool_checks_them_all() -> None:
    names = {package.import_name for package in PACKAGES.values()}
    linter, mypy = TOOL["importlinter"], TOOL["mypy"]
    layers = next(contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    assert set(PACKAGES) == set(FLOORS)
    assert set(linter["root_packages"]) == names
    assert {name for floor in layers for name in floor.split(" | ")} == names
    assert set(mypy["packages"]) == names
    assert {path.split("/")[-2] for path in mypy["mypy_path"]} == set(PACKAGES)


@every_package
def test_dependencies_are_those_of_its_floor(package: Package) -> None:
    assert {requirement.name for requirement in own(list(package.dependencies))} == FLOORS[package.name]


@every_package
def test_ranges_between_packages_hold_the_present_versions(package: Package) -> None:
    for requirement in own(package.needs(extras=package.extras)):
        if requirement.name != package.name:
            assert admits(requirement.specifier, PACKAGES[requirement.name].version), requirement.text


def test_a_library_has_one_lower_bound_everywhere() -> None:
    bounds: dict[str, set[str | None]] = {}
    for package in PACKAGES.values():
        for requirement in third_party(package.needs(extras=package.extras)):
            bounds.setdefault(requirement.name, set()).add(requirement.floor)
    assert {name: floors for name, floors in bounds.items() if len(floors) > 1 or None in floors} == {}


@every_package
def test_it_imports_only_what_it_declares(package: Package) -> None:
    declared = {IMPORTS.get(r.name, r.name).replace("-", "_") for r in package.needs(extras=package.extras)}
    imported = set()
    for file in package.source.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                imported.add(node.module.partition(".")[0])
    own = {package.import_name} | BY_BACKEND.get(package.name, set()) | BY_NOTEBOOK.get(package.name, set())
    assert imported - declared - set(sys.stdlib_module_names) - own == set()


@every_package
def test_it_ships_its_types_an_example_and_a_changelog(package: Package) -> None:
    assert (package.source / "py.typed").is_file()
    assert ">>> " in (package.path / "README.md").read_text()
    changelog = (package.path / "CHANGELOG.md").read_text()
    assert changelog.startswith(f"# Changelog of {package.name}\n\n## Unreleased\n")


@every_package
def test_the_lock_knows_what_it_declares(package: Package) -> None:
    locked = next(entry for entry in LOCK["package"] if entry["name"] == package.name)
    metadata = locked.get("metadata", {})
    groups = metadata.get("requires-dev", {})
    assert locked["version"] == package.version
    assert specifiers(metadata.get("requires-dist", [])) == declared(package.needs(extras=package.extras))
    assert set(groups) == set(package.groups)
    for name, group in package.groups.items():
        assert specifiers(groups[name]) == declared(list(group))


def specifiers(entries: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(entry["name"], entry.get("specifier", "")) for entry in entries}


def declared(requirements: list[Requirement]) -> set[tuple[str, str]]:
    # the lock has our own packages by their place
    return {(r.name, "" if r.name in PACKAGES else r.specifier) for r in requirements}


def test_the_lock_names_no_index() -> None:
    lock = (WORKSPACE.root / "uv.lock").read_text()
    assert re.search(r"\bhttps?://", lock) is None
    assert set(re.findall(r'registry = "([^"]*)"', lock)) == {"wheelhouse"}


@pytest.mark.parametrize(
    ("text", "name", "extras", "specifier", "floor"),
    [
        ("numpy>=2.0", "numpy", (), ">=2.0", "2.0"),
        ("dl[jax, tf]", "dl", ("jax", "tf"), "", None),
        ("dl-ops>=0.2,<0.3", "dl-ops", (), ">=0.2,<0.3", "0.2"),
        ("tensorflow-cpu>=2.20; sys_platform == 'linux'", "tensorflow-cpu", (), ">=2.20", "2.20"),
        ("torch==2.13.0+cpu ; python_version < '3.12'", "torch", (), "==2.13.0+cpu", None),
    ],
)
def test_requirements_are_read(
    text: str, name: str, extras: tuple[str, ...], specifier: str, floor: str | None
) -> None:
    requirement = Requirement.parse(text)
    assert (requirement.name, requirement.extras, requirement.specifier) == (name, extras, specifier)
    assert requirement.floor == floor


def test_what_is_no_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a requirement"):
        Requirement.parse("-r more.txt")


def test_a_closure_has_what_comes_with_a_package_and_the_groups_of_that_package_alone() -> None:
    members, libraries = WORKSPACE.closure(["dl-saving"], ["safetensors"])
    assert {package.name for package in members} == {"dl-saving", "dl-layers", "dl-ops"}
    names = {library.name for library in libraries}
    assert names >= {"h5py", "safetensors", "numpy", "optree"}
    assert names.isdisjoint({"pytest", "hypothesis", "torch"})
    assert "hypothesis" in {r.name for r in WORKSPACE.closure(["dl-saving"], groups=["test"])[1]}
