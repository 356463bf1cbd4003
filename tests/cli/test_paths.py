"""What a PATH refers to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xlflow.cli.errors import CommandLineError
from xlflow.cli.paths import exists, find_path, workspace_if_any
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError


def test_the_current_folder_comes_before_the_workspace(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session("zh")
    session.directory = root
    monkeypatch.chdir(tmp_path / "here")
    assert find_path("xlflow.toml", session) == root / "xlflow.toml"
    (tmp_path / "here" / "xlflow.toml").touch()
    assert find_path("xlflow.toml", session) == tmp_path / "here" / "xlflow.toml"
    assert find_path("../w/./xlflow.toml", session) == root / "xlflow.toml"


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("市场一部", "teams/市场一部.xlsx"),
        ("市场一部.xlsx", "teams/市场一部.xlsx"),
        ("没有.xlsx", None),
    ],
)
def test_a_missing_path_is_refused_with_a_suggestion(text: str, near: str | None) -> None:
    with pytest.raises(CommandLineError, match="no_such_path") as raised:
        find_path(text, Session("zh"))
    assert raised.value.params == {"path": text, "near": near}


def test_without_a_workspace_a_missing_path_is_refused() -> None:
    with pytest.raises(CommandLineError, match="no_such_path") as raised:
        find_path("市场一部.xlsx", Session("zh"))
    assert raised.value.params == {"path": "市场一部.xlsx"}


def test_no_workspace_is_none_unless_one_was_named(tmp_path: Path) -> None:
    session = Session("zh")
    assert workspace_if_any(session) is None
    session.directory = tmp_path
    with pytest.raises(WorkspaceError):
        workspace_if_any(session)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_dangling_link_exists_and_an_impossible_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert exists(tmp_path / "link")
    assert not exists(tmp_path / "nowhere")
    assert not exists(tmp_path / ("x" * 300))
    assert not exists(Path("a\0b"))
