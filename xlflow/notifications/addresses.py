"""The addresses of notices, from the environment or the keyring, never from a file of xlflow's.

An address is a URL as apprise parses it, and usually a secret. It may have a name in
front, ``zhang=mailto://…``, by which the settings assign it to owners. Only the
service and the name are ever shown, logged or stored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import unquote

from xlflow.errors import UnavailableError
from xlflow.workspace import Workspace

VARIABLE = "XLFLOW_NOTIFY_URLS"
KEYRING_SERVICE = "xlflow"

_NAMED = re.compile(r"([^\s=:/?#]+)=(?=[^\s=:/?#]+://)")
_SHORTEST_SECRET = 5


@dataclass(frozen=True, slots=True)
class Address:
    """One address. ``id`` identifies it without revealing it, ``shown`` is its name for people."""

    id: str
    shown: str
    name: str | None
    url: str = field(repr=False)


def addresses(workspace: Workspace) -> tuple[Address, ...]:
    """Return the addresses of a workspace; from the keyring if the environment sets none.

    Raises:
        UnavailableError: the keyring can't be opened.
    """
    text = os.environ.get(VARIABLE, "").strip() or _from_keyring(workspace.state.name)
    found: dict[str, Address] = {}
    for number, word in enumerate(text.split(), start=1):
        named = _NAMED.match(word)
        url = word[named.end() :] if named else word
        name = named[1] if named else None
        service = url.partition("://")[0] if "://" in url else "?"
        shown = f"{name} ({service})" if name else f"{service} #{number}"
        # Keyed, so that two workspaces don't reveal that they share an address.
        key = workspace.state.name.encode()
        digest = blake2b(word.encode("utf-8", "surrogateescape"), digest_size=8, key=key)
        found.setdefault(word, Address(digest.hexdigest(), shown, name, url))
    return tuple(found.values())


def redacted(text: str, urls: Iterable[str]) -> str:
    """Return a text with every part of these addresses that may be a secret replaced by ``***``."""
    secrets = set()
    for url in urls:
        rest = url.partition("://")[2]
        secrets |= {url, rest, *re.split(r"[/:@?&=,;+#]", rest)}
    secrets |= {unquote(secret) for secret in secrets}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text


def _from_keyring(name: str) -> str:
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(KEYRING_SERVICE, name) or ""
    except keyring.errors.NoKeyringError:
        return ""
    except Exception as error:  # each system's keyring raises its own
        raise UnavailableError("notify.keyring", reason=type(error).__name__) from None
