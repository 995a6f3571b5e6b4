"""The operator's commands webhook and sender, each as a process, against the desk and a registry."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.chat.intake import ALLOWED_UPDATES
from bot.desk import faults
from bot.desk.desk import Desk
from bot.store import publications
from bot.store.database import Database
from bot.store.keyring import AnotherBotError
from tests.newsroom import Newsroom
from tests.processes import environment, run_bot, start_bot
from tests.running import plan_for, running

SECRET = "canary-secret-of-the-webhook"
NOWHERE = "http://127.0.0.1:9"
CONFLICT = b'{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}'


def hooked(desk: Desk, url: str, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a bot whose updates go to a host that is nowhere."""
    more = {"VOLYA_WEBHOOK_URL": "https://volya.example/canary/", "VOLYA_WEBHOOK_SECRET": SECRET, **more}
    return environment(url, desk.token, folder, **more)


async def test_a_webhook_is_set_from_the_settings_shown_without_secrets_and_cleared(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        env = hooked(desk, url, tmp_path, VOLYA_WEBHOOK_CONNECTIONS="7")
        said = [await run_bot("webhook", word, env=env) for word in ("set", "show", "clear", "show")]
    assert [code for code, _, _ in said] == [0, 0, 0, 0]
    assert [out.splitlines() for _, out, _ in said] == [
        ["Telegram brings updates to volya.example."],
        ["Updates go to volya.example, at most 7 at once.", "Updates that wait: 0."],
        ["No webhook any more: updates wait until they are asked for."],
        ["No webhook: updates are asked for.", "Updates that wait: 0."],
    ]
    [call] = [call for call in desk.calls if call.method == "setWebhook"]
    assert call.params["url"] == "https://volya.example/canary/telegram"
    assert call.params["secret_token"] == SECRET
    assert set(call.params["allowed_updates"]) == set(ALLOWED_UPDATES)
    assert desk.violations == []


@pytest.mark.parametrize("form", ["", "/", "/telegram", "/telegram/"])
async def test_the_address_is_the_same_with_and_without_the_path_of_the_bot(
    tmp_path: Path, form: str
) -> None:
    desk = Desk()
    async with desk.serving() as url:
        env = hooked(desk, url, tmp_path, VOLYA_WEBHOOK_URL=f"https://volya.example{form}")
        await run_bot("webhook", "set", env=env)
        _, shown, _ = await run_bot("webhook", "show", env=env)
    [call] = [call for call in desk.calls if call.method == "setWebhook"]
    assert call.params["url"] == "https://volya.example/telegram"
    assert "not the address" not in shown


async def test_what_waits_stays_unless_it_is_to_be_dropped(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        env, waiting = hooked(desk, url, tmp_path), []
        for words in (("clear",), ("clear", "--drop"), ("set",), ("set", "--drop")):
            if not desk.pending_updates:
                sister.says("hello")
            await run_bot("webhook", *words, env=env)
            waiting.append(desk.pending_updates)
    assert waiting == [1, 0, 1, 0]


async def test_show_says_what_went_wrong_last_and_what_is_not_as_it_is_set(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        refuses = "http://127.0.0.1:1/"
        await run_bot("webhook", "set", env=hooked(desk, url, tmp_path, VOLYA_WEBHOOK_URL=refuses))
        sister.says("hello")
        await asyncio.sleep(0.5)
        _, other, _ = await run_bot("webhook", "show", env=hooked(desk, url, tmp_path))
        _, unset, _ = await run_bot("webhook", "show", env=environment(url, desk.token, tmp_path))
    assert "Updates go to 127.0.0.1, at most 100 at once." in other
    assert "That is not the address in VOLYA_WEBHOOK_URL: webhook set." in other
    assert "Updates that wait: 1." in other
    assert "UTC: Connection refused" in other
    assert "VOLYA_WEBHOOK_URL is not set" in unset


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.token_revoked(), "Telegram does not accept VOLYA_BOT_TOKEN: check it with @BotFather."),
        (faults.too_many(3), "Telegram asks to wait a little."),
        (faults.server_error(), "no answer from VOLYA_TELEGRAM_API."),
        (
            faults.answer(b'{"ok":false,"error_code":400,"description":"bad webhook: x"}', 400),
            "x",
        ),
    ],
)
async def test_what_telegram_says_instead_is_one_sentence(
    tmp_path: Path, fault: faults.Fault, said: str
) -> None:
    desk = Desk()
    async with desk.serving() as url:
        desk.faults.next("setWebhook", fault)
        code, out, err = await run_bot("webhook", "set", env=hooked(desk, url, tmp_path))
    assert (code, out) == (2, "")
    assert err.startswith("Nothing was done: ")
    assert said in err
    assert len(err.splitlines()) == 1
    assert SECRET not in err
    assert desk.token not in err


async def test_what_is_not_set_or_not_there_is_said_by_name(tmp_path: Path) -> None:
    env = environment(NOWHERE, "1:x", tmp_path)
    code, _, err = await run_bot("webhook", "set", env=env)
    assert (code, "VOLYA_WEBHOOK_URL" in err) == (2, True)
    code, _, err = await run_bot("webhook", "show", env=env)
    assert (code, err) == (2, "Nothing was done: no answer from VOLYA_TELEGRAM_API.\n")
    del env["VOLYA_BOT_TOKEN"]
    code, _, err = await run_bot("webhook", "clear", env=env)
    assert (code, err) == (2, "Nothing was done: VOLYA_BOT_TOKEN is not set.\n")


async def test_sender_show_says_what_waits_is_held_and_went(
    database: Database, address: str, tmp_path: Path
) -> None:
    newsroom = Newsroom(database)
    await newsroom.open()
    env = environment(NOWHERE, "1:x", tmp_path, VOLYA_DATABASE_URL=address)
    _, nothing, _ = await run_bot("sender", "show", env=env)
    for key in "123":
        await newsroom.person(key)
        await newsroom.release(key)
    async with database.writing() as connection:
        first, second, _ = await publications.queued(connection)
        await publications.let_go(connection, first.id, 1_790_000_000)
        await publications.hold(connection, second.id, "< 10000")
    _, said, _ = await run_bot("sender", "show", env=env)
    code, out, _ = await run_bot("sender", "resume", env=env)
    _, ordered, _ = await run_bot("sender", "show", env=env)
    assert nothing.splitlines() == [
        "Waiting for the sender: 0.",
        "Let go: 0; the latest number is not given yet.",
    ]
    waits, held, went = said.splitlines()
    assert waits == "Waiting for the sender: 1."
    assert held.startswith("Held, needs a third editor: ")
    assert held.endswith("chats < 10000")
    assert went == "Let go: 1; the latest number is 1790000000."
    assert (code, "goes on" in out) == (0, True)
    assert ordered.splitlines()[:-1] == said.splitlines()
    assert ordered.splitlines()[-1].startswith("The word to go on after a restore was given")


async def test_sender_commands_need_a_registry_that_is_ready(tmp_path: Path) -> None:
    for word in ("show", "resume"):
        code, _, err = await run_bot("sender", word, env=environment(NOWHERE, "1:x", tmp_path))
        assert (code, err) == (2, "The registry is not ready: start the bot once.\n")


async def test_a_bot_that_asks_says_that_a_webhook_was_set_and_not_that_its_token_leaked(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        sister.says("/help")
        bot = await start_bot("run", env=environment(url, desk.token, tmp_path))
        await sister.hears(timeout=20)
        assert (await run_bot("webhook", "set", env=hooked(desk, url, tmp_path)))[0] == 0
        said = b""
        assert bot.stderr is not None
        while b"a webhook is set" not in said:
            said += await asyncio.wait_for(bot.stderr.readline(), 20)
        # A second process that asks is another thing.
        await run_bot("webhook", "clear", env=hooked(desk, url, tmp_path))
        desk.faults.next("getUpdates", faults.answer(CONFLICT, 409))
        while b"somebody else is receiving" not in said:
            said += await asyncio.wait_for(bot.stderr.readline(), 20)
        bot.terminate()
        await asyncio.wait_for(bot.communicate(), 20)
    assert (bot.returncode, b"token" in said) == (0, False)


async def test_a_token_of_another_bot_forgets_nobody_until_the_operator_means_it(tmp_path: Path) -> None:
    first, second = Desk(), Desk(token="7007:another-bots-token-of-nobody")
    async with first.serving() as url, second.serving() as other_url:
        env, other = environment(url, first.token, tmp_path), environment(other_url, second.token, tmp_path)
        sister = first.person("Марыя", language_code="ru")
        sister.says("/help")
        bot = await start_bot("run", env=env)
        await sister.hears(timeout=20)
        busy = await run_bot("sender", "adopt", env=other)
        bot.terminate()
        await asyncio.wait_for(bot.communicate(), 20)
        before = (tmp_path / "keyring").read_bytes()
        same = await run_bot("sender", "adopt", env=env)
        refused = await run_bot("run", env=other)
        checked = await run_bot("check", env=other)
        assert (tmp_path / "keyring").read_bytes() == before
        adopted = await run_bot("sender", "adopt", env=other)
        back = await run_bot("run", env=env)
        sister = second.person("Марыя", language_code="ru")
        sister.says("/help")
        bot = await start_bot("run", env=other)
        await sister.hears(timeout=20)
        assert bot.stderr is not None
        while b"nothing is sent until the operator says so" not in await bot.stderr.readline():
            pass
        bot.terminate()
        await asyncio.wait_for(bot.communicate(), 20)
    what = "VOLYA_BOT_TOKEN is of another bot than the one these readers wrote to"
    said = f"{what}, and nothing was changed. If they move to it: python -m bot sender adopt\n"
    assert busy == (2, "", "Nothing was done: the bot is running.\n")
    assert (same[0], "already" in same[2]) == (2, True)
    assert (refused[0], refused[2].splitlines(keepends=True)[-1]) == (2, said)
    assert (checked[0], f"BAD  vault: {what}" in checked[1]) == (1, True)
    assert (adopted[0], "sender resume" in adopted[1]) == (0, True)
    assert (back[0], back[2].splitlines(keepends=True)[-1]) == (2, said)
    assert "Connected" not in refused[1] + back[1]


async def test_a_number_that_only_telegram_says_is_looked_at_before_anything_is_sent(tmp_path: Path) -> None:
    first, second = Desk(), Desk(token="7007:another-bots-token-of-nobody")
    async with first.serving() as url, second.serving() as other_url:
        async with running(plan_for(first, url, tmp_path)):
            pass
        with pytest.raises(ExceptionGroup) as refused:
            async with running(plan_for(second, other_url, tmp_path)):
                pass
    assert refused.group_contains(AnotherBotError)
    assert {call.method for call in second.calls} == {"getMe"}
