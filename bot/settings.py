"""Every setting, read once at start and checked before anything else happens."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

TELEGRAM = "https://api.telegram.org"
_LOCAL = frozenset({"127.0.0.1", "localhost"})
_DATABASE = re.compile(
    r"(postgres|postgresql(\+asyncpg)?)://(.*@)?(\[[^]/]*\]|[^:/@]*)(:(?P<port>[0-9]+))?(/.*)?|sqlite(\+aiosqlite)?:///.+"
)
_PORTS = frozenset({443, 80, 88, 8443})
_LAST_PORT = 65535
DOCKER_SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """The settings of one process, from `VOLYA_…` variables, `.env` or Docker secrets of the same names.

    Raises pydantic's ValidationError, whose text never repeats a value.
    """

    model_config = SettingsConfigDict(
        env_prefix="VOLYA_",
        env_file=".env",
        env_ignore_empty=True,
        secrets_dir=DOCKER_SECRETS if DOCKER_SECRETS.is_dir() else None,
        dotenv_filtering="match_prefix",  # what is misspelt there arrives, too, and is refused
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # The bot's token from @BotFather. Whoever holds it can read what people wrote to the bot lately.
    bot_token: SecretStr | None = None
    # The Bot API server to talk to; another address for a server of your own or a test.
    telegram_api: AnyHttpUrl = Field(default=AnyHttpUrl(TELEGRAM), validate_default=True)
    # Where the registry lives when no database is named. Created, migrated and filled when empty.
    data_dir: Path = Path("var/data")
    # postgresql://… for more than one machine; empty means SQLite in the data directory.
    database_url: SecretStr | None = None
    # The file with the key of keys, outside the data folder; else a systemd credential or a Docker secret.
    root_key_file: Path | None = None
    # The file with the keys that readers' rows are sealed with, wrapped by the root key. Never in a backup.
    keyring_file: Path | None = None
    # An https address the keyring's newest file is PUT to, for when this disk dies; it must keep no versions.
    keyring_copy_url: SecretStr | None = None
    # Who is responsible for the data, with a way to reach them: shown to readers in /privacy.
    controller: str | None = None
    # Public https address for updates; empty means long polling, which needs no public address.
    webhook_url: AnyHttpUrl | None = None
    # The local port the webhook listens on, behind your proxy.
    webhook_port: int = Field(default=8443, ge=0, le=65535)
    # What Telegram must send along with each update (1-256 letters, digits, _ and -).
    webhook_secret: SecretStr | None = None
    # How many updates Telegram brings at once: fewer spare a small machine, but each stuck chat holds one.
    webhook_connections: int = Field(default=100, ge=1, le=100)
    # What Telegram lets this bot send in all; above 30 each alert offers to pay for itself, 0.1 Stars.
    messages_per_second: int = Field(default=30, ge=1, le=1000)
    # How many chats alerts may reach within an hour before a third editor is asked.
    hourly_reach: int = Field(default=1000, ge=1, le=1_000_000)
    # The same in percent of all who follow anything, once that is more than a hundred chats.
    hourly_share: int = Field(default=50, ge=1, le=100)
    # How much is logged. DEBUG says no more than INFO, and no level writes anything about a reader.
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="before")
    @classmethod
    def _names_are_known(cls, given: dict[str, Any]) -> dict[str, Any]:
        around = {name.lower().removeprefix("volya_") for name in _set_around()}
        if unknown := (around | set(given)) - set(cls.model_fields):
            named = ", ".join(sorted({f"VOLYA_{_without_value(name)}" for name in unknown}))
            raise ValueError(f"no settings of this bot (.env.example has them all): {named}")
        return given

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Settings:
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError("VOLYA_WEBHOOK_URL needs VOLYA_WEBHOOK_SECRET")
        if self.webhook_url is not None and self.webhook_url.scheme != "https" and not self._is_local():
            raise ValueError("VOLYA_WEBHOOK_URL must be https: Telegram brings updates to no other")
        if self.webhook_url is not None and not self._is_local() and self.webhook_url.port not in _PORTS:
            raise ValueError("VOLYA_WEBHOOK_URL must have port 443, 80, 88 or 8443 for Telegram")
        secret = self.webhook_secret.get_secret_value() if self.webhook_secret else "x"
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret, re.ASCII):
            raise ValueError("VOLYA_WEBHOOK_SECRET must be 1-256 letters, digits, _ or -")
        return self

    @model_validator(mode="after")
    def _database_is_one(self) -> Settings:
        if self.database_url is None:
            return self
        url = self.database_url.get_secret_value()
        if (form := _DATABASE.fullmatch(url)) is None:
            raise ValueError("VOLYA_DATABASE_URL must be postgresql://… or sqlite:///…")
        asked = re.search(r"[?&]port=([0-9]+)", url) if form["port"] is None else None
        port = asked[1] if asked else form["port"] or "5432"
        if not 0 < int(port[:9]) <= _LAST_PORT:
            raise ValueError(f"VOLYA_DATABASE_URL must have a port from 1 to {_LAST_PORT}")
        return self

    @model_validator(mode="after")
    def _keyring_copy_is_safe(self) -> Settings:
        if self.keyring_copy_url is not None:
            try:
                url = urlsplit(self.keyring_copy_url.get_secret_value())
                scheme, host, _ = url.scheme, url.hostname, url.port
            except ValueError:  # its own words would say nothing of which setting it is
                scheme, host = "", None
            if not host or not (scheme == "https" or host in _LOCAL):
                raise ValueError("VOLYA_KEYRING_COPY_URL must be an https address")
        return self

    def _is_local(self) -> bool:
        return self.webhook_url is not None and self.webhook_url.host in _LOCAL

    @property
    def bot(self) -> int:
        """Return the bot's number, with which its token begins; 0 where there is none."""
        number, _, _ = (self.bot_token.get_secret_value() if self.bot_token else "").partition(":")
        return int(number) if re.fullmatch(r"[0-9]{1,18}", number, re.ASCII) else 0

    @property
    def api(self) -> str:
        """Return the Bot API address without a slash at its end."""
        return str(self.telegram_api).rstrip("/")

    @property
    def keyring(self) -> Path:
        """Return where the keyring is."""
        return self.keyring_file or self.data_dir / "keyring"

    @property
    def credentials(self) -> Path | None:
        """Return the folder of systemd's credentials, or None where it gives none."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        return Path(folder) if folder else None

    @property
    def database(self) -> str:
        """Return the address of the database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return sqlite_address(self.data_dir / "registry.db")


def sqlite_address(file: Path) -> str:
    """Return the address of a registry in a file; `?`, `#` and `%` in its path are only signs of it."""
    return f"sqlite+aiosqlite:///{quote(str(file))}"


def _set_around() -> list[str]:
    """Return what is set in the environment under our prefix, in any case, as settings are read."""
    return [name for name, value in os.environ.items() if value and name.lower().startswith("volya_")]


def _without_value(name: str) -> str:
    """Return an unknown name; where the `=` behind it may be forgotten, without what follows."""
    for known in Settings.model_fields:
        if name.startswith(known):
            return f"{known.upper()}…"
    plain = re.match(r"[a-z0-9_]*", name)
    begins = plain[0] if plain else ""
    return begins.upper() + ("" if begins == name else "…")


def problems(error: ValidationError) -> list[str]:
    """Return what is wrong with the settings, a line each, without the values."""
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        name = f"VOLYA_{str(item['loc'][0]).upper()}: " if item["loc"] else ""
        found.append(f"{name}{item['msg'].removeprefix('Value error, ')}")
    return found
