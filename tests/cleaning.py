"""A chat to be cleaned, for tests: a mother at her phone, and the part of the bot that cleans."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from telegram.ext import ExtBot

from bot.chat.erasing import TelegramEraser
from bot.chat.lanes import Lanes
from bot.chat.transport import Transport
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.domain.follower import Record
from bot.domain.people import View
from bot.services.wiping import Wiping
from bot.store.vault import Vault
from tests.running import Scene, vault_in


@dataclass
class Cleaning(Scene):
    """The same with the part that cleans her chat, and nothing else of the bot."""

    wiping: Wiping = field(init=False)
    vault: Vault = field(init=False)
    _alone: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self, lanes: Lanes | None = None) -> None:
        """Start the service with a real vault and Telegram; the one before, if any, has died."""
        await self.end()
        transport = Transport()
        self._alone.push_async_callback(transport.shutdown)
        self._bot: ExtBot[Any] = ExtBot(
            *(self.desk.token, f"{self.url}/bot"),
            request=transport,
            get_updates_request=transport,
            rate_limiter=lanes or Lanes(),
        )
        await self._bot.initialize()
        self._alone.push_async_callback(self._bot.shutdown)
        self.vault = await self._alone.enter_async_context(vault_in(self.folder))
        self.wiping = self.another(is_shared=False)

    async def end(self) -> None:
        """End the service, if it was started."""
        await self._alone.aclose()

    def another(self, *, is_shared: bool = True) -> Wiping:
        """Return the service as another process has it that answers the same readers."""
        return Wiping(self.vault, TelegramEraser(self._bot), self.clock.now, is_shared=is_shared)

    async def writes(self, text: str = "Алесь Бяляцкі", reader: Person | None = None) -> Message:
        """Let the mother write, or another reader; it is noted, and an answer begins."""
        said = (reader or self.mother).says(text)
        await self.arrives(said, reader)
        return said

    async def arrives(self, said: Message, reader: Person | None = None) -> None:
        """Note what was written, and that an answer begins."""
        chat = (reader or self.mother).id
        await self.wiping.arrived(chat, said.id, self.clock.now(), View.BE)

    async def taps(self, message: int) -> None:
        """Let the mother tap one of our messages; it is noted, and an answer begins."""
        await self.wiping.arrived(self.mother.id, message, self.clock.now(), View.BE, ours=True)

    async def settles(self, message: int | None, *, lost: bool = False) -> None:
        """Note that the answer to the mother is over."""
        await self.wiping.settled(self.mother.id, message, lost=lost)

    async def say(self, reader: Person | None = None) -> int:
        """Let the bot say something that nobody has noted, and return the message's number."""
        chat, transport = (reader or self.mother).id, Transport()
        async with ExtBot(
            self.desk.token, base_url=f"{self.url}/bot", request=transport, get_updates_request=transport
        ) as bot:
            return (await bot.send_message(chat, "hello")).message_id

    async def dies_answering(self) -> Message:
        """Let the bot die with its answer in the chat, and nowhere written down; another one starts."""
        asked = await self.writes()
        await self.say()
        await self.start()
        return asked

    async def notes_alert(self, alert: int) -> Record:
        """Note an alert that arrived, as the sender of alerts does; return the row."""
        return await self.vault.merge(
            self.mother.id,
            lambda record: replace(self.wiping.with_alert(record, alert)[0], in_flight=None),
        )

    async def alerts(self) -> int:
        """Let an alert arrive and be noted; return its number."""
        alert = await self.say()
        await self.notes_alert(alert)
        return alert

    async def row(self) -> Record:
        record = await self.vault.read(self.mother.id)
        assert record is not None
        return record

    async def is_forgotten(self) -> bool:
        return await self.vault.read(self.mother.id) is None

    @property
    def left(self) -> list[int]:
        """Which messages are in the mother's chat."""
        return [message.id for message in self.mother.history]
