"""Delivering notices through apprise to a fake service: at least once, and not twice."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import keyring
import keyring.errors
import pytest

import xlflow
from tests.notifications import fake_service
from tests.rows import row
from tests.store.outcomes import record_rows
from xlflow.config import Settings
from xlflow.errors import UnavailableError
from xlflow.facts import Row
from xlflow.notifications import delivery
from xlflow.notifications.addresses import VARIABLE, addresses, redacted
from xlflow.notifications.delivery import DeliveryResult, quiet_until
from xlflow.schema import PLAN
from xlflow.store import Reason, Store
from xlflow.store.database import FILE_NAME
from xlflow.store.outbox import FIRST_WAIT, LONGEST_WAIT
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

NOON = datetime(2024, 7, 17, 4, tzinfo=UTC)  # 12:00 in Shanghai
EAST, WEST = "teams/华东.xlsx", "teams/华西.xlsx"


@pytest.fixture
def service() -> Iterator[fake_service.Service]:
    with fake_service.running() as service:
        yield service


@pytest.fixture
def space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: fake_service.Service
) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, service.url)
    return create_workspace(tmp_path / "share", [], "zh")


def with_settings(space: Workspace, **settings: Any) -> Workspace:
    return Workspace(space.root, Settings(id=space.settings.id, **settings))


def plan(identity: str = "a", goal: str = "90%", owners: str = "小张", **content: object) -> Row:
    content = {"stage": "需求调研", "goal": goal, "owners": owners, "due": "2024-07-10", **content}
    return row(PLAN, content, id=identity)


def sent(space: Workspace, now: datetime = NOON, **options: Any) -> DeliveryResult:
    with Store.open(space.state) as store:
        return delivery.send(space, store, now, **options)


def queued(space: Workspace, *books: tuple[str, list[Row]]) -> None:
    with Store.open(space.state) as store:
        for workbook, rows in books:
            record_rows(store, workbook, rows)


def test_each_team_gets_one_digest(space: Workspace, service: fake_service.Service) -> None:
    queued(space, (EAST, [plan("a"), plan("b", goal="95%")]), (WEST, [plan("c")]))
    assert sent(space) == DeliveryResult(sent=3)
    east, west = service.messages
    assert east.splitlines() == [
        "xlflow 提醒｜华东：逾期 2 项",
        "【逾期】",
        "· 需求调研 · 90%：逾期7天（2024-07-10），小张",
        "· 需求调研 · 95%：逾期7天（2024-07-10），小张",
        "详见 teams/华东.xlsx",
    ]
    assert "华西" in west
    assert sent(space) == DeliveryResult()
    assert len(service.arrived) == 2


def test_nothing_is_sent_twice_even_if_the_store_is_lost(
    space: Workspace, service: fake_service.Service
) -> None:
    queued(space, (EAST, [plan()]))
    sent(space)
    (space.state / FILE_NAME).unlink()
    queued(space, (EAST, [plan(), plan("b", goal="95%")]))
    sent(space)
    assert [message.count("逾期7天") for message in service.messages] == [1, 1]
    assert "95%" in service.messages[1]


def test_a_service_that_is_down_is_retried_with_growing_delays(
    space: Workspace, service: fake_service.Service
) -> None:
    queued(space, (EAST, [plan()]), (WEST, [plan("b")]))
    service.status = 503
    now, waits = NOON, []
    for failures in range(1, 9):
        result = sent(space, now)
        assert (result.sent, result.waiting) == (0, 2)
        assert len(service.arrived) == failures  # the second team isn't tried, too
        assert result.retry_at is not None
        waits.append((result.retry_at - now) / FIRST_WAIT)
        resting = sent(space, result.retry_at - timedelta(seconds=1))
        assert resting.retry_at == result.retry_at
        assert len(service.arrived) == failures
        now = result.retry_at
        # The quiet hours of the test's night mustn't count here.
        assert quiet_until(space.settings, now) is None
    assert waits == [1, 2, 4, 8, 16, 32, 64, LONGEST_WAIT / FIRST_WAIT]
    service.status = 200
    assert sent(space, now) == DeliveryResult(sent=2)
    assert len(service.arrived) == 10


def test_an_immediate_run_ignores_the_delay(
    space: Workspace, service: fake_service.Service
) -> None:
    queued(space, (EAST, [plan()]))
    service.status = 500
    sent(space)
    service.status = 200
    assert sent(space).sent == 0
    assert sent(space, immediately=True) == DeliveryResult(sent=1)


def test_the_reason_is_kept_until_delivery_succeeds(
    space: Workspace, service: fake_service.Service
) -> None:
    queued(space, (EAST, [plan()]))
    service.status = 500
    (reason,) = sent(space).reasons
    assert reason.key == "notify.failed"
    assert reason.params["address"] == "json #1"
    assert "500" in reason.params["told"]
    with Store.open(space.state) as store:
        assert store.outbox.reasons() == (reason,)
    service.status = 200
    sent(space, immediately=True)
    with Store.open(space.state) as store:
        assert store.outbox.reasons() == ()


def test_of_two_addresses_only_the_failed_one_is_retried(
    space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_service.running() as other:
        monkeypatch.setenv(VARIABLE, f"{service.url} {other.url}")
        queued(space, (EAST, [plan()]))
        other.status = 502
        result = sent(space)
        assert (result.sent, result.waiting) == (1, 1)
        (
            space.state / FILE_NAME
        ).unlink()  # which addresses were reached is known without the store
        queued(space, (EAST, [plan()]))
        other.status = 200
        assert sent(space, immediately=True) == DeliveryResult(sent=1)
        assert (len(service.arrived), len(other.arrived)) == (1, 2)


def test_an_invalid_address_does_not_delay_the_others(
    space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"nosuch://t0ken-secret {service.url} plain-secret-text")
    queued(space, (EAST, [plan()]))
    result = sent(space)
    assert len(service.arrived) == 1
    assert [reason.params["address"] for reason in result.reasons] == ["nosuch #1", "? #3"]
    assert result.waiting == 1


def test_owners_get_their_own_notices(
    space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_service.running() as zhang, fake_service.running() as chen:
        monkeypatch.setenv(VARIABLE, f"zhang={zhang.url} {service.url} chen={chen.url}")
        space = with_settings(space, owners={"小张": "zhang", "张三": "zhang", "小陈": "chen"})
        rows = [plan("a", "g1", "小张"), plan("b", "g2", "小李"), plan("c", "g3", "小陈+张三")]
        queued(space, (EAST, rows))
        assert sent(space) == DeliveryResult(sent=3)
        (for_zhang,), (for_chen,), (for_all,) = zhang.messages, chen.messages, service.messages
    assert [goal in for_zhang for goal in ("g1", "g2", "g3")] == [True, False, True]
    assert [goal in for_chen for goal in ("g1", "g2", "g3")] == [False, False, True]
    assert [goal in for_all for goal in ("g1", "g2", "g3")] == [True, True, True]


def test_a_notice_without_a_recipient_waits_with_the_reason(
    space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"zhang={service.url}")
    queued(space, (EAST, [plan()]))
    result = sent(space)
    assert result == DeliveryResult(waiting=1, reasons=(Reason("notify.nobody", {"count": 1}),))
    assert service.arrived == []


@pytest.mark.parametrize(
    ("quiet", "clock", "until"),
    [
        ("22:00-08:00", "21:59", None),
        ("22:00-08:00", "22:00", "2024-07-18T08:00"),
        ("22:00-08:00", "00:00", "2024-07-17T08:00"),
        ("22:00-08:00", "07:59", "2024-07-17T08:00"),
        ("22:00-08:00", "08:00", None),
        ("12:00-14:00", "12:30", "2024-07-17T14:00"),
        ("12:00-14:00", "14:00", None),
        ("00:00-08:00", "23:59", None),
        ("", "03:00", None),
    ],
)
def test_quiet_hours(quiet: str, clock: str, until: str | None) -> None:
    settings = Settings(quiet=quiet)
    now = datetime.fromisoformat(f"2024-07-17T{clock}").replace(tzinfo=settings.zone)
    found = quiet_until(settings, now.astimezone(UTC))
    assert (f"{found:%Y-%m-%dT%H:%M}" if found else None) == until


def test_in_quiet_hours_notices_wait(space: Workspace, service: fake_service.Service) -> None:
    queued(space, (EAST, [plan()]))
    night = NOON + timedelta(hours=11)
    result = sent(space, night)
    morning = NOON + timedelta(hours=20)
    assert result == DeliveryResult(
        waiting=1, reasons=(Reason("notify.quiet", {"until": "08:00"}),), retry_at=morning
    )
    assert service.arrived == []
    assert sent(space, morning) == DeliveryResult(sent=1)


def test_without_an_address_notices_wait(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    _use_keyring(monkeypatch, FakeKeyring({}))
    queued(space, (EAST, [plan()]))
    (reason,) = sent(space).reasons
    assert reason == Reason("notify.no_address", {"workspace": space.settings.id})


class FakeKeyring:
    """A keyring with fixed contents, or one that fails."""

    def __init__(self, held: dict[tuple[str, str], str], error: Exception | None = None) -> None:
        self.held, self.error = held, error

    def get_password(self, service: str, username: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.held.get((service, username))


def _use_keyring(monkeypatch: pytest.MonkeyPatch, keyring_: FakeKeyring) -> None:
    monkeypatch.setattr(keyring, "get_password", keyring_.get_password)


def test_addresses_may_come_from_the_keyring(
    space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    _use_keyring(monkeypatch, FakeKeyring({("xlflow", space.settings.id): service.url}))
    queued(space, (EAST, [plan()]))
    assert sent(space) == DeliveryResult(sent=1)


def test_with_a_locked_keyring_notices_wait(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    _use_keyring(monkeypatch, FakeKeyring({}, keyring.errors.KeyringLocked("secret detail")))
    queued(space, (EAST, [plan()]))
    assert sent(space).reasons == (Reason("notify.keyring", {"reason": "KeyringLocked"}),)
    with pytest.raises(UnavailableError):
        delivery.send_test(space, "zh")


def test_a_machine_without_a_keyring_has_no_addresses(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    _use_keyring(monkeypatch, FakeKeyring({}, keyring.errors.NoKeyringError()))
    assert addresses(space) == ()


def test_secrets_are_never_shown(
    space: Workspace,
    service: fake_service.Service,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    dead = "json://user:p4ssw0rd-hush@127.0.0.1:1/hook/t0ken-hush?x=qu3ry-hush"
    lark = "lark://t0ken-hush-t0ken-hush"
    monkeypatch.setenv(VARIABLE, f"{service.url} {dead} zhang={dead} {lark}x json://[bad-hush")
    monkeypatch.setattr("requests.Session.send", _unreachable)
    monkeypatch.setattr("apprise.NotifyBase.request_rate_per_sec", 0)  # no pauses
    queued(space, (EAST, [plan()]))
    result = sent(with_settings(space, owners={"小张": "zhang"}))
    trial = delivery.send_test(space, "zh")
    assert len(result.reasons) == 5
    seen = [caplog.text, repr(result), repr(trial), repr(addresses(space))]
    files = [path for path in space.state.rglob("*") if path.is_file()]
    seen += [path.read_bytes().decode("latin-1") for path in files]
    assert not any("hush" in text for text in seen)


def _unreachable(self: object, request: Any, **_: object) -> None:
    import requests

    raise requests.ConnectionError(f"no way to {request.url} with {request.headers}")


def test_redaction_takes_decoded_parts_too() -> None:
    url = "mailto://me%40corp:p%40ss-word@smtp.corp.cn?to=boss@corp.cn"
    text = "login as me@corp with p@ss-word or p%40ss-word at smtp.corp.cn refused"
    assert redacted(text, [url]) == "login as *** with *** or *** at *** refused"


@pytest.mark.parametrize(
    ("scheme", "token", "refusal", "reason"),
    [
        ("feishu", "t0ken", {"code": 19024, "msg": "Key Words Not Found"}, "19024 Key Words"),
        ("dingtalk", "a" * 64, {"errcode": 310000, "errmsg": "keywords not in content"}, "310000"),
        ("wecombot", "a" * 36, {"errcode": 93000, "errmsg": "invalid webhook url"}, "93000"),
    ],
)
def test_a_refusal_in_the_body_is_a_refusal(
    space: Workspace,
    service: fake_service.Service,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    token: str,
    refusal: dict[str, object],
    reason: str,
) -> None:
    monkeypatch.setenv(VARIABLE, f"{scheme}://{token}")
    _redirected(monkeypatch, service)
    queued(space, (EAST, [plan()]))
    service.body = refusal
    result = sent(space)
    assert result.waiting == 1
    assert reason in result.reasons[0].params["told"]
    service.body = {name: 0 if isinstance(value, int) else "ok" for name, value in refusal.items()}
    assert sent(space, immediately=True) == DeliveryResult(sent=1)
    for _, document in service.arrived:
        text = json.dumps(document, ensure_ascii=False)
        assert "需求调研 · 90%" in text
        assert "华东" in text


def _redirected(monkeypatch: pytest.MonkeyPatch, service: fake_service.Service) -> None:
    """Redirect every request to the fake service."""
    import requests

    plain = requests.Session.send

    def send(self: requests.Session, request: Any, **options: Any) -> requests.Response:
        request.url = f"http://127.0.0.1:{service.port}/hook"
        return plain(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", send)


def test_a_test_message_goes_to_every_address(
    space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"{service.url} zhang={service.url} nosuch://x")
    first, second, third = delivery.send_test(space, "en")
    assert (first[0].shown, first[1]) == ("json #1", None)
    assert (second[0].shown, second[1]) == ("zhang (json)", None)
    assert third[1] == "the address is not valid, or there is no such service"
    assert [message.splitlines()[0] for message in service.messages] == ["xlflow 测试通知"] * 2


def test_stopping_leaves_the_rest_for_later(
    space: Workspace, service: fake_service.Service
) -> None:
    queued(space, (EAST, [plan()]), (WEST, [plan("b")]))
    result = sent(space, stopping=lambda: bool(service.arrived))
    assert (result.sent, result.waiting) == (1, 1)
    assert sent(space) == DeliveryResult(sent=1)


@pytest.mark.timeout(60)
def test_two_runs_at_once_send_once(space: Workspace, service: fake_service.Service) -> None:
    queued(space, (EAST, [plan()]))
    seen: list[DeliveryResult] = []
    service.on_arrival = lambda _document: seen.append(sent(space, immediately=True))
    assert sent(space) == DeliveryResult(sent=1)
    assert seen == [DeliveryResult(waiting=1, reasons=(Reason("notify.busy"),))]
    assert len(service.arrived) == 1


_CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from xlflow import workspace
from xlflow.store import Store
from xlflow.notifications import delivery
space = workspace.find(Path(sys.argv[1]))
with Store.open(space.state) as store:
    print(delivery.send(space, store, datetime.fromisoformat(sys.argv[2])).sent)
"""


@pytest.mark.timeout(120)
def test_a_digest_is_sent_again_after_a_kill_before_it_was_recorded(
    space: Workspace, service: fake_service.Service
) -> None:
    queued(space, (EAST, [plan()]), (WEST, [plan("b")]))

    def child(now: datetime) -> subprocess.Popen[str]:
        root = str(Path(xlflow.__file__).parents[1])
        return subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(space.root), now.isoformat()],
            env={**os.environ, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            text=True,
        )

    first = child(NOON)
    # The second digest has arrived, but its sender is killed before it gets the answer.
    service.on_arrival = lambda _document: (
        os.kill(first.pid, signal.SIGKILL) if len(service.arrived) == 2 else None
    )
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    service.on_arrival = lambda _document: None
    second = child(
        NOON + timedelta(seconds=30)
    )  # not at once, or a crash could repeat it endlessly
    assert second.communicate()[0].split() == ["0"]
    third = child(NOON + timedelta(seconds=61))
    assert third.communicate()[0].split() == ["1"]
    east, west, again = service.messages
    assert west == again != east
