"""Which cloud client syncs a folder: by names of folders, marks, OneDrive's environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlflow.sync.cloud_folders import cloud_client_of


@pytest.mark.parametrize(
    ("path", "client"),
    [
        ("/Users/liu/OneDrive/营销/teams", "OneDrive"),
        ("/Users/liu/OneDrive - Contoso/营销", "OneDrive"),
        ("/Users/liu/Library/CloudStorage/OneDrive-Contoso/营销", "OneDrive"),
        ("/home/liu/Nutstore Files/营销", "坚果云"),
        ("/data/我的坚果云/营销", "坚果云"),
        ("/home/liu/Dropbox/营销", "Dropbox"),
        ("/home/liu/Dropbox (Contoso)/营销", "Dropbox"),
        ("/home/liu/WPS网盘/营销", "WPS网盘"),
        ("/home/liu/WPSDrive/1234/营销", "WPS网盘"),
        ("/home/liu/WPS Cloud Files/营销", "WPS网盘"),
        ("/Users/liu/Library/CloudStorage/GoogleDrive-liu@x.cn/My Drive", "Google Drive"),
        ("/Users/liu/Library/Mobile Documents/com~apple~CloudDocs/营销", "iCloud"),
        ("/Users/liu/iCloudDrive/营销", "iCloud"),
        ("/data/BaiduSyncdisk/营销", "百度网盘"),
        ("/home/liu/Nextcloud/营销", "Nextcloud"),
        ("/home/liu/营销/teams", None),
        ("/home/liu/OneDriver/营销", None),
        ("/home/liu/Dropboxes/营销", None),
        ("/srv/share/BaiduNetdiskDownload/营销", None),
    ],
)
def test_a_client_is_recognised_by_a_folder_name(path: str, client: str | None) -> None:
    assert cloud_client_of(Path(path), {}) == client


@pytest.mark.parametrize(
    ("mark", "client"), [(".stfolder", "Syncthing"), (".dropbox.cache", "Dropbox")]
)
def test_a_client_is_recognised_by_its_mark(tmp_path: Path, mark: str, client: str) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert cloud_client_of(inside, {}) is None
    (tmp_path / mark).mkdir()
    assert cloud_client_of(inside, {}) == client


def test_onedrive_is_recognised_by_the_environment(tmp_path: Path) -> None:
    environment = {"OneDriveCommercial": str(tmp_path / "公司")}
    assert cloud_client_of(tmp_path / "公司" / "营销", environment) == "OneDrive"
    assert cloud_client_of(tmp_path / "别处", environment) is None


def test_a_link_into_a_synced_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "Dropbox" / "营销").mkdir(parents=True)
    (tmp_path / "共享").symlink_to(tmp_path / "Dropbox" / "营销")
    assert cloud_client_of(tmp_path / "共享" / "teams", {}) == "Dropbox"


def test_a_folder_that_has_every_name_is_no_clouds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """smbnetfs takes each name in its topmost folder for a machine's."""
    monkeypatch.setattr("os.path.lexists", lambda _: True)
    assert cloud_client_of(tmp_path, {}) is None
