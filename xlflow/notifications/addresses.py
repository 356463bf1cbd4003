"""Where notices go: addresses from the environment or the keyring, never from a file of ours.

An address is a URL as apprise understands it, which mostly is a secret itself. It
may have a name in front, ``zhang=mailto://…``, by which the settings give it to
owners. Nothing but the service and the name is ever shown, logged or stored.
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
    """One address. ``id`` tells it from others without giving it away, ``shown`` to people."""

    id: str
    shown: str
    name: str | None
    url: str = field(repr=False)


def addresses(workspace: Workspace) -> tuple[Address, ...]:
    """Return the addresses of a workspace, none if none are set.

    Raises:
        UnavailableError: the keyring, which is asked where the environment says
            nothing, can't be opened.
    """
    text = os.environ.get(VARIABLE, "").strip() or _from_keyring(workspace.state.name)
    found: dict[str, Address] = {}
    for number, word in enumerate(text.split(), start=1):
        named = _NAMED.match(word)
        url = word[named.end() :] if named else word
        name = named[1] if named else None
        service = url.partition("://")[0] if "://" in url else "?"
        shown = f"{name} ({service})" if name else f"{service} #{number}"
        # Two workspaces that share an address needn't show it, so the digest is bound to one.
        salt = workspace.state.name.encode()
        identity = blake2b(word.encode("utf-8", "surrogateescape"), digest_size=8, key=salt)
        found.setdefault(word, Address(identity.hexdigest(), shown, name, url))
    return tuple(found.values())


def redacted(text: str, urls: Iterable[str]) -> str:
    """Return a text with every part of these addresses that may be a secret blotted out."""
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
    except Exception as error:  # whatever the system's own keyring raises
        raise UnavailableError("notify.keyring", reason=type(error).__name__) from None
