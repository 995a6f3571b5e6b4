"""The editors' commands as editors use them: each a process of its own, on a registry of its own."""

from __future__ import annotations

import asyncio
import csv
import re
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import prepare_registry
from bot.domain.people import Language
from bot.services.signing import code_of
from bot.sources.article_files import read_library
from bot.sources.seed_files import SEED
from bot.store import merging, publications
from bot.store.database import Database
from bot.store.tables import person_name, publisher, source
from tests.editors import Office, verify
from tests.processes import ROOT, environment, run_bot

PAGES = [
    *("--source", "https://one.example/1", "Daily One", "Agency One", "2026-11-27"),
    *("--source", "https://two.example/1", "Daily Two", "Agency Two", ""),
]
_KIND = "PRIVATE KEY"
OTHER_KEY = f"""\
-----BEGIN {_KIND}-----
MIHsAgEAMBQGByqGSM49AgEGCSskAwMCCAEBDgSB0DCBzQIBAQRAA8Gisdc7atZs
hcBs4m/mq38M8MAoZn0aRPxN1YP//uzdlnXqx9zq9YGjeLJWFIx5hNNEIv9db1+0
C9kqikiVS6GBhQOBggAElK4kHRVE0VFGxwkgjn7DoWYSCfUOXsos2B6Z+xnHMiUK
HHMIG7GlbAhERmFb1lSdVfYHT/8mMwdMcYE24cFFH0mOkEy5RvC9Qx6C1fD572hM
j55+AYQcWu05y710Y5InBpPegetBF6mfvCseo2SeExH2SZQGikcbpjPF82vkW8k=
-----END {_KIND}-----
"""  # of a curve that nothing here reads
STARTS_IN = 15
"""Seconds a command may take to look at its code, on a machine that does much else."""


class Desk:
    """A registry, two editors' files beside it, and their commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.env = environment("http://127.0.0.1:9", "", self.data)
        # No editor's command needs what opens readers' rows.
        del self.env["VOLYA_ROOT_KEY_FILE"]
        self.secrets: dict[str, str] = {}
        self.steps: dict[str, int] = {}

    @property
    def database(self) -> Database:
        return Database(f"sqlite+aiosqlite:///{self.data / 'registry.db'}")

    async def run(self, *arguments: str, said: str = "") -> tuple[int, str, str]:
        return await run_bot(*arguments, env=self.env, said=said)

    async def hire(self, handle: str) -> str:
        code, out, err = await self.run("editor", "add", handle, "--key", str(self.key(handle)))
        assert (code, err) == (0, "")
        found = re.search(r"shown only now: (\w+)\n", out)
        assert found is not None
        self.secrets[handle] = found[1]
        return out

    def key(self, handle: str) -> Path:
        return self.folder / f"{handle}.pem"

    async def acts(self, handle: str, *arguments: str) -> tuple[int, str, str]:
        """Do something as an editor, with the next code of theirs that was not used yet."""
        code = code_of(self.secrets[handle], await self._moment(handle))
        who = ("--as", handle, "--key", str(self.key(handle)), "--code", code)
        return await self.run(*arguments, *who)

    async def _moment(self, handle: str) -> datetime:
        """Return a time whose code is good now and newer than the last: it may be half a minute away."""
        while True:
            now, gone = divmod(int(datetime.now(UTC).timestamp()), 30)
            # The last half minute's code must still be good when the command has started.
            step = max(self.steps.get(handle, 0) + 1, now - 1 if gone < 30 - STARTS_IN else now)
            if step <= now + 1:
                self.steps[handle] = step
                return datetime.fromtimestamp(step * 30, UTC) + timedelta(seconds=1)
            await asyncio.sleep(1)


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.data.mkdir()
    database = desk.database
    await database.migrate()
    await Office(database).enter_people(2)
    await database.close()
    return desk


async def test_a_release_goes_from_report_to_publication_and_waits_for_a_third(desk: Desk) -> None:
    for handle in ("anna", "boris", "vera"):
        await desk.hire(handle)
    said = ("--person", "demo-1", "--kind", "released", "--date", "2026-11-27", "--outcome", "abroad")
    code, out, err = await desk.acts("anna", "claim", "report", *said, "--country", "LT", *PAGES)
    assert (code, out, err) == (0, "demo-1/released/2026-11-27\n", "About Алесь Прыклад 1.\n")
    key = out.strip()
    refused = "Nothing was done: another editor reported this otherwise: look at it, or use --replace.\n"
    assert await desk.acts("vera", "claim", "report", *said, "--country", "PL", *PAGES) == (2, "", refused)
    desk.steps["vera"] -= 1  # a refusal uses no code up
    _, out, _ = await desk.run("claim", "list")
    assert out == f"{key}  demo-1  Алесь Прыклад 1  released 2026-11-27  reported\n"
    code, out, err = await desk.acts("boris", "claim", "publish", key)
    assert (code, out) == (2, "")
    shown = (await desk.run("claim", "show", key))[1]
    assert err == f"{shown}Nothing was done: nobody has confirmed it as it stands now.\n"
    assert (await desk.acts("anna", "claim", "confirm", key))[:2] == (0, "Confirmed.\n")
    listed = f"claim/{key}  Алесь Прыклад 1  confirm: anna\n"
    assert (await desk.run("claim", "waiting"))[1] == listed
    desk.steps["boris"] -= 1  # a refusal uses no code up
    assert (await desk.acts("boris", "claim", "publish", key))[:2] == (0, "Published.\n")
    _, out, _ = await desk.run("publications")
    assert out == f"1  release  claim/{key}@1  queued\n"
    _, out, _ = await desk.run("claim", "show", key)
    assert out.splitlines()[:2] == [f"{key}  published  revision 1", "  Алесь Прыклад 1"]
    assert "abroad  LT  public" in out
    assert "https://two.example/1  Daily Two  origin Agency Two\n" in out
    assert out.endswith("\nconfirm: anna\npublish: boris\n")

    database = desk.database
    async with database.writing() as connection:
        await publications.hold(connection, 1, "< 10000")
    listed = f"claim/{key}  publication 1 is held  < 10000\n"
    assert await desk.run("claim", "waiting") == (0, listed, "")
    code, out, err = await desk.acts("vera", "claim", "release", "1")
    lines = err.splitlines()
    assert (code, lines[0], out) == (0, "Chats it would reach within the hour: < 10000.", "Confirmed.\n")
    assert lines[1] == f"claim/{key}@1"
    assert "  Алесь Прыклад 1" in lines
    await verify(database, 1)
    await database.close()
    assert re.search(
        r"^ok   audit: whole, \d+ in all, the last is \w{64}$", (await desk.run("check"))[1], re.M
    )
    assert (await desk.run("publications"))[1] == f"1  release  claim/{key}@1  held  < 10000\n"
    again = desk.database
    async with again.writing() as connection:
        assert await publications.let_go(connection, 1, 10)
    await again.close()
    assert (await desk.run("publications"))[1] == f"1  release  claim/{key}@1  let go  < 10000  number 10\n"
    assert not (desk.data / "vault").exists()
    assert not (desk.data / "keyring").exists()


async def test_an_editor_keeps_a_key_that_nobody_else_reads_and_sees_the_secret_once(desk: Desk) -> None:
    out = await desk.hire("anna")
    assert out.splitlines()[1].startswith("otpauth://totp/Volya:anna?")
    assert stat.S_IMODE(desk.key("anna").stat().st_mode) == 0o600
    code, out, err = await desk.run("editor", "add", "anna", "--key", str(desk.folder / "other.pem"))
    assert (code, out, err) == (2, "", "Nothing was done: there is or was an editor of this name.\n")
    assert not (desk.folder / "other.pem").exists()
    code, _, err = await desk.run("editor", "add", "boris", "--key", str(desk.key("anna")))
    assert (code, "already" in err) == (2, True)

    _, listed, _ = await desk.run("editor", "list")
    assert re.fullmatch(r"anna  key [0-9a-f]{16}  since \d{4}-\d\d-\d\d\n", listed)
    assert desk.secrets["anna"] not in listed
    _, out, _ = await desk.run("editor", "totp", "anna")
    assert desk.secrets["anna"] not in out
    await desk.run("editor", "revoke", "anna")
    assert "revoked" in (await desk.run("editor", "list"))[1]
    code, _, err = await desk.run("editor", "revoke", "anna")
    assert (code, err) == (2, "Nothing was done: there is no such editor, or they were revoked.\n")


async def test_a_list_of_nothing_says_so_beside_its_output(desk: Desk) -> None:
    for words, said in {
        ("claim", "list"): "No claim waits for an editor, and none was reported by one.\n",
        ("publications",): "Nothing was published yet.\n",
        ("claim", "waiting"): "Nothing waits for another editor.\n",
        ("proposal", "list"): "No two records may be of one person.\n",
        ("editor", "list"): "There is no editor yet: editor add.\n",
    }.items():
        assert await desk.run(*words) == (0, "", said)


async def test_an_editor_finds_the_key_of_what_readers_see(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.data.mkdir()
    database = desk.database
    await prepare_registry(database, SEED, datetime.now(UTC).date())
    await database.close()
    with (SEED / "claims.csv").open(encoding="utf-8", newline="") as file:
        seeded = next(csv.DictReader(file))

    code, out, err = await desk.run("claim", "list", "--person", seeded["person"])
    assert (code, err) == (0, "")
    assert f"\n{seeded['key']}  {seeded['person']}  " in f"\n{out}"
    code, out, _ = await desk.run("claim", "show", seeded["key"])
    assert (code, out.splitlines()[0]) == (0, f"{seeded['key']}  published  revision 1")
    hint = "this key is a person's: `claim list --person KEY` prints those of the claims about them"
    assert await desk.run("claim", "show", seeded["person"]) == (2, "", f"Nothing was done: {hint}.\n")
    for of, file_name in (
        ("place", "places"),
        ("event", "release_events"),
        ("sanction", "sanctions"),
        ("diplomacy", "diplomacy"),
    ):
        with (SEED / f"{file_name}.csv").open(encoding="utf-8", newline="") as file:
            keys = {row["key"] for row in csv.DictReader(file)}
        _, out, _ = await desk.run("claim", "list", "--of", of)
        assert {line.split("  ")[0] for line in out.splitlines()} == keys
    _, out, _ = await desk.run("claim", "list", "--of", "article")
    assert "\nfirst-72-hours  " in f"\n{out}"


async def test_all_claims_about_a_person_are_listed_whoever_entered_them(desk: Desk) -> None:
    database = desk.database
    key = await Office(database).enter_listed("2026-11-26")
    await database.close()

    line = f"{key}  demo-1  Алесь Прыклад 1  held 2026-11-26  published\n"
    assert await desk.run("claim", "list", "--person", "demo-1") == (0, line, "")
    nothing = "Nothing is claimed about this person.\n"
    assert await desk.run("claim", "list", "--person", "demo-2") == (0, "", nothing)
    code, out, err = await desk.run("claim", "list", "--person", "none")
    nobody = "Nothing was done: there is no person of this key: `find NAME` prints keys.\n"
    assert (code, out, err) == (2, "", nobody)
    code, out, err = await desk.run("claim", "list", "--person", "demo-1", "--of", "event")
    assert (code, out, err) == (2, "", "Only claims are about a person: --person or --of.\n")


async def test_what_is_wrong_is_said_in_a_sentence(desk: Desk) -> None:
    await desk.hire("anna")
    key = desk.key("anna")
    who = ("--as", "anna", "--key", str(key), "--code", "1")
    cases = {
        ("claim", "show", "none"): "there is nothing of this key",
        ("claim", "confirm", "x", "--as", "anna", "--key", str(desk.folder / "no")): "cannot be read",
        ("claim", "reject", "1", "--as", "anna", "--key", str(key), "--code", "1"): "no publication of",
        ("proposal", "decline", "demo-1", "demo-2", *who): "the code is wrong",
        ("claim", "confirm", "x", "--as", "anna", "--key", str(key), "--code", "1"): "there is nothing",
        ("claim", "release", str(2**40), "--as", "anna", "--key", str(key)): "2147483647",
    }
    for arguments, words in cases.items():
        code, out, err = await desk.run(*arguments)
        assert (code, out) == (2, "")
        assert words in err
        assert "Traceback" not in err
    key.chmod(0o644)
    code, _, err = await desk.run("claim", "confirm", "x", "--as", "anna", "--key", str(key))
    assert (code, err) == (2, "Nothing was done: others can read the key file: chmod 600.\n")
    other = desk.folder / "other.pem"
    await asyncio.to_thread(other.write_text, OTHER_KEY)
    other.chmod(0o600)
    code, _, err = await desk.run("claim", "confirm", "x", "--as", "anna", "--key", str(other))
    assert (code, err) == (2, "Nothing was done: the file is no editor's key.\n")
    key.chmod(0o600)
    said = ("--person", "demo-1", "--kind", "released", "--date", "2026-11-27")
    code, _, err = await desk.acts("anna", "claim", "report", *said, "--source", "https://one.example", "One")
    assert (code, err.splitlines()[0]) == (2, "A source is four words: URL PUBLISHER ORIGIN DATE.")


async def test_what_is_no_text_or_no_key_is_said_in_a_sentence(desk: Desk) -> None:
    await desk.hire("anna")
    key, bad = str(desk.key("anna")), "\udcff"  # a byte that is no UTF-8
    who = ("--as", "anna", "--key", key, "--code", "1")
    said = ("--person", "demo-1", "--kind", "held", "--date", "2026-11-27", "--family-word")
    cases = {
        ("claim", "confirm", bad, *who): "KEY is not text in UTF-8",
        ("claim", "confirm", "x", *who[:5], bad): "--code is not text in UTF-8",
        ("claim", "confirm", "x", "--as", bad, *who[2:]): "--as is not text in UTF-8",
        ("claim", "report", "--person", bad, *said[2:], *who): "--person is not text in UTF-8",
        ("claim", "report", *said, "--source", bad, "x", "x", "", *who): "--source is not text in UTF-8",
        ("claim", "correct", "x", "--event", bad, *who): "--event is not text in UTF-8",
        ("claim", "list", "--person", bad): "--person is not text in UTF-8",
        ("proposal", "merge", "demo-1", bad, *who): "INTO is not text in UTF-8",
        ("editor", "revoke", bad): "HANDLE is not text in UTF-8",
        ("claim", "confirm", "x", "--as", "anna", "--key", str(desk.folder)): (
            "the key is a folder: --key names the file in it"
        ),
    }
    for arguments, sentence in cases.items():
        assert await desk.run(*arguments) == (2, "", f"Nothing was done: {sentence}.\n")
    code, _, err = await desk.acts("anna", "claim", "report", *said, "--claim", "x" * 81)
    assert (code, err) == (2, "Nothing was done: key is longer than 80 signs.\n")


@pytest.mark.parametrize(
    ("words", "empty"),
    [
        (("claim", "correct", "KEY", "--date", ""), "--date"),
        (("claim", "correct", "", "--date", "2026"), "KEY"),
        (("claim", "report", "--person", "", "--kind", "held", "--date", "2026-11-27"), "--person"),
        (("claim", "report", "--person", "demo-1", "--kind", "held", "--date=", "--event=x"), "--date"),
        *(
            (
                ("claim", "report", *("--person", "demo-1", "--kind", "held", "--date", "2026"), option, ""),
                option,
            )
            for option in ("--claim", "--country", "--place", "--event")
        ),
        (("claim", "confirm", "KEY", "--code", ""), "--code"),
        (("claim", "list", "--person", ""), "--person"),
    ],
)
async def test_an_option_that_is_empty_says_nothing_and_is_refused(
    desk: Desk, words: tuple[str, ...], empty: str
) -> None:
    who = () if "list" in words else ("--as", "anna", "--key", str(desk.folder / "no"))
    assert await desk.run(*words, *who) == (2, "", f"Nothing was done: {empty} is empty.\n")


async def test_a_command_that_finds_nobody_to_ask_for_the_code_says_so(desk: Desk) -> None:
    await desk.hire("anna")
    said = ("--person", "demo-1", "--kind", "held", "--date", "2026-11-27", "--family-word")
    words = ("claim", "report", *said, "--as", "anna", "--key", str(desk.key("anna")))
    nobody = "Code: \nNothing was done: there is nobody to ask for the code: --code.\n"
    assert await desk.run(*words) == (2, "", nobody)
    closed = await asyncio.create_subprocess_exec(
        *("sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-m", "bot", *words),
        env=desk.env,
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await closed.communicate()
    assert (closed.returncode, err.decode()) == (2, nobody)
    unread = "Code: Nothing was done: the code is not text in UTF-8.\n"
    assert await desk.run(*words, said="12\udcff\n") == (2, "", unread)


async def test_the_code_is_asked_for_where_it_is_not_given(desk: Desk) -> None:
    await desk.hire("anna")
    said = ("--person", "demo-1", "--kind", "held", "--date", "2026-11-27", "--family-word")
    who = ("--as", "anna", "--key", str(desk.key("anna")))
    code = code_of(desk.secrets["anna"], datetime.now(UTC))
    ended, out, err = await desk.run("claim", "report", *said, *who, said=f"{code}\n")

    assert (ended, out) == (0, "demo-1/held/2026-11-27\n")
    assert err.startswith("Code: ")


async def test_corrections_retractions_silence_and_proposals_have_their_commands(desk: Desk) -> None:
    for handle in (
        "anna",
        "boris",
        "vera",
        "zina",
        "yana",
        "wanda",
    ):  # each acts twice: a third code is half a minute away
        await desk.hire(handle)
    database = desk.database
    await Office(database).enter_event("R1")
    await database.close()
    said = ("--person", "demo-1", "--kind", "held", "--date", "2026-11-27", "--family-word")
    key = (await desk.acts("anna", "claim", "report", *said, "--event", "R1"))[1].strip()
    await desk.acts("boris", "claim", "confirm", key)
    assert (await desk.acts("anna", "claim", "publish", key))[:2] == (0, "Published.\n")
    waits = (0, "The correction waits for a second editor.\n")
    assert (await desk.acts("boris", "claim", "correct", key, "--date", "2026-11"))[:2] == waits
    shown = (await desk.run("claim", "show", key))[1]
    assert all(words in shown for words in ("a correction waits", "R1"))
    code, _, err = await desk.acts("vera", "claim", "correct", key, "--date", "2026")
    waiting = "another correction waits: approve it with the key alone, or use --replace"
    assert (code, err) == (2, f"Nothing was done: {waiting}.\n")
    desk.steps["vera"] -= 1  # a refusal uses no code up
    replaced = ("claim", "correct", key, "--date", "2026", "--event", "", "--replace")
    assert (await desk.acts("vera", *replaced))[:2] == waits
    assert (await desk.acts("yana", "claim", "correct", key))[:2] == (0, "Corrected.\n")
    assert "R1" not in (await desk.run("claim", "show", key))[1]
    assert (await desk.acts("wanda", "claim", "correct", key, "--date", "2026-11"))[0] == 0
    code, out, _ = await desk.acts("zina", "claim", "suppress", key)
    assert (code, out.splitlines()[0]) == (0, "No longer waits for a second editor: correct: wanda.")
    assert out.splitlines()[1].startswith("Done.")
    assert out.endswith("look at `claim list --person KEY`.\n")
    assert "suppressed" in (await desk.run("claim", "list"))[1]
    waits = (0, "It waits for a second editor: no import proposed this pair.\n")
    assert (await desk.acts("zina", "proposal", "merge", "demo-1", "demo-2"))[:2] == waits
    listed = "person/demo-1 into demo-2  Алесь Прыклад 1  Алесь Прыклад 2  merge: zina\n"
    assert (await desk.run("claim", "waiting"))[1] == listed
    assert (await desk.acts("yana", "proposal", "merge", "demo-1", "demo-2"))[:2] == (0, "One record.\n")
    code, _, err = await desk.acts("wanda", "proposal", "merge", "demo-2", "demo-2")
    refused = "Nothing was done: these are not two people that could be one."
    assert (code, err.splitlines()[-1]) == (2, refused)


async def test_whatever_is_signed_is_shown_before_the_code_is_asked_for(desk: Desk) -> None:
    database = desk.database
    await Office(database).enter_sanction(text="Potash may be sold")
    await database.close()
    for handle in ("anna", "boris"):
        await desk.hire(handle)
    said = ("--person", "demo-1", "--kind", "held", "--date", "2026-11-27", "--family-word")
    key = (await desk.acts("anna", "claim", "report", *said))[1].strip()
    for handle, words, shown in (
        ("anna", ("claim", "confirm", "S1", "--of", "sanction"), ["US eased", "Potash may be sold"]),
        ("boris", ("claim", "publish", "S1", "--of", "sanction"), ["US eased", "Potash may be sold"]),
        ("boris", ("claim", "suppress", key), ["Алесь Прыклад 1", "the family's word"]),
    ):
        code, _, err = await desk.acts(handle, *words)
        assert (code, [one for one in shown if one not in err]) == (0, [])


async def test_what_is_stopped_is_shown_before_the_code_is_asked_for(desk: Desk) -> None:
    for handle in ("anna", "boris"):
        await desk.hire(handle)
    said = ("--person", "demo-1", "--kind", "released", "--date", "2026-11-27")
    key = (await desk.acts("anna", "claim", "report", *said, *PAGES))[1].strip()
    await desk.acts("anna", "claim", "confirm", key)
    await desk.acts("boris", "claim", "publish", key)
    code, out, err = await desk.acts("boris", "claim", "reject", "1")
    assert (code, out) == (0, "It will not go, unless two editors approve it anew.\n")
    lines = err.splitlines()
    assert lines[0] == f"claim/{key}@1  release  queued"
    assert [one for one in ("  Алесь Прыклад 1",) if one not in lines] == []
    stopped = "  its release was stopped: two editors approve it anew"
    assert stopped in (await desk.run("claim", "show", key))[1].splitlines()
    who = ("--as", "anna", "--key", str(desk.key("anna")))
    gone = (2, "", "Nothing was done: it has been let go already.\n")
    assert await desk.run("claim", "reject", "1", *who) == gone


async def test_no_older_row_redraws_the_screen_of_whoever_signs(desk: Desk) -> None:
    for handle in ("anna", "boris"):
        await desk.hire(handle)
    said = ("--person", "demo-1", "--kind", "held", "--date", "2026-11-27", *PAGES)
    key = (await desk.acts("anna", "claim", "report", *said))[1].strip()
    await desk.acts("boris", "claim", "confirm", key)
    drawn = " \x1b[9A\r\x1b[J\ndemo-2/detained/2026-11-20\u202e"
    database = desk.database
    async with database.writing() as connection:
        await connection.execute(person_name.update().values(text=person_name.c.text + drawn))
        await merging.propose(connection, [("demo-1", "demo-2")])
    waiting = await desk.run("claim", "waiting")
    assert waiting[1].endswith("[9A\ufffd\ufffd[J\ufffddemo-2/detained/2026-11-20\ufffd  confirm: boris\n")
    async with database.writing() as connection:  # what has other pages by now waits no more
        await connection.execute(source.update().values(url=source.c.url + drawn, origin=drawn))
        await connection.execute(publisher.update().values(name=publisher.c.name + drawn))
    await database.close()

    who = ("--as", "anna", "--key", str(desk.key("anna")), "--code", "1")
    for words in (
        ("claim", "show", key),
        ("claim", "list"),
        ("proposal", "list"),
        ("find", "Прыклад"),
        ("claim", "publish", key, *who),
        ("claim", "suppress", key, *who),
        ("proposal", "merge", "demo-1", "demo-2", *who),
    ):
        _, out, err = await desk.run(*words)
        lines = (out + err).split("\n")
        assert all(line.isprintable() for line in lines), words
        assert any("\ufffd" in line for line in lines), words
        assert not any(line.lstrip().startswith("demo-2/") for line in lines), words


async def test_what_nobody_may_sign_is_shown_all_the_same(desk: Desk) -> None:
    await desk.hire("anna")
    who = ("--as", "anna", "--key", str(desk.key("anna")), "--code", "1")
    _, _, article = await desk.run("claim", "confirm", "first-72-hours", "--of", "article", *who)
    for language in Language:
        topic = read_library().topic("first-72-hours")
        assert topic is not None
        assert f"{language}  {topic[language].title}\n" in article
        assert all(f"\n  {section.heading}\n" in article for section in topic[language].sections)
    _, _, pair = await desk.run("proposal", "merge", "demo-1", "demo-2", *who)
    assert pair.startswith("demo-1  Алесь Прыклад 1\ndemo-2  Алесь Прыклад 2\n")
    for of in ("sanction", "diplomacy", "article"):
        code, _, err = await desk.run("claim", "confirm", "none", "--of", of, *who)
        assert (code, err) == (2, "Nothing was done: there is nothing of this key.\n")


async def test_without_a_registry_there_is_nothing_to_edit(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for arguments in (("claim", "list"), ("publications",), ("editor", "list")):
        code, out, err = await desk.run(*arguments)
        assert (code, out, err) == (2, "", "The registry is not ready: start the bot once.\n")
    assert not desk.data.exists()
