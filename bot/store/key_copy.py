"""The copy of the keyring elsewhere: one object, which holds the newest wrapped keys and no others.

Older copies of the rows must open nothing: so there is one object that each copy replaces, and the
store it lies in must keep no versions of it.
"""

from __future__ import annotations

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from bot.store.keyring import Edition, KeyringError
from bot.store.vault import Vault

_TIMEOUT = ClientTimeout(total=30)


class KeyCopyError(Exception):
    """The copy was not taken; the one before it may still be there. Says neither address nor key."""


class KeyCopy:
    """Puts the keyring's file over one remote object (HTTP PUT).

    It does so at each start, each night, whenever rows were sealed anew and after every publication.
    """

    def __init__(self, url: str, vault: Vault) -> None:
        """Hold where to put it: https, with a user's name and password in the address if need be."""
        self._url, self._vault = url, vault
        self._copied: Edition | None = None

    async def renew(self) -> None:
        """Put the file there unless it is the edition that was put last.

        Raises KeyCopyError, or DatabaseUnavailableError where the keyring cannot be read for a moment.
        """
        try:
            await self._vault.reload_keys()  # the sender, too, writes them, and is often another process
        except KeyringError:
            raise KeyCopyError("the keyring cannot be read now") from None
        edition, wrapped = await self._vault.wrapped_keys()
        if edition == self._copied:
            return
        failed = False
        try:
            async with (
                ClientSession(timeout=_TIMEOUT, cookie_jar=DummyCookieJar()) as session,
                session.put(self._url, data=wrapped, allow_redirects=False) as response,
            ):
                failed = not 200 <= response.status < 300
        except (TimeoutError, ClientError, OSError):
            failed = True  # its text may hold the address
        if failed:
            raise KeyCopyError("the remote copy of the keyring was not taken")
        self._copied = edition
