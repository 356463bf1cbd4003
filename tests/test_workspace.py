"""Workspaces: how they are created and found, and which names teams can have."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import openpyxl
import pytest

from xlflow.config import FILE_NAME, Settings, read_settings
from xlflow.errors import SettingsError, WorkspaceError
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace, display_name, find, nearest
from xlflow.workspace_creation import add_teams, create_workspace, team_name


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLFLOW_WORKSPACE", raising=False)
    monkeypatch.delenv("XLFLOW_STATE_DIR", raising=False)


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


# Creating


def test_a_created_workspace_is_found(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "共享" / "市场", ["市场一部", "市场二部"], "zh")
    assert files(workspace.root) == [
        "master.xlsm",
        "summaries",
        "teams",
        "teams/市场一部.xlsx",
        "teams/市场二部.xlsx",
        FILE_NAME,
    ]
    assert find(workspace.root) == workspace
    assert len(workspace.settings.id) == 16
    assert openpyxl.load_workbook(workspace.teams / "市场一部.xlsx").sheetnames


def test_workspaces_have_different_ids(tmp_path: Path) -> None:
    assert (
        create_workspace(tmp_path / "a").settings.id != create_workspace(tmp_path / "b").settings.id
    )


def test_a_workspace_in_english(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path, ["Marketing 1"], "en")
    assert read_settings(tmp_path / FILE_NAME).language == "en"
    assert "time zone" in (tmp_path / FILE_NAME).read_text(encoding="utf-8")
    assert (workspace.teams / "Marketing 1.xlsx").is_file()


def test_an_existing_workspace_is_not_overwritten(tmp_path: Path) -> None:
    create_workspace(tmp_path, ["市场一部"])
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(WorkspaceError) as refused:
        create_workspace(tmp_path, ["市场二部"])
    assert refused.value.key == "workspace_exists"
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert files(tmp_path / "teams") == ["市场一部.xlsx"]


def test_existing_workbooks_are_kept(tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "市场一部.xlsx").write_bytes(b"theirs")
    workspace = create_workspace(tmp_path, ["市场一部", "市场二部"])
    assert (workspace.teams / "市场一部.xlsx").read_bytes() == b"theirs"
    assert (workspace.teams / "市场二部.xlsx").is_file()


def test_an_invalid_name_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        create_workspace(tmp_path / "new", ["市场一部", "市场/二部"])
    assert files(tmp_path) == []


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failed_creation_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    write, calls = team_workbook.write, 0

    def fails(path: Path, **rest: object) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        write(path, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(team_workbook, "write", fails)
    with pytest.raises(WorkspaceError) as refused:
        create_workspace(tmp_path / "new" / "er", ["市场一部", "市场二部"])
    assert refused.value.key == "workspace_not_made"
    assert files(tmp_path) == []
    assert create_workspace(tmp_path / "new" / "er", ["市场一部", "市场二部"]).teams.is_dir()


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "占用").write_bytes(b"a file")
    with pytest.raises(WorkspaceError) as refused:
        create_workspace(tmp_path / "占用")
    assert refused.value.key == "workspace_not_made"
    assert (tmp_path / "占用").read_bytes() == b"a file"


def test_teams_are_added(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path)
    assert add_teams(workspace, ["华东", "华南"]) == [
        workspace.teams / "华东.xlsx",
        workspace.teams / "华南.xlsx",
    ]
    assert files(workspace.teams) == ["华东.xlsx", "华南.xlsx"]


@pytest.mark.parametrize("present", ["华东.xlsx", "华东.XLSM", "华东.xls", "华东.et", "华东.csv"])
def test_an_existing_team_is_refused_and_none_is_added(tmp_path: Path, present: str) -> None:
    workspace = create_workspace(tmp_path)
    (workspace.teams / present).write_bytes(b"theirs")
    with pytest.raises(WorkspaceError) as refused:
        add_teams(workspace, ["华南", "华东"])
    assert refused.value.key == "team_exists"
    assert refused.value.params["path"] == f"teams/{present}"
    assert files(workspace.teams) == [present]


def test_names_that_differ_in_case_or_composition_are_equal(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path, ["Café"])
    with pytest.raises(WorkspaceError) as refused:
        add_teams(workspace, [unicodedata.normalize("NFD", "CAFÉ")])
    assert refused.value.key == "team_exists"
    with pytest.raises(WorkspaceError) as refused:
        add_teams(workspace, ["East", "east"])
    assert refused.value.key == "team_twice"


def test_a_failed_write_adds_no_team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = create_workspace(tmp_path)
    write = team_workbook.write

    def fails(path: Path, *, team: str, **rest: object) -> None:
        if team == "华南":
            raise OSError(28, "No space left on device")
        write(path, team=team, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(team_workbook, "write", fails)
    with pytest.raises(WorkspaceError) as refused:
        add_teams(workspace, ["华东", "华南"])
    assert refused.value.key == "team_not_made"
    assert refused.value.params["path"] == "teams/华南.xlsx"
    assert files(workspace.teams) == []


# Names


@pytest.mark.parametrize(
    "name", ["市场一部", "市场部(2)", "A&B 团队", "é", "市场.华东", "团" * 83, "Console"]
)
def test_valid_team_names(name: str) -> None:
    assert team_name(name) == name


def test_a_team_name_is_normalised() -> None:
    assert team_name("e\u0301") == "é"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("", "team_name_blank"),
        ("　 ", "team_name_blank"),
        ("a/b", "team_name_character"),
        ("a\\b", "team_name_character"),
        ("../x", "team_name_character"),
        ("a:b", "team_name_character"),
        ("a*", "team_name_character"),
        ("市场\n部", "team_name_invisible"),
        ("市场\x00部", "team_name_invisible"),
        ("市场\u200b部", "team_name_invisible"),
        ("市场\u202e部", "team_name_invisible"),
        ("市场\udcff部", "team_name_invisible"),
        ("~$市场", "team_name_ignored"),
        (".市场", "team_name_ignored"),
        (".~市场", "team_name_ignored"),
        ("..", "team_name_ignored"),
        (" 市场", "team_name_edge"),
        ("市场 ", "team_name_edge"),
        ("市场.", "team_name_edge"),
        ("市场　", "team_name_edge"),
        ("con", "team_name_reserved"),
        ("COM1", "team_name_reserved"),
        ("Lpt9.市场", "team_name_reserved"),
        ("NUL .x", "team_name_reserved"),
        ("团" * 84, "team_name_long"),
    ],
)
def test_invalid_team_names(name: str, key: str) -> None:
    with pytest.raises(WorkspaceError) as refused:
        team_name(name)
    assert refused.value.key == key


# Finding


def test_the_nearest_parent_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = create_workspace(tmp_path / "outer")
    inner = create_workspace(workspace.root / "inner")
    monkeypatch.chdir(inner.teams)
    assert find().root == inner.root
    monkeypatch.chdir(workspace.teams)
    assert find().root == workspace.root
    assert nearest(inner.teams / "市场一部.xlsx") == inner


def test_the_argument_beats_the_environment_beats_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, named, given = (create_workspace(tmp_path / name) for name in ("here", "named", "given"))
    monkeypatch.chdir(here.root)
    assert find().root == here.root
    monkeypatch.setenv("XLFLOW_WORKSPACE", str(named.root))
    assert find().root == named.root
    assert find(given.root).root == given.root


@pytest.mark.parametrize(
    ("start", "environment", "key"),
    [
        (None, "", "no_workspace"),
        ("sub", "", "no_workspace_here"),
        (None, "sub", "no_workspace_in_environment"),
    ],
)
def test_a_missing_workspace_is_reported(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: str | None,
    environment: str,
    key: str,
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XLFLOW_WORKSPACE", environment)
    with pytest.raises(WorkspaceError) as refused:
        find(Path(start) if start else None)
    assert refused.value.key == key
    assert str(tmp_path) in refused.value.params["path"]


def test_invalid_settings_are_not_a_missing_workspace(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("langauge = 'zh'", encoding="utf-8")
    with pytest.raises(SettingsError):
        find(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(SettingsError):
        find(tmp_path)


# Paths


def test_state_is_in_the_users_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    workspace = Workspace(tmp_path / "share", Settings(id="abc123"))
    assert workspace.state == tmp_path / "state" / "xlflow" / "abc123"
    assert not workspace.state.exists()


def test_the_state_folder_can_be_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "share", Settings(id="abc", state_dir=str(tmp_path / "own")))
    assert workspace.state == tmp_path / "own" / "abc"
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "environment"))
    assert workspace.state == tmp_path / "environment" / "abc"


@pytest.mark.parametrize("inside", ["state", ".", "teams/../x", "../link"])
def test_state_inside_the_share_is_refused(tmp_path: Path, inside: str) -> None:
    root = tmp_path / "share"
    root.mkdir()
    (tmp_path / "link").symlink_to(root)
    with pytest.raises(WorkspaceError) as refused:
        _ = Workspace(root, Settings(id="abc", state_dir=inside)).state
    assert refused.value.key == "state_in_workspace"


def test_a_workspace_without_an_id_is_identified_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    one, other = (Workspace(tmp_path / name, Settings()).state for name in ("one", "other"))
    assert one != other
    assert one == Workspace(tmp_path / "one", Settings()).state


def test_paths_are_relative_to_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "share", Settings())
    assert workspace.relative(workspace.teams / "市场一部.xlsx") == "teams/市场一部.xlsx"
    assert (
        workspace.relative(tmp_path / "elsewhere.xlsx") == f"{tmp_path.as_posix()}/elsewhere.xlsx"
    )
    odd = os.fsdecode("部".encode("gbk"))
    assert workspace.relative(workspace.teams / odd) == r"teams/\xb2\xbf"
    assert display_name("市场") == "市场"


def test_a_symlinked_workspace_gives_the_same_paths(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "real")
    (tmp_path / "link").symlink_to(workspace.root)
    through = find(tmp_path / "link")
    assert through.relative(workspace.teams / "x.xlsx") == "teams/x.xlsx"
    assert nearest(tmp_path / "link" / "teams") == through
