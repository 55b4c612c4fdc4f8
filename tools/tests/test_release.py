"""Releasing one package, on a small workspace of two."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from release import ReleaseError, admits, bumped, check_tag, prepare, rolled
from workspace import Workspace

DATE = datetime.date(2026, 1, 31)
CHANGELOG = """# Changelog of low

## Unreleased

- A change.

## 0.2.0 (2025-12-24)

- First release.
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for name, dependencies in [("low", []), ("high", ["low>=0.2,<0.3"])]:
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True)
        text = f'[project]\nname = "{name}"\nversion = "0.2.0"\ndependencies = {dependencies}\n'
        (folder / "pyproject.toml").write_text(text)
        (folder / "CHANGELOG.md").write_text(CHANGELOG)
    lock = "".join(f'[[package]]\nname = "{name}"\nversion = "0.2.0"\n\n' for name in ("low", "high"))
    (tmp_path / "uv.lock").write_text(lock)
    return Workspace(tmp_path)


@pytest.mark.parametrize(
    ("step", "version"),
    [("patch", "0.2.10"), ("minor", "0.3.0"), ("major", "1.0.0"), ("0.4.1", "0.4.1"), ("0.2.9", "0.2.9")],
)
def test_a_version_is_bumped(step: str, version: str) -> None:
    assert bumped("0.2.9", step) == version


@pytest.mark.parametrize(("step", "message"), [("0.2.8", "comes before"), ("0.3", "three numbers"), ("next", "three")])
def test_a_wrong_version_is_refused(step: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        bumped("0.2.9", step)


@pytest.mark.parametrize(
    ("version", "held"), [("0.1.9", False), ("0.2.0", True), ("0.2.10", True), ("0.3.0", False), ("1.0.0", False)]
)
def test_a_range_holds_its_versions(version: str, held: bool) -> None:
    assert admits(">=0.2,<0.3", version) is held


def test_an_equality_between_packages_is_refused() -> None:
    with pytest.raises(ReleaseError, match="by ranges"):
        admits("==0.2.0", "0.2.0")


def test_the_changelog_is_rolled() -> None:
    assert rolled(CHANGELOG, "0.2.1", DATE).splitlines() == [
        "# Changelog of low",
        "",
        "## Unreleased",
        "",
        "## 0.2.1 (2026-01-31)",
        "",
        "- A change.",
        "",
        "## 0.2.0 (2025-12-24)",
        "",
        "- First release.",
    ]


@pytest.mark.parametrize(
    ("changelog", "message"),
    [
        (CHANGELOG.replace("- A change.\n", ""), "says nothing"),
        (CHANGELOG.replace("## Unreleased", "## Soon"), "says nothing"),
        (CHANGELOG.replace("0.2.0 (", "0.2.1 ("), "0.2.1 already"),
    ],
)
def test_a_changelog_that_cannot_be_rolled_is_refused(changelog: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        rolled(changelog, "0.2.1", DATE)


def test_a_release_changes_the_version_the_lock_and_the_changelog(workspace: Workspace) -> None:
    texts = prepare(workspace, workspace.packages["low"], "0.2.1", DATE)
    low = workspace.root / "packages" / "low"
    assert set(texts) == {low / "pyproject.toml", low / "CHANGELOG.md", workspace.root / "uv.lock"}
    assert 'version = "0.2.1"' in texts[low / "pyproject.toml"]
    assert 'name = "low"\nversion = "0.2.1"' in texts[workspace.root / "uv.lock"]
    assert 'name = "high"\nversion = "0.2.0"' in texts[workspace.root / "uv.lock"]


def test_a_version_outside_a_dependents_range_is_refused_and_names_it(workspace: Workspace) -> None:
    with pytest.raises(ReleaseError, match=r"high needs low>=0\.2,<0\.3"):
        prepare(workspace, workspace.packages["low"], "0.3.0", DATE)


def test_a_package_without_dependents_is_free(workspace: Workspace) -> None:
    assert prepare(workspace, workspace.packages["high"], "1.0.0", DATE)


def test_a_tag_names_what_the_checkout_holds(workspace: Workspace) -> None:
    assert check_tag(workspace, "low-v0.2.0").name == "low"


@pytest.mark.parametrize(
    ("tag", "message"),
    [("other-v0.2.0", "one of"), ("v0.2.0", "one of"), ("low-v0.2.1", "version of low here is 0.2.0")],
)
def test_a_tag_that_the_checkout_contradicts_is_refused(workspace: Workspace, tag: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        check_tag(workspace, tag)
