"""Posting to the chat bots of 飞书, Lark, 钉钉 and 企业微信, and reading their answers.

These services answer HTTP 200 even to what they refuse, and give the reason in the
body, which apprise doesn't look at. So apprise only parses their addresses; the
message is posted from here, always as plain text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class _Request(NamedTuple):
    url: str
    document: dict[str, Any]


class _Bot(NamedTuple):
    """How one service is asked, and which fields of its answer hold code (0 is success), reason."""

    request: Callable[[Any, str], _Request]
    code: str
    reason: str


def is_chat_bot(plugin: Any) -> bool:
    """Whether one of apprise's plug-ins is for a service that is posted to from here."""
    return plugin.secure_protocol in tuple(_BOTS)


def post(plugin: Any, text: str) -> str | None:
    """Post a text to a bot; return why it was refused, None if it was accepted.

    ``plugin`` is apprise's for the service. The reason may contain parts of the address.
    """
    import requests

    bot = _BOTS[plugin.secure_protocol]
    request = bot.request(plugin, text)
    try:
        response = requests.post(
            request.url,
            json=request.document,
            headers={"User-Agent": plugin.app_id},
            verify=plugin.verify_certificate,
            timeout=plugin.request_timeout,
        )
    except requests.RequestException as error:
        return type(error).__name__
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if isinstance(answer, dict) and answer.get(bot.code) not in (0, None):
        return f"{answer[bot.code]} {answer.get(bot.reason)}"
    return None if response.status_code == requests.codes.ok else f"HTTP {response.status_code}"


def _feishu(plugin: Any, text: str) -> _Request:
    url = plugin.notify_url.format(token=plugin.token)
    return _Request(url, {"msg_type": "text", "content": {"text": text}})


def _lark(plugin: Any, text: str) -> _Request:
    return _Request(plugin.webhook_url, {"msg_type": "text", "content": {"text": text}})


def _dingtalk(plugin: Any, text: str) -> _Request:
    url = plugin.notify_url.format(token=plugin.token)
    if plugin.secret:
        timestamp, signature = plugin.get_signature()  # the signature is percent-encoded
        url = f"{url}&timestamp={timestamp}&sign={signature}"
    at = {"atMobiles": plugin.targets, "isAtAll": False}
    return _Request(url, {"msgtype": "text", "text": {"content": text}, "at": at})


def _wecom(plugin: Any, text: str) -> _Request:
    return _Request(plugin.api_url, {"msgtype": "text", "text": {"content": text}})


_BOTS = {
    "feishu": _Bot(_feishu, "code", "msg"),
    "lark": _Bot(_lark, "code", "msg"),
    "dingtalk": _Bot(_dingtalk, "errcode", "errmsg"),
    "wecombot": _Bot(_wecom, "errcode", "errmsg"),
}
"""By the scheme of their addresses."""
