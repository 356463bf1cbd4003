"""Delivery to one address: what chat bots are sent, what they answer, and what gets logged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.notifications import fake_service
from xlflow.notifications.addresses import Address
from xlflow.notifications.digest import Digest
from xlflow.notifications.transport import DeliveryRefusedError, Transport

MESSAGE = Digest("标题", "第一行\n第二行")
TEXT = "标题\n第一行\n第二行"
WECOM = "wecombot://" + "a" * 36
PLUGINS = {
    "feishu": ("feishu.NotifyFeishu", "/hook?token={token}"),
    "dingtalk": ("dingtalk.NotifyDingTalk", "/robot/send?access_token={token}"),
    "wecombot": ("wecombot.NotifyWeComBot", "/webhook/send?key={key}"),
}


@pytest.fixture
def service() -> Iterator[fake_service.Service]:
    with fake_service.running() as service:
        yield service


@pytest.fixture
def other() -> Iterator[fake_service.Service]:
    with fake_service.running() as service:
        yield service


def redirect(monkeypatch: pytest.MonkeyPatch, scheme: str, service: fake_service.Service) -> None:
    plugin, path = PLUGINS[scheme]
    monkeypatch.setattr(
        f"apprise.plugins.{plugin}.notify_url", f"http://127.0.0.1:{service.port}{path}"
    )


def deliver(url: str) -> str | None:
    """Deliver the message to an address; return why it was refused."""
    try:
        Transport(Address("1", url.partition("://")[0], None, url), "en").deliver(MESSAGE)
    except DeliveryRefusedError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize(
    ("url", "document"),
    [
        ("feishu://t0ken", {"msg_type": "text", "content": {"text": TEXT}}),
        (
            "dingtalk://t0ken/13800138000",
            {
                "msgtype": "text",
                "text": {"content": TEXT},
                "at": {"atMobiles": ["13800138000"], "isAtAll": False},
            },
        ),
        (WECOM, {"msgtype": "text", "text": {"content": TEXT}}),
    ],
)
def test_a_chat_bot_gets_title_and_body_as_one_text(
    service: fake_service.Service,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    document: dict[str, object],
) -> None:
    redirect(monkeypatch, url.partition("://")[0], service)
    assert deliver(url) is None
    ((path, arrived),) = service.arrived
    assert arrived == document
    assert path.endswith(("t0ken", "a" * 36))


def test_a_dingtalk_secret_signs_the_request(
    service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    redirect(monkeypatch, "dingtalk", service)
    assert deliver("dingtalk://s3cret@t0ken") is None
    ((path, _),) = service.arrived
    query = parse_qs(urlsplit(path).query)
    signed = f"{query['timestamp'][0]}\ns3cret".encode()
    signature = base64.b64encode(hmac.new(b"s3cret", signed, hashlib.sha256).digest())
    assert query["access_token"] == ["t0ken"]
    assert query["sign"] == [signature.decode()]


@pytest.mark.parametrize("url", ["feishu://t0ken", "dingtalk://t0ken", WECOM])
def test_a_chat_bot_that_is_down_is_a_refusal(
    service: fake_service.Service, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    redirect(monkeypatch, url.partition("://")[0], service)
    service.status = 503
    assert deliver(url) == "HTTP 503"


@pytest.mark.timeout(60)
def test_two_deliveries_at_once_get_their_own_answers(
    service: fake_service.Service, other: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    redirect(monkeypatch, "dingtalk", service)
    redirect(monkeypatch, "wecombot", other)
    both_arrived = threading.Barrier(2, timeout=20)
    service.on_arrival = other.on_arrival = lambda _document: both_arrived.wait()
    service.body, other.body = {"errcode": 310000, "errmsg": "keywords"}, {"errcode": 0}
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            refused, accepted = pool.map(deliver, ["dingtalk://t0ken", WECOM])
            assert refused == "310000 keywords"
            assert accepted is None


@pytest.mark.timeout(60)
def test_two_failures_at_once_keep_their_own_reasons(
    service: fake_service.Service, other: fake_service.Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    both_arrived = threading.Barrier(2, timeout=20)
    service.on_arrival = other.on_arrival = lambda _document: both_arrived.wait()
    service.status, other.status = 500, 404
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            first, second = pool.map(deliver, [service.url, other.url])
            assert "500" in str(first)
            assert "404" in str(second)
    assert not [r for r in caplog.records if r.name.startswith(("apprise", "urllib3"))]


def test_sending_starts_no_thread_that_could_delay_the_end(service: fake_service.Service) -> None:
    before = set(threading.enumerate())
    names: list[str] = []
    service.on_arrival = lambda _document: names.extend(
        thread.name for thread in threading.enumerate() if thread not in before
    )
    assert deliver(service.url) is None
    assert [name for name in names if "process_request_thread" not in name] == []


@pytest.mark.timeout(60)
def test_what_other_threads_log_meanwhile_is_left_alone(
    service: fake_service.Service, caplog: pytest.LogCaptureFixture
) -> None:
    names = ("apprise", "urllib3.connectionpool")

    def log(_document: object) -> None:  # on the service's own thread
        for name in names:
            logging.getLogger(name).warning("somebody else's")

    service.on_arrival = log
    service.status = 500
    assert "500" in str(deliver(service.url))
    others = [r.name for r in caplog.records if r.getMessage() == "somebody else's"]
    assert others == list(names)
    logging.getLogger("apprise").warning("afterwards")
    assert caplog.messages[-1] == "afterwards"
