"""Settings: safe when nothing is said, refused in words when something is wrong, silent about values."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from pydantic import SecretStr, ValidationError

from bot.commandline import read_settings
from bot.settings import TELEGRAM, Settings, problems
from bot.store.database import Database

CANARY = "canary8843"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in an empty folder, in an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"VOLYA_{name.upper()}", raising=False)


def test_what_holds_when_nothing_is_set() -> None:
    settings = Settings()

    assert settings.bot_token is None
    assert settings.controller is None
    assert settings.api == TELEGRAM
    assert settings.database == "sqlite+aiosqlite:///var/data/registry.db"
    assert settings.webhook_url is None
    assert (settings.messages_per_second, settings.log_level) == (30, "INFO")
    assert (settings.hourly_reach, settings.hourly_share) == (1000, 50)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLYA_BOT_TOKEN", "123:abc")
    monkeypatch.setenv("VOLYA_TELEGRAM_API", "http://127.0.0.1:8081/")
    monkeypatch.setenv("VOLYA_DATA_DIR", "/srv/volya")
    monkeypatch.setenv("VOLYA_CONTROLLER", "Example team")
    settings = Settings()

    assert settings.bot_token == SecretStr("123:abc")
    assert settings.api == "http://127.0.0.1:8081"
    assert settings.database == "sqlite+aiosqlite:////srv/volya/registry.db"
    assert settings.controller == "Example team"


def test_a_named_database_wins_over_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLYA_DATABASE_URL", "postgresql://u:p@h/d")

    assert Settings().database == "postgresql://u:p@h/d"


def test_a_folder_of_any_name_holds_its_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("a?b", "c#d", "e%41", "г ь", "i+j&k=l"):
        monkeypatch.setenv("VOLYA_DATA_DIR", str(tmp_path / name))
        assert Database(Settings().database).file == tmp_path / name / "registry.db"


def test_settings_are_read_from_a_file_in_this_folder() -> None:
    Path(".env").write_text("VOLYA_CONTROLLER=Example team\nSOMETHING_ELSE=1\n")

    assert Settings().controller == "Example team"


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_misspelt_name_is_refused_by_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    for name in ("VOLYA_BOT_TOKN", "volya_data_dri"):
        if place == ".env":
            with Path(".env").open("a") as file:
                file.write(f"{name}={CANARY}\n")
        else:
            monkeypatch.setenv(name, CANARY)
    with pytest.raises(typer.Exit):
        read_settings()
    said = "no settings of this bot (.env.example has them all): VOLYA_BOT_TOKN, VOLYA_DATA_DRI\n"
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize("line", ["VOLYA_BOT_TOKEN:1:canary", "VOLYA_BOT_TOKEN1canary"])
def test_a_line_without_its_equals_sign_gives_away_no_value(line: str) -> None:
    Path(".env").write_text(f"{line}\n")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert problems(caught.value) == ["no settings of this bot (.env.example has them all): VOLYA_BOT_TOKEN…"]
    assert "canary" not in repr(caught.value).lower()


def test_an_empty_variable_is_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"VOLYA_{name.upper()}", "")

    assert Settings() == Settings.model_construct(**Settings().model_dump())
    assert Settings().bot_token is None
    assert Settings().api == TELEGRAM


def test_settings_cannot_be_changed_after_the_start() -> None:
    with pytest.raises(ValidationError):
        Settings().log_level = "DEBUG"


WRONG = {
    "VOLYA_TELEGRAM_API": f"{CANARY} is no address",
    "VOLYA_WEBHOOK_URL": f"ftp://{CANARY}",
    "VOLYA_WEBHOOK_PORT": f"{CANARY}",
    "VOLYA_MESSAGES_PER_SECOND": f"0{CANARY}",
    "VOLYA_LOG_LEVEL": f"{CANARY}",
}


def failure(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]) -> ValidationError:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    return caught.value


def test_every_problem_is_said_at_once_by_name_and_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure(monkeypatch, WRONG)
    lines = problems(error)

    assert {line.split(": ")[0] for line in lines} == set(WRONG)
    assert len(lines) == len(WRONG)
    assert all(len(line.split(": ", 1)[1].split()) >= 3 for line in lines), "said in words"
    assert CANARY not in "\n".join([*lines, str(error), repr(error)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOLYA_WEBHOOK_PORT", "65536"),
        ("VOLYA_WEBHOOK_PORT", "-1"),
        ("VOLYA_WEBHOOK_CONNECTIONS", "0"),
        ("VOLYA_WEBHOOK_CONNECTIONS", "101"),
        ("VOLYA_MESSAGES_PER_SECOND", "0"),
        ("VOLYA_MESSAGES_PER_SECOND", "1001"),
        ("VOLYA_HOURLY_REACH", "0"),
        ("VOLYA_HOURLY_SHARE", "0"),
        ("VOLYA_HOURLY_SHARE", "101"),
        ("VOLYA_LOG_LEVEL", "debug"),
        ("VOLYA_TELEGRAM_API", "ftp://api.telegram.org"),
    ],
)
def test_a_value_out_of_bounds_is_one_problem(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    (line,) = problems(failure(monkeypatch, {name: value}))

    assert line.startswith(f"{name}: ")


def test_a_webhook_without_its_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(failure(monkeypatch, {"VOLYA_WEBHOOK_URL": "https://volya.example/"}))

    assert lines == ["VOLYA_WEBHOOK_URL needs VOLYA_WEBHOOK_SECRET"]


@pytest.mark.parametrize("port", ["", ":443", ":80", ":88", ":8443"])
def test_a_webhook_is_on_a_port_that_telegram_goes_to(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("VOLYA_WEBHOOK_SECRET", "x")
    monkeypatch.setenv("VOLYA_WEBHOOK_URL", f"https://volya.example{port}/")

    assert Settings().webhook_url is not None
    [line] = problems(failure(monkeypatch, {"VOLYA_WEBHOOK_URL": "https://volya.example:8444/"}))
    assert line == "VOLYA_WEBHOOK_URL must have port 443, 80, 88 or 8443 for Telegram"


@pytest.mark.parametrize("secret", ["two words", "ключ", "x" * 257])
def test_a_secret_telegram_would_refuse_is_refused_here(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    wrong = {"VOLYA_WEBHOOK_URL": "https://volya.example/", "VOLYA_WEBHOOK_SECRET": secret}

    (line,) = problems(failure(monkeypatch, wrong))

    assert "VOLYA_WEBHOOK_SECRET" in line
    assert secret not in line


def test_no_secret_is_in_any_print_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLYA_BOT_TOKEN", f"123:{CANARY}1")
    monkeypatch.setenv("VOLYA_DATABASE_URL", f"postgresql://u:{CANARY}2@h/d")
    monkeypatch.setenv("VOLYA_WEBHOOK_SECRET", f"{CANARY}3")
    settings = Settings()

    printed = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()} {vars(settings)}"
    assert CANARY not in printed


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u@h/d", "postgresql://u:p@h:5432/d?ssl=require", "postgresql://[::1]:5432/d",
        "postgresql:///d?host=/run",
        "postgresql+asyncpg://u:p/w:x@h/d", "sqlite:////srv/r.db", "sqlite+aiosqlite:///r.db",
    ],
)  # fmt: skip
def test_an_address_of_a_database_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("VOLYA_DATABASE_URL", url)
    assert Settings().database == url


@pytest.mark.parametrize(
    "url",
    ["canary", "mysql://canary", "postgresql+psycopg2://canary/d", "postgresql://canary:port/d",
     "sqlite://", "/srv/canary.db"],
)  # fmt: skip
def test_an_address_of_no_database_we_speak_to_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("VOLYA_DATABASE_URL", url)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert problems(caught.value) == ["VOLYA_DATABASE_URL must be postgresql://… or sqlite:///…"]


@pytest.mark.parametrize(
    "where", ["h:99999/d", "u:p@[::1]:65536/d", "h:0/d", "/d?host=h&port=65536", f"h:{'9' * 5000}"]
)
def test_a_port_of_a_database_that_is_none_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    lines = problems(failure(monkeypatch, {"VOLYA_DATABASE_URL": f"postgresql://{where}"}))
    assert lines == ["VOLYA_DATABASE_URL must have a port from 1 to 65535"]


@pytest.mark.parametrize("url", ["https://[canary", "https://canary:port/", "ftp://canary/", "canary"])
def test_an_address_for_the_keyring_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("VOLYA_KEYRING_COPY_URL", url)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert problems(caught.value) == ["VOLYA_KEYRING_COPY_URL must be an https address"]


def test_a_file_of_settings_that_is_not_utf_8_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".env").write_bytes("VOLYA_CONTROLLER=Каманда\n".encode("cp1251"))
    with pytest.raises(typer.Exit):
        read_settings()
    said = "The settings cannot be read: .env or a secret is not yours to read, or not UTF-8.\n"
    assert capsys.readouterr() == ("", said)
