"""The command line as an operator uses it: each command a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.bench.vault import fill, followers
from bot.desk import faults
from bot.desk.desk import Desk
from bot.store.database import Database
from bot.store.keyring import read_root_key
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.tables import SCHEMA_REVISION
from tests.cleared_registry import connected, migrate
from tests.processes import ROOT, environment, run_bot, start_bot
from tests.sources.viasna_lists import a_list, as_csv

NOWHERE = "http://127.0.0.1:9"
UNREADY = "The registry is not ready: start the bot once.\n"


async def test_an_empty_data_directory_is_migrated_seeded_and_answered_from(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        sister.says("Статкевич")
        bot = await start_bot("run", env=environment(url, desk.token, tmp_path / "new"))
        [card] = await sister.hears(timeout=20)
        bot.terminate()
        out, err = await asyncio.wait_for(bot.communicate(), 20)
    assert card.text.startswith("На свободе")
    assert bot.returncode == 0
    assert out.decode() == f"Connected to {url} as @volya_desk_bot, by long polling.\n"
    assert b"seed imported" in err
    assert desk.violations == []


async def test_the_same_bot_runs_on_postgresql(empty_postgres: str, tmp_path: Path) -> None:
    desk = Desk()
    env = environment("", desk.token, tmp_path, VOLYA_DATABASE_URL=empty_postgres)
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="be")
        sister.says("Алесь Бяляцкі")
        bot = await start_bot("run", env={**env, "VOLYA_TELEGRAM_API": url})
        [card] = await sister.hears(timeout=30)
        bot.terminate()
        await asyncio.wait_for(bot.communicate(), 20)
    assert card.text.startswith("На волі, за мяжой: Літва")
    assert bot.returncode == 0


async def test_what_was_taken_is_answered_before_a_sigterm_ends_the_bot(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    desk = Desk()
    async with desk.serving() as url:
        people = [desk.person(f"P{number}", language_code="en") for number in range(5)]
        bot = await start_bot("run", env=environment(url, desk.token, tmp_path))
        people[0].says("/help")
        await people[0].hears(timeout=20)
        for person in people:
            person.says("Ales Bialiatski")
        await asyncio.sleep(0.05)
        bot.terminate()
        await asyncio.wait_for(bot.communicate(), 20)
        taken = 5 - desk.pending_updates
        heard = sum(message.from_bot for person in people for message in person.history) - 1
    assert heard >= taken
    assert bot.returncode == 0


async def test_a_wrong_token_is_refused_in_one_sentence_that_does_not_hold_it(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        code, out, err = await run_bot("run", env=environment(url, "1111111:WRONG-canary", tmp_path))
    assert code == 2
    assert "check it with @BotFather" in err
    assert "canary" not in out + err
    assert "Traceback" not in err


async def test_a_token_revoked_while_running_ends_the_bot_in_the_same_sentence(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        bot = await start_bot("run", env=environment(url, desk.token, tmp_path))
        sister = desk.person("Марыя", language_code="ru")
        sister.says("/help")
        await sister.hears(timeout=20)
        desk.faults.next("getUpdates", faults.token_revoked(), times=5)
        sister.says("/help")
        _out, err = await asyncio.wait_for(bot.communicate(), 20)
    assert bot.returncode == 2
    assert "check it with @BotFather" in err.decode()
    assert "Traceback" not in err.decode()


async def test_no_server_no_token_no_controller_each_have_their_sentence(tmp_path: Path) -> None:
    code, _out, err = await run_bot("run", env=environment(NOWHERE, "1:x", tmp_path))
    assert (code, "No answer from" in err) == (2, True)
    env = environment(NOWHERE, "1:x", tmp_path)
    del env["VOLYA_BOT_TOKEN"], env["VOLYA_CONTROLLER"]
    code, _out, err = await run_bot("run", env=env)
    assert code == 2
    assert "VOLYA_BOT_TOKEN is not set" in err
    assert "VOLYA_CONTROLLER is not set" in err


def by_webhook(url: str, token: str, data: Path, port: int) -> dict[str, str]:
    hook = {"VOLYA_WEBHOOK_URL": "https://volya.example/", "VOLYA_WEBHOOK_SECRET": "canary-secret"}
    return environment(url, token, data, VOLYA_WEBHOOK_PORT=str(port), VOLYA_LOG_LEVEL="ERROR", **hook)


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    desk = Desk()
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104  (as the webhook listens)
        port = taken.getsockname()[1]
        async with desk.serving() as url:
            code, _out, err = await run_bot("run", env=by_webhook(url, desk.token, tmp_path, port))
    assert (code, err) == (2, f"Port {port} (VOLYA_WEBHOOK_PORT) is in use.\n")


@pytest.mark.parametrize(
    ("fault", "times", "said"),
    [
        (faults.answer(b'{"ok":false,"error_code":400,"description":"bad webhook: x"}', 400), 1,
         "Telegram refuses it: "),
        (faults.server_error(), 9, "no answer from VOLYA_TELEGRAM_API.\n"),
    ],
)  # fmt: skip
async def test_a_webhook_that_is_not_taken_ends_the_start_in_one_sentence(
    tmp_path: Path, fault: faults.Fault, times: int, said: str
) -> None:
    desk = Desk()
    async with desk.serving() as url:
        desk.faults.next("setWebhook", fault, times=times)
        code, _out, err = await run_bot("run", env=by_webhook(url, desk.token, tmp_path, 0))
    assert code == 2
    assert err.startswith(f"Telegram was not told where updates go: {said}")
    assert (err.count("\n"), "canary" in err) == (1, False)


async def test_a_server_that_breaks_for_a_moment_does_not_end_the_start(tmp_path: Path) -> None:
    desk = Desk()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        sister.says("/help")
        desk.faults.next("deleteWebhook", faults.server_error(), times=2)
        bot = await start_bot("run", env=environment(url, desk.token, tmp_path))
        await sister.hears(timeout=20)
        bot.terminate()
        await asyncio.wait_for(bot.communicate(), 20)
    assert bot.returncode == 0


async def test_a_broken_setting_is_named_without_its_value(tmp_path: Path) -> None:
    env = environment(NOWHERE, "1:x", tmp_path, VOLYA_WEBHOOK_PORT="canary")
    code, out, err = await run_bot("run", env=env)
    assert code == 2
    assert "VOLYA_WEBHOOK_PORT" in err
    assert "canary" not in out + err


@pytest.mark.parametrize("where", ["a file", "below a file", "/proc/volya", "/proc/1/volya"])
async def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, where: str) -> None:
    file = tmp_path / "file"
    file.touch()
    folder = {"a file": file, "below a file": file / "data"}.get(where, Path(where))
    env = environment(NOWHERE, "1:x", tmp_path / "data")
    for name, value in (("VOLYA_DATA_DIR", folder), ("VOLYA_KEYRING_FILE", folder / "keyring")):
        code, out, err = await run_bot("run", env={**env, name: str(value)})
        assert (code, out, err) == (2, "", f"{name}: the folder cannot be made or written to.\n")
    for pretended in ("demo", "chat"):
        code, out, err = await run_bot(pretended, "--data", str(folder), env={**env, "VOLYA_BOT_TOKEN": ""})
        assert (code, out, err) == (2, "", "--data: the folder cannot be made or written to.\n")


async def test_a_keyring_that_is_a_folder_is_one_sentence(tmp_path: Path) -> None:
    desk = Desk()
    (tmp_path / "keyring").mkdir()
    async with desk.serving() as url:
        env = environment(url, desk.token, tmp_path / "data", VOLYA_KEYRING_FILE=str(tmp_path / "keyring"))
        code, _out, err = await run_bot("run", env={**env, "VOLYA_LOG_LEVEL": "ERROR"})
    said = "Readers' rows cannot be opened, and nothing was changed:\nthe keyring cannot be read.\n"
    assert (code, err) == (2, said)


async def test_what_nobody_expected_before_a_command_begins_is_said_without_its_text(tmp_path: Path) -> None:
    broken = "import bot.cli, sys; bot.cli.read_settings = 'canary'; bot.cli.main()"
    env = environment(NOWHERE, "1:x", tmp_path)
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", broken, "run"),
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(run.communicate(), 30)
    assert (run.returncode, out) == (1, b"")
    assert re.fullmatch(rb"stopped by TypeError at bot/cli\.py:\d+\n", err)


async def test_find_answers_json_lines_over_a_csv_or_over_the_registry(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    registry = tmp_path / "people.csv"
    await asyncio.to_thread(
        registry.write_text, "id,name_be\nP1,Вольга Скавародка\nP2,Сяргей Жмурынскі\n", encoding="utf-8-sig"
    )
    env = environment(NOWHERE, "", tmp_path)
    asked = '{"id": "q1", "query": "Ольга Сковородко"}\n{"id": 2, "query": "нихто"}\n'
    find = await start_bot("find", "--registry", str(registry), "--jsonl", env=env)
    out, err = await asyncio.wait_for(find.communicate(asked.encode()), 30)
    answers = [json.loads(line) for line in out.decode().splitlines()]
    assert [(answer["id"], answer["decision"]) for answer in answers] == [("q1", "one"), (2, "none")]
    assert answers[0]["candidates"][0]["person_id"] == "P1"
    assert err == b""
    code, said, _err = await run_bot("find", "Беляцкого", env=env)
    assert (code, said) == (0, "viasna-964  Алесь Бяляцкі / Ales Bialiatski\n")
    code, said, _err = await run_bot("find", "нихто невядомы", env=env)
    assert (code, said) == (0, "Nobody of this name is known here.\n")


async def test_a_list_beside_a_question_is_refused_not_ignored(tmp_path: Path) -> None:
    code, _out, err = await run_bot(
        "ask", "--registry", str(tmp_path), "x", env=environment(NOWHERE, "", tmp_path)
    )
    assert (code, "goes with --jsonl" in err) == (2, True)


async def test_find_refuses_a_registry_it_cannot_use(tmp_path: Path) -> None:
    env = environment(NOWHERE, "", tmp_path / "data")
    assert await run_bot("find", "x", env=env) == (2, "", UNREADY)
    assert not (tmp_path / "data").exists(), "to look makes nothing"
    code, _out, err = await run_bot("find", "--registry", str(tmp_path / "none.csv"), "x", env=env)
    assert (code, "cannot be read" in err) == (2, True)


async def test_find_says_in_a_sentence_that_a_setting_is_wrong_or_the_database_away(tmp_path: Path) -> None:
    env = environment(NOWHERE, "", tmp_path, VOLYA_LOG_LEVEL="canary")
    code, out, err = await run_bot("find", "Беляцкого", env=env)
    assert (code, out) == (2, "")
    assert err.startswith("VOLYA_LOG_LEVEL: Input should be")
    assert err.count("\n") == 1
    assert "canary" not in err
    env = environment(NOWHERE, "", tmp_path, VOLYA_DATABASE_URL="postgresql://canary@127.0.0.1:9/canary")
    code, out, err = await run_bot("find", "Беляцкого", env=env)
    assert (code, out, err) == (2, "", "Nothing was looked up: the database cannot be reached.\n")


async def test_a_database_of_a_newer_version_is_refused_in_one_sentence_everywhere(tmp_path: Path) -> None:
    for name in ("registry.db", "demo.db"):
        database = Database(f"sqlite+aiosqlite:///{tmp_path / name}")
        await database.migrate()
        async with database.writing() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))
        await database.close()
    listed = tmp_path / "list.csv"
    await asyncio.to_thread(listed.write_text, as_csv(a_list(5000)), encoding="utf-8")
    said = "The database was made by a newer version (0009, this one knows 0005): run that version."
    demo = ("--data", str(tmp_path))
    export = ("--language", "be", "--exported-on", "2026-08-30")
    for token, *command in (
        *(("1:x", "run"), ("1:x", "find", "x"), ("1:x", "counts"), ("1:x", "claim", "list")),
        *(
            ("1:x", "sender", "show"),
            ("1:x", "editor", "list"),
            ("1:x", "import-viasna", str(listed), *export),
        ),
        *(("", "demo", "--no-open", *demo), ("", "chat", *demo)),
    ):
        code, out, err = await run_bot(
            *command, env=environment(NOWHERE, token, tmp_path, VOLYA_LOG_LEVEL="ERROR")
        )
        assert (command, code, out, err) == (command, 2, "", f"{said} Nothing was changed.\n")
    code, out, _err = await run_bot("check", env=environment(NOWHERE, "1:x", tmp_path))
    assert (code, f"BAD  database: {said}" in out) == (1, True)


async def test_an_older_schema_is_said_to_be_one_and_left_as_it_is(tmp_path: Path) -> None:
    env = environment(NOWHERE, "1:x", tmp_path)
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    async with database.writing() as connection:
        for table in ("audit", "usefulness"):
            await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await database.close()
    code, out, err = await run_bot("check", env=env)
    assert (code, err, "audit" in out) == (0, "", False)
    assert "ok   database: schema 0001, migrated at the next start\n" in out
    said = "The registry has an older schema (0001), which the next start of the bot migrates.\n"
    for words in (("counts",), ("sender", "show"), ("editor", "list"), ("find", "x")):
        assert await run_bot(*words, env=env) == (2, "", said)
    assert "schema 0001" in (await run_bot("check", env=env))[1]


async def test_a_registry_lies_in_its_folder_whatever_the_path_is_called(
    seeded: Database, tmp_path: Path
) -> None:
    data = tmp_path / "a?b#c%41"
    await asyncio.to_thread(data.mkdir)
    await seeded.copy_to(data / "registry.db")
    env = environment(NOWHERE, "1:x", data)
    assert (await run_bot("find", "Беляцкого", env=env))[0] == 0
    assert f"ok   database: schema {SCHEMA_REVISION}\n" in (await run_bot("check", env=env))[1]
    assert {file.name.split("-")[0] for file in data.iterdir()} == {"registry.db"}


@pytest.mark.parametrize("sees", [True, False])
async def test_a_role_without_rights_is_told_what_helps(
    empty_postgres: str, tmp_path: Path, sees: bool
) -> None:
    async with connected(empty_postgres) as connection:
        await connection.execute("DROP ROLE IF EXISTS powerless; CREATE ROLE powerless LOGIN")
        if sees:
            await connection.execute("GRANT USAGE ON SCHEMA public TO powerless")
    url = empty_postgres.replace("//postgres@", "//powerless@")
    env = environment(NOWHERE, "1:x", tmp_path, VOLYA_DATABASE_URL=url, VOLYA_LOG_LEVEL="ERROR")
    code, out, err = await run_bot("run", env=env)
    assert (code, out) == (2, "")
    assert err.startswith("The role may not make or use tables in this database")
    assert "`createdb --owner volya --encoding UTF8 volya`" in err
    assert err.count("\n") == 1
    code, out, checked = await run_bot("check", env=env)
    assert (code, f"BAD  database: {err}" in out, checked) == (1, True, "")
    await migrate(empty_postgres)
    assert await run_bot("counts", env=env) == (2, "", err if sees else UNREADY)
    code, out, checked = await run_bot("check", env=env)
    assert (code, f"BAD  database: {err}" in out, checked) == (1, True, "")


async def test_a_damaged_registry_is_one_sentence_that_says_what_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(b"not a database " * 1000)
    env = environment(NOWHERE, "1:x", tmp_path, VOLYA_LOG_LEVEL="ERROR")
    what = "cannot be reached, is damaged, or its disk is full"
    code, out, err = await run_bot("run", env=env)
    assert (code, out) == (2, "")
    assert err == f"The database {what}: check VOLYA_DATABASE_URL or VOLYA_DATA_DIR.\n"
    code, out, _err = await run_bot("check", env=env)
    assert (code, f"BAD  database: {what}" in out) == (1, True)


async def test_import_viasna_rehearses_imports_and_refuses_in_a_sentence(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    env = environment(NOWHERE, "", tmp_path / "data")
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    await asyncio.to_thread(whole.write_text, as_csv(a_list(5000)), encoding="utf-8")
    await asyncio.to_thread(cut.write_text, as_csv(a_list(50)), encoding="utf-8")
    how = ("--language", "be", "--exported-on", "2026-08-30")

    code, _out, err = await run_bot("import-viasna", str(whole), *how, env=env)
    assert (code, "start the bot once" in err) == (2, True)
    env = environment(NOWHERE, "", tmp_path)
    for given, added in ((("--dry-run",), "added 10500"), ((), "added 10500")):
        code, out, err = await run_bot("import-viasna", str(whole), *how, *given, env=env)
        assert (code, added in out, err) == (0, True, "")
    code, out, err = await run_bot("import-viasna", str(cut), *how, env=env)
    assert (code, out) == (2, "")
    assert "Nothing was imported." in err
    assert "export it unfiltered" in err


async def test_check_says_a_line_for_each_thing(tmp_path: Path) -> None:
    code, out, _err = await run_bot("check", env=environment(NOWHERE, "1:x", tmp_path))
    assert code == 0
    assert [line.split()[1].rstrip(":") for line in out.splitlines()] == [
        *("settings", "database", "vault", "catalogue", "catalogue", "catalogue", "seed", "articles"),
    ]


@pytest.mark.parametrize("words", [("restore", "rows"), ("sender", "adopt"), ("check",), ("run",)])
async def test_whoever_has_a_root_key_elsewhere_is_not_told_to_make_another(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    env = environment(NOWHERE, "1:x", tmp_path)
    del env["VOLYA_ROOT_KEY_FILE"]  # from a shell: systemd brings it to the bot alone
    code, out, err = await run_bot(*words, env=env)

    assert code == (1 if words == ("check",) else 2)
    [said] = [line for line in (out + err).splitlines() if "VOLYA_ROOT_KEY_FILE" in line]
    at = [
        said.find(word)
        for word in ("set it to", "--uid=USER", "LoadCredential=volya_root_key:", "only for a new bot: ")
    ]
    assert -1 < at[0] < at[1] < at[2] < at[3] < said.index("python -m bot root-key FILE")


async def test_a_root_key_is_made_where_a_thief_of_the_data_does_not_find_it(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "rk"
    env = environment(NOWHERE, "1:x", data, VOLYA_ROOT_KEY_FILE=str(file))
    for inside in (data / "rk", tmp_path / "x" / ".." / "data" / "deep" / "rk"):
        code, out, err = await run_bot("root-key", str(inside), env=env)
        assert (code, out, err.startswith("A root key must not lie in the data folder")) == (2, "", True)
    assert not data.exists()
    code, out, err = await run_bot("root-key", str(file), env=env)
    assert (code, out.splitlines()[0], err) == (0, f"VOLYA_ROOT_KEY_FILE={file}", "")
    assert file.stat().st_mode & 0o777 == 0o600
    key = file.read_bytes()
    code, _out, err = await run_bot("root-key", str(file), env=env)
    assert (code, "already" in err, file.read_bytes()) == (2, True, key)
    assert (await vault_line(env))[0] == 0

    for mode in (0o644, 0o640, 0o604):
        file.chmod(mode)
        said = "VOLYA_ROOT_KEY_FILE: others can read the root key: chmod 600."
        code, out, _err = await run_bot("check", env=env)
        assert (code, f"BAD  {said}" in out) == (1, True)
        assert (await run_bot("run", env=env))[::2] == (2, f"{said}\n")
    secrets = tmp_path / "credentials"
    await asyncio.to_thread(secrets.mkdir)
    (secrets / "volya_root_key").write_bytes(key)
    (secrets / "volya_root_key").chmod(0o440)  # as systemd brings it
    del env["VOLYA_ROOT_KEY_FILE"]
    assert (await vault_line({**env, "CREDENTIALS_DIRECTORY": str(secrets)}))[0] == 0


async def vault_line(env: dict[str, str]) -> tuple[int, str]:
    code, out, _err = await run_bot("check", env=env)
    return code, next(line for line in out.splitlines() if line[5:].startswith("vault: "))


async def test_check_says_of_the_vault_what_a_start_would_say_and_changes_nothing(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    env = environment(NOWHERE, "1:x", data)
    assert await vault_line(env) == (0, "ok   vault: none yet, made at the first start")
    assert not data.exists()
    data.mkdir()
    await migrate(f"sqlite+aiosqlite:///{data / 'registry.db'}")
    root = read_root_key(Path(env["VOLYA_ROOT_KEY_FILE"]), data)
    await fill(SqliteShelf(data / "vault"), data / "keyring", root, followers(30, seed=1))
    good = (0, "ok   vault: its rows and the keyring belong together")
    assert await vault_line(env) == good
    held = SqliteShelf(data / "vault")
    await held.open()  # the bot is running
    assert await vault_line(env) == good
    await held.close()
    before = {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()}

    for gone, said in (
        ("vault", "the rows of this keyring are not there"),
        ("keyring", "there is no keyring"),
    ):
        (data / gone).rename(kept)
        assert await vault_line(env) == (1, f"BAD  vault: {said}")
        kept.rename(data / gone)
    other = environment(NOWHERE, "1:x", tmp_path / "other")["VOLYA_ROOT_KEY_FILE"]
    wrong = "BAD  vault: the keyring was made with another root key"
    assert await vault_line({**env, "VOLYA_ROOT_KEY_FILE": other}) == (1, wrong)
    unread = (1, "BAD  vault: not looked at without the root key")
    assert await vault_line({**env, "VOLYA_ROOT_KEY_FILE": str(tmp_path / "none")}) == unread
    (data / "keyring").write_bytes(before["keyring"][:-9])
    assert await vault_line(env) == (1, "BAD  vault: the keyring is not what was written")
    (data / "keyring").write_bytes(before["keyring"])
    assert await vault_line(env) == good
    assert {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


async def test_check_says_that_the_data_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = environment(NOWHERE, "1:x", tmp_path / "data", VOLYA_DATA_DIR=str(tmp_path / "file" / "data"))
    assert await vault_line(env) == (1, "BAD  vault: the data folder cannot be made or written to")


async def test_the_demo_refuses_to_run_near_a_real_token(tmp_path: Path) -> None:
    for command in ("demo", "chat"):
        code, _out, err = await run_bot(command, env=environment(NOWHERE, "1:x", tmp_path))
        assert code == 2
        assert "must not be near a real bot" in err


@pytest.mark.parametrize("port", ["65536", "-1"])
async def test_a_port_that_is_none_is_one_sentence(tmp_path: Path, port: str) -> None:
    code, _out, err = await run_bot("demo", "--port", port, env=environment(NOWHERE, "", tmp_path))
    assert (code, "--port" in err, "Traceback" in err) == (2, True, False)


async def test_the_demo_prints_its_address_and_a_tour_and_ends_cleanly(tmp_path: Path) -> None:
    env = environment(NOWHERE, "", tmp_path)
    demo = await start_bot("demo", "--no-open", "--data", str(tmp_path / "demo"), env=env)
    assert demo.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        said += (await asyncio.wait_for(demo.stdout.readline(), 20)).decode()
    demo.send_signal(2)
    _out, err = await asyncio.wait_for(demo.communicate(), 20)
    assert re.search(r"http://127\.0\.0\.1:\d+/", said)
    assert said.count("\n   ") == 9
    assert demo.returncode == 0
    assert err == b""


@pytest.mark.parametrize("command", [("demo", "--no-open"), ("chat",)])
async def test_a_demo_that_cannot_use_its_folder_says_what_to_do(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    data = tmp_path / "demo"
    env = environment(NOWHERE, "", data)
    first = await start_bot("chat", "--data", str(data), env={**env, "PYTHONUNBUFFERED": "1"})
    assert first.stdin is not None
    assert first.stdout is not None
    first.stdin.write(b"/help\n")
    await asyncio.wait_for(first.stdout.readline(), 20)
    code, out, err = await run_bot(*command, "--data", str(data), env=env)
    assert (code, out) == (2, "")
    assert err == "A demo runs on this folder already: close it, or give another with --data.\n"

    await asyncio.wait_for(first.communicate(b""), 20)
    (tmp_path / "demo-root-key").unlink()
    code, out, err = await run_bot(*command, "--data", str(data), env=env)
    assert (code, out) == (2, "")
    assert err.startswith("What the demo stored cannot be opened: ")
    assert err.endswith("\n`make demo-reset` begins anew.\n")


async def test_chat_in_the_terminal_answers_a_name(tmp_path: Path) -> None:
    env = environment(NOWHERE, "", tmp_path, PYTHONUNBUFFERED="1")
    talk = await start_bot("chat", "--data", str(tmp_path / "demo"), env=env)
    assert talk.stdin is not None
    assert talk.stdout is not None
    talk.stdin.write(b"Ales Bialiatski\n")
    said = ""
    while "Lithuania" not in said:
        said += (await asyncio.wait_for(talk.stdout.readline(), 20)).decode()
    _out, err = await asyncio.wait_for(talk.communicate(b""), 20)  # closes its standard input
    assert talk.returncode == 0
    assert "Free, abroad: Lithuania" in said
    assert err == b""


async def test_a_backup_is_made_once_and_put_back_where_nothing_is(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    env = environment(NOWHERE, "1:x", data)
    code, _out, err = await run_bot("backup", str(file), env=env)
    assert (code, err) == (2, "Nothing was written: there are no rows yet.\n")
    assert not file.exists()
    data.mkdir()
    root = read_root_key(Path(env["VOLYA_ROOT_KEY_FILE"]), data)
    await fill(SqliteShelf(data / "vault"), data / "keyring", root, followers(30, seed=1))

    code, out, _err = await run_bot("backup", str(file), env=env)
    assert (code, out.split(",")[0]) == (0, "2048 rows")
    assert "soon after 00:00 UTC and after alerts, make it worthless: make one each hour." in out
    code, _out, err = await run_bot("backup", str(file), env=env)
    assert (code, "already" in err) == (2, True)
    assert file.stat().st_size == 2048 * 976 + 61

    code, _out, err = await run_bot("restore", str(file), env=env)
    assert (code, err) == (2, "Nothing was put back: there are rows already.\n")
    shutil.rmtree(data / "vault")
    (data / "vault").touch()
    code, _out, err = await run_bot("restore", str(file), env=env)
    said = "Nothing was put back: VOLYA_DATA_DIR or the keyring's folder cannot be written, or is full.\n"
    assert (code, err) == (2, said)
    (data / "vault").unlink()
    code, _out, err = await run_bot("restore", str(tmp_path / "none"), env=env)
    assert (code, err) == (2, "The backup cannot be read.\n")
    code, out, _err = await run_bot("restore", str(file), env=env)
    assert (code, out.split(".")[0]) == (0, "2048 rows are back")


async def test_a_registry_lost_for_good_is_made_anew_only_by_who_says_what_is_lost(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    env = environment(NOWHERE, "1:x", data)
    code, _out, err = await run_bot("backup-registry", str(copy), env=env)
    assert (code, err, copy.exists()) == (2, "Nothing was written: there is no registry yet.\n", False)
    data.mkdir()
    root = read_root_key(Path(env["VOLYA_ROOT_KEY_FILE"]), data)
    await fill(SqliteShelf(data / "vault"), data / "keyring", root, followers(30, seed=1))

    code, _out, err = await run_bot("run", env=env)
    assert (code, "python -m bot new-registry" in err) == (2, True)
    code, _out, err = await run_bot("new-registry", env=env)
    assert (code, "follow nobody any more" in err) == (2, True)
    assert not (data / "registry.db").exists()
    code, out, err = await run_bot("new-registry", "--follows-are-lost", env=env)
    assert (code, "has to follow them anew" in out, err) == (0, True, "")
    code, _out, err = await run_bot("new-registry", "--follows-are-lost", env=env)
    assert (code, err) == (2, "The registry that is there is that of these readers: nothing was done.\n")
    code, out, _err = await run_bot("check", env=env)
    assert (code, "BAD" in out) == (0, False)
    code, out, err = await run_bot("find", "Беляцкого", env=env)
    assert (code, out) == (0, "viasna-964  Алесь Бяляцкі / Ales Bialiatski\n")
