"""Delivering one message to one address, through apprise.

apprise knows some hundred services; the few whose answers it doesn't read are
posted to by :mod:`xlflow.notifications.chat_bots`.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from xlflow.messages import say
from xlflow.notifications import chat_bots
from xlflow.notifications.addresses import Address, redacted
from xlflow.notifications.captured_log import captured_warnings

if TYPE_CHECKING:
    from xlflow.notifications.digest import Digest

_MAX_BYTES = 8000
"""Bytes of a digest: twice as many when escaped in JSON, which services of 20 KB accept."""

_MAX_REASON = 160


class DeliveryRefusedError(Exception):
    """The message wasn't accepted; the text says why, in words fit to be shown."""


class Transport:
    """Delivers to one address. ``limit`` is how many bytes a message may have.

    Raises:
        DeliveryRefusedError: there is no such service, or the URL lacks something.
    """

    def __init__(self, address: Address, language: str) -> None:
        import apprise

        self._address = address
        self._language = language
        with captured_warnings():
            self._apprise = apprise.Apprise(asset=_asset())
            try:
                valid = self._apprise.add(address.url)
            except Exception:  # some versions raise on what isn't a URL at all
                valid = False
        if not valid:
            raise DeliveryRefusedError(say("notify.no_such_service", language))
        self._plugin = self._apprise[0]
        self.limit = min(int(self._plugin.body_maxlen), _MAX_BYTES)

    def deliver(self, message: Digest) -> None:
        """Deliver one message.

        Raises:
            DeliveryRefusedError: it wasn't accepted.
        """
        try:
            reason = self._send(message)
        except Exception as error:  # a plug-in's bug fails this address only
            reason = type(error).__name__
        if reason is not None:
            raise DeliveryRefusedError(self._presentable(reason))

    def _send(self, message: Digest) -> str | None:
        """Send a message; return why it wasn't accepted, None if it was."""
        with captured_warnings() as warnings:
            if chat_bots.is_chat_bot(self._plugin):
                return chat_bots.post(self._plugin, f"{message.title}\n{message.body}")
            if self._apprise.notify(title=message.title, body=message.body, body_format="text"):
                return None
        return warnings[-1] if warnings else say("notify.no_answer", self._language)

    def _presentable(self, reason: str) -> str:
        line = " ".join(redacted(reason, [self._address.url]).split())
        return line if len(line) <= _MAX_REASON else f"{line[: _MAX_REASON - 1]}…"


def _asset() -> Any:
    """Return settings with which apprise sends on the calling thread.

    A thread of its own would keep the process from ending until a slow service has
    answered. Newer versions start one to enforce ``service_timeout``; plug-ins have
    timeouts for their requests anyway.
    """
    import apprise

    options: dict[str, Any] = {"app_id": "xlflow", "app_desc": "xlflow", "async_mode": False}
    if "service_timeout" in signature(apprise.AppriseAsset).parameters:
        options["service_timeout"] = 0
    return apprise.AppriseAsset(**options)
