"""Delivering one message to one address, through apprise.

apprise knows some hundred services; what it doesn't do is done here: it logs
addresses when it is asked for details, and it takes a service's HTTP status for
its answer, while 飞书, 钉钉 and 企业微信 say 200 to what they refuse and give the
reason in the body.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xlflow.messages import say
from xlflow.notifications.addresses import Address, redacted
from xlflow.notifications.digest import Digest

_LIMIT = 8000
"""Bytes that a digest has at most: escaped in JSON twice as many, which 20 KB services take."""

_TALKATIVE = ("apprise", "urllib3", "requests")

# Where the services that always say 200 put what they mean: the code (0 is well), the reason.
_ANSWERS = {
    "feishu": ("code", "msg"),
    "lark": ("code", "msg"),
    "dingtalk": ("errcode", "errmsg"),
    "wecombot": ("errcode", "errmsg"),
}


class DeliveryRefusedError(Exception):
    """The message wasn't taken; the text says why, in words fit to be shown."""


class Transport:
    """Delivers to one address. ``limit`` is how many bytes a message may have.

    Raises:
        RefusedError: there is no such service, or the URL lacks something.
    """

    def __init__(self, address: Address, language: str) -> None:
        import apprise

        self._address = address
        self._language = language
        with _listening():
            asset = apprise.AppriseAsset(app_id="xlflow", app_desc="xlflow")
            self._outlet = apprise.Apprise(asset=asset)
            try:
                understood = self._outlet.add(address.url)
            except Exception:  # some versions fail over what isn't a URL at all
                understood = False
        if not understood:
            raise DeliveryRefusedError(say("notify.no_such_service", language))
        self._service = self._outlet[0]
        self.limit = min(int(self._service.body_maxlen), _LIMIT)

    def deliver(self, message: Digest) -> None:
        """Deliver one message.

        Raises:
            RefusedError: it wasn't taken.
        """
        with _listening() as heard, _overhearing() as answers:
            try:
                taken = bool(
                    self._outlet.notify(title=message.title, body=message.body, body_format="text")
                )
            except Exception as error:  # a plug-in's surprise is one address's failure
                taken, heard = False, [*heard, type(error).__name__]
        if not taken:
            told = heard[-1] if heard else say("notify.no_answer", self._language)
            raise DeliveryRefusedError(self._fit(told))
        code, reason = _ANSWERS.get(self._address.url.partition("://")[0].lower(), (None, None))
        for answer in answers if code is not None else ():
            try:
                body = answer.json()
                refused = isinstance(body, dict) and body.get(code) not in (0, None)
            except ValueError:
                continue
            if refused:
                raise DeliveryRefusedError(self._fit(f"{body.get(code)} {body.get(reason)}"))

    def _fit(self, told: str) -> str:
        line = " ".join(redacted(told, [self._address.url]).split())
        return line if len(line) <= 160 else f"{line[:159]}…"


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Gather the warnings that would be logged, and let nothing of it reach any log."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                heard.append(record.getMessage())

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    before = [(logger.handlers, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [Ear()], False
    try:
        yield heard
    finally:
        for logger, (handlers, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate


@contextmanager
def _overhearing() -> Iterator[list[Any]]:
    """Gather the responses that apprise gets and doesn't show."""
    import requests

    answers: list[Any] = []
    plain = requests.Session.send

    def send(self: requests.Session, request: Any, **options: Any) -> Any:
        answer = plain(self, request, **options)
        answers.append(answer)
        return answer

    requests.Session.send = send  # type: ignore[method-assign]
    try:
        yield answers
    finally:
        requests.Session.send = plain  # type: ignore[method-assign]
