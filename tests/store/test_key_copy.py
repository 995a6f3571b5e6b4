"""The remote copy of the keyring: one object, always the newest, of no use without the root key."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import encode_basic_auth, web

from bot.store.backup import BackupRefusedError, back_up, restore
from bot.store.key_copy import KeyCopy, KeyCopyError
from bot.store.keyring import Keyring, RootKey, WrongRootKeyError
from bot.store.vault import Vault
from tests.chat.test_asking import nights_pass
from tests.chat.test_following import follow
from tests.running import Clock, Scene, running
from tests.store.vaults import ROOT, Home, following

CHAT = 1_234_567_890_123


class Elsewhere:
    """A store with one object, over HTTP, which can be away."""

    def __init__(self) -> None:
        self.kept = b""
        self.puts = 0
        self.status = 201
        self.auth = ""

    async def put(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.status == 201:
            self.kept, self.puts = body, self.puts + 1
        self.auth = request.headers.get("Authorization", "")
        return web.Response(status=self.status, headers={"Location": "/stolen"})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_put("/keys/current", self.put)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"{site.name.replace('http://', 'http://volya:pass@')}/keys/current"
        finally:
            await runner.cleanup()


async def test_the_newest_keys_replace_the_ones_before_and_open_only_with_the_root(
    home: Home, tmp_path: Path
) -> None:
    elsewhere = Elsewhere()
    async with elsewhere.serving() as url:
        vault = await home.open()
        await vault.merge(CHAT, following(7))
        copy = KeyCopy(url, vault)
        await copy.renew()
        await copy.renew()
        assert elsewhere.puts == 1
        assert elsewhere.auth == encode_basic_auth("volya", "pass")
        await back_up(home.shelf(), tmp_path / "yesterday")

        await vault.rekey()
        await copy.renew()
        assert elsewhere.puts == 2
        await back_up(home.shelf(), tmp_path / "today")

    path = tmp_path / "brought back"
    path.write_bytes(elsewhere.kept)
    assert len(Keyring.load(path, ROOT).epochs) == 1
    with pytest.raises(WrongRootKeyError):
        Keyring.load(path, RootKey(b"x" * 32))

    await home.close()
    home.keyring.write_bytes(elsewhere.kept)
    reopened = await home.open()
    assert (await reopened.read(CHAT)) is not None, "the disk with the keyring died, the rows did not"

    other = Home(tmp_path / "other", None)
    other.keyring.parent.mkdir(parents=True, exist_ok=True)
    other.keyring.write_bytes(elsewhere.kept)
    with pytest.raises(BackupRefusedError):
        await restore(other.shelf(), other.keyring, ROOT, tmp_path / "yesterday")
    assert await restore(other.shelf(), other.keyring, ROOT, tmp_path / "today")
    found = await other.open()
    assert (await found.read(CHAT)) is not None
    await other.close()


async def test_a_copy_taken_amid_a_rekey_is_replaced_when_the_old_keys_are_destroyed(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Elsewhere()
    brought = tmp_path / "brought back"

    def there() -> set[int]:
        brought.write_bytes(elsewhere.kept)
        return set(Keyring.load(brought, ROOT).epochs)

    async with elsewhere.serving() as url:
        vault = await home.open()
        copy, destroy, amid = KeyCopy(url, vault), vault._destroying.older_than, set[int]()

        async def copied_before(*ends: int) -> None:
            nonlocal amid
            await copy.renew()
            amid = there()
            await destroy(*ends)

        monkeypatch.setattr(vault._destroying, "older_than", copied_before)
        await vault.rekey()
        await copy.renew()
        assert amid == {1, 2}
        assert there() == {2}, "old keys that stay there open yesterday's copies of the rows"


@pytest.mark.parametrize("status", [301, 307, 403, 500])
async def test_a_copy_that_was_not_taken_is_said_and_tried_again(home: Home, status: int) -> None:
    elsewhere = Elsewhere()
    elsewhere.status = status
    async with elsewhere.serving() as url:
        vault = await home.open()
        copy = KeyCopy(url, vault)
        with pytest.raises(KeyCopyError) as refused:
            await copy.renew()
        elsewhere.status = 201
        await copy.renew()
    assert elsewhere.puts == 1
    with pytest.raises(KeyCopyError) as away:
        await KeyCopy(url, vault).renew()
    for error in (refused.value, away.value):
        assert "keys" not in str(error).removeprefix("the remote copy of the keyring")
        assert error.__cause__ is None
        assert error.__context__ is None


@pytest.mark.parametrize("act", [Vault.outdate_copies, Vault.rekey])
async def test_what_another_process_did_is_in_the_copy_and_the_copy_opens_the_rows(
    empty_postgres: str, tmp_path: Path, act: Callable[[Vault], Awaitable[None]]
) -> None:
    """The sender is often another process than the one that copies, and rows go on with it."""
    home, elsewhere = Home(tmp_path, empty_postgres), Elsewhere()
    keeper, sender = await home.open(), await home.open(keeper=False)
    await sender.merge(CHAT, following(7))
    async with elsewhere.serving() as url:
        copy = KeyCopy(url, keeper)
        await copy.renew()
        await act(sender)
        await copy.renew()
    await home.close()

    home.keyring.write_bytes(elsewhere.kept)
    reopened = await home.open()
    assert await reopened.read(CHAT) is not None
    assert not reopened.held
    await home.close()


async def test_a_keyring_that_cannot_be_read_now_replaces_no_copy_and_ends_nothing(home: Home) -> None:
    elsewhere = Elsewhere()
    async with elsewhere.serving() as url:
        copy = KeyCopy(url, await home.open())
        await copy.renew()
        kept, whole = elsewhere.kept, home.keyring.read_bytes()
        home.keyring.write_bytes(whole[:-5])
        with pytest.raises(KeyCopyError):
            await copy.renew()
        home.keyring.write_bytes(whole)
        await copy.renew()
    assert (elsewhere.kept, elsewhere.puts) == (kept, 1)


@pytest.mark.usefixtures("seeded")
async def test_the_running_bot_copies_at_its_start_and_after_each_night(tmp_path: Path) -> None:
    clock, elsewhere = Clock(), Elsewhere()
    desk = clock.desk()
    async with elsewhere.serving() as copy, desk.serving() as url:
        scene = Scene(desk, url, tmp_path, clock, desk.person("Марыя", language_code="be"))
        plan = clock.plan(desk, url, tmp_path)
        plan = dataclasses.replace(plan, vault=dataclasses.replace(plan.vault, keyring_copy=copy))
        async with running(plan):
            await follow(scene.mother, "Алесь Бяляцкі")
            await desk.until(lambda: elsewhere.puts == 1)
            first = elsewhere.kept
            await nights_pass(scene, 1)
            await desk.until(lambda: elsewhere.puts == 2)
            assert elsewhere.kept != first
            (tmp_path / "brought back").write_bytes(elsewhere.kept)
            there, here = (Keyring.load(tmp_path / name, ROOT) for name in ("brought back", "keyring"))
            assert there.epochs == here.epochs
