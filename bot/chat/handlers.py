"""Handlers: one short function per thing a person can do. Each returns an Answer; none of them sends."""

from __future__ import annotations

from typing import Any, TypeAlias

from telegram import Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.chat.buttons import Ask, Press, parse
from bot.chat.directory_screens import PAST_WARNING
from bot.chat.own import Own
from bot.chat.plain_screens import THEN_SETTINGS
from bot.chat.plain_words import plainly
from bot.chat.topic_screens import WARNED
from bot.chat.words import view_for
from bot.domain import answers as q
from bot.domain import own_answers as mine
from bot.domain.articles import Area, any_of
from bot.domain.directory import Need, Where
from bot.domain.people import View
from bot.services.advising import Advising
from bot.services.answering import Answering
from bot.services.counting import Counting
from bot.services.understanding import Understanding
from bot.store.counts import Count

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]
Context: TypeAlias = CallbackContext[Any, Any, Any, Any]

PRIVATE = filters.ChatType.PRIVATE
GROUP = filters.ChatType.GROUPS


class Handlers:
    """What a person can do here, over what we know and what little we remember."""

    def __init__(
        self,
        answering: Answering,
        advising: Advising,
        understanding: Understanding,
        counting: Counting,
        own: Own,
    ) -> None:
        """Hold what answers; nothing is registered yet."""
        self._understanding = understanding
        self._answering = answering
        self._advising = advising
        self._counting = counting
        self._own = own

    def all(self) -> list[BaseHandler[Any, Any, Any]]:
        """Return the handlers in the order they are asked."""
        fresh = filters.UpdateType.MESSAGE & PRIVATE
        commands = {
            "start": self.start,
            "help": self.help,
            "settings": self.settings,
            "privacy": self.privacy,
            "language": self.language,
            "about": self.about,
            "releases": self.releases,
            "quarters": self.releases,
            "contacts": self.contacts,
            "follow": self.follow,
            "following": self.following,
            "list": self.following,
            "stop": self.stop,
            "clear": self.clear,
            "forget": self.forget,
            "mydata": self.my_data,
        }
        return [
            *(CommandHandler(name, act, filters=fresh) for name, act in commands.items()),
            MessageHandler(PRIVATE & filters.COMMAND, self.unknown_command),
            MessageHandler(PRIVATE & filters.TEXT, self.text),
            MessageHandler(PRIVATE, self.not_text),
            CallbackQueryHandler(self.tap),
            MessageHandler(GROUP & filters.UpdateType.MESSAGE, self.in_group),
            ChatMemberHandler(self.added_to_group, ChatMemberHandler.MY_CHAT_MEMBER),
        ]

    async def start(self, _update: Update, _context: Context) -> q.Answer:
        """/start, with or without anything behind it."""
        return q.Welcome()

    async def help(self, _update: Update, _context: Context) -> q.Answer:
        """/help."""
        return q.Help()

    async def settings(self, update: Update, _context: Context) -> q.Answer:
        """/settings."""
        return await self._own.settings(_private(update))

    async def follow(self, update: Update, context: Context) -> q.Answer:
        """/follow with a name: the card, where following is one tap away; without one, the list."""
        name = " ".join(context.args or ())
        if not name:
            return mine.FollowingDoor()
        found = self._own.missing(await self._answering.find(name), name)
        return await self._own.known(_private(update), found)

    async def following(self, _update: Update, _context: Context) -> q.Answer:
        """/following."""
        return mine.FollowingDoor()

    async def stop(self, update: Update, _context: Context) -> q.Answer:
        """/stop."""
        return await self._own.stop(_private(update))

    async def clear(self, update: Update, _context: Context) -> q.Answer:
        """/clear."""
        self._understanding.forget(_private(update))
        return await self._own.clear(_private(update))

    async def forget(self, _update: Update, _context: Context) -> q.Answer:
        """/forget."""
        return mine.ForgetMe()

    async def my_data(self, update: Update, _context: Context) -> q.Answer:
        """/mydata."""
        return await self._own.my_data(_private(update))

    async def privacy(self, _update: Update, _context: Context) -> q.Answer:
        """/privacy."""
        return q.Privacy()

    async def language(self, _update: Update, _context: Context) -> q.Answer:
        """/language."""
        return q.ChangeLanguage()

    async def about(self, _update: Update, _context: Context) -> q.Answer:
        """/about."""
        return await self._answering.about()

    async def releases(self, _update: Update, _context: Context) -> q.Answer:
        """/releases."""
        return await self._answering.quarters(0)

    async def contacts(self, _update: Update, _context: Context) -> q.Answer:
        """/contacts."""
        return self._advising.needs()

    async def unknown_command(self, _update: Update, _context: Context) -> q.Answer:
        """A command we do not have, or an old one edited: nothing is done twice for an edit."""
        return q.Help()

    async def text(self, update: Update, _context: Context) -> q.Answer:
        """Free text, new or edited: a name, a question, or both."""
        message, chat = update.effective_message, _private(update)
        text = (message.text if message else None) or ""
        if (command := plainly(text)) is not None:
            return command
        answer = await self._understanding.answer(chat, text)
        answer = self._own.missing(answer, self._understanding.name_in(text))
        return await self._own.known(chat, answer)

    async def not_text(self, update: Update, _context: Context) -> q.Answer:
        """A sticker, a photo, a voice: we read none of them. What says too much of somebody is deleted."""
        message = update.effective_message
        personal = message and (message.contact or message.location or message.venue or message.document)
        return mine.PersonalSent() if personal else q.NotText()

    async def in_group(self, update: Update, context: Context) -> q.Answer | None:
        """A group sees who asks: only what is said to the bot is answered, and only with "in private"."""
        message = update.effective_message
        if message is None:
            return None
        text = message.text or message.caption or ""
        replied = message.reply_to_message.from_user if message.reply_to_message else None
        to_us = replied is not None and replied.id == context.bot.id
        named = f"@{context.bot.username}".lower() in text.lower()
        return q.PrivateOnly() if to_us or named or text.startswith("/") else None

    async def added_to_group(self, update: Update, _context: Context) -> q.Answer | None:
        """Somebody added the bot to a group, or blocked or unblocked it in private."""
        change = update.my_chat_member
        if change is None:
            return None
        if change.chat.type == "private":
            if change.new_chat_member.status == "kicked":
                self._understanding.forget(change.chat.id)
                await self._own.blocked(change.chat.id)
            return None
        joined = change.new_chat_member.status in {"member", "administrator"}
        was_in = change.old_chat_member.status in {"member", "administrator", "restricted"}
        return q.PrivateOnly() if joined and not was_in else None

    async def tap(self, update: Update, _context: Context) -> q.Answer | None:
        """A tap on a button, however old; data that we would not have written is an old button too."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return None
        if chat.type != "private":
            return q.PrivateOnly()
        press = parse(query.data or "")
        if press is None:
            return q.NoLongerHere()
        if press.switch or press.ask is Ask.LANGUAGE:
            await self._own.choose_view(chat.id, press.view)
        if press.ask is Ask.LANGUAGE:
            if press.page == THEN_SETTINGS:
                return await self._own.settings(chat.id)
            return await self._own.known(chat.id, q.WhereAreYou())
        if press.ask in {Ask.FORGET_NOW, Ask.CLEAR}:
            self._understanding.forget(chat.id)
        own = await self._own.pressed(chat.id, press, query.message.message_id if query.message else None)
        answer = own or await self._own.known(chat.id, await self._pressed(press))
        if isinstance(answer, q.TopicAnswer):
            self._understanding.read(chat.id, any_of(answer.topic).key)
        return answer

    async def _pressed(self, press: Press) -> q.Answer:
        plain = _PLAIN.get(press.ask)
        if plain is not None:
            return plain
        if press.ask is Ask.ABOUT:
            return await self._answering.about()
        if press.ask in _ABOUT_RELEASES:
            return await self._pressed_release(press)
        if press.ask in _ABOUT_TOPICS:
            return await self._pressed_topic(press)
        if press.ask in _ABOUT_HELP:
            return self._pressed_help(press)
        if not (press.subject.isascii() and press.subject.isdigit()):
            return q.NoLongerHere()
        return await self._pressed_person(press, int(press.subject))

    async def _pressed_release(self, press: Press) -> q.Answer:
        answering = self._answering
        if press.ask is Ask.QUARTERS:
            return await answering.quarters(press.page)
        if press.ask is Ask.RELEASES:
            return await answering.releases(press.page)
        if press.ask is Ask.RELEASE:
            return await answering.release(press.subject, press.page)
        named = press.ask is Ask.RELEASE_SOURCES_NAMED
        return await answering.release_sources(press.subject, named=named)

    async def _pressed_topic(self, press: Press) -> q.Answer:
        advising, key = self._advising, press.subject
        warned, page = press.page >= WARNED, press.page % WARNED
        if press.ask is Ask.AREA:
            return advising.area(Area(key), page) if key in set(Area) else q.NoLongerHere()
        if press.ask is Ask.TOPIC_PART:
            return advising.part(key, page, warned=warned)
        if press.ask in {Ask.TOPIC_SOURCES, Ask.TOPIC_SOURCES_NAMED}:
            return advising.sources(key, named=press.ask is Ask.TOPIC_SOURCES_NAMED, warned=warned)
        if press.ask is Ask.TOPIC_CONTACTS:
            return advising.contacts(key, warned=warned)
        if press.ask is Ask.TOPIC_RELATED:
            return advising.related(key, warned=warned)
        counted = press.ask is Ask.USEFUL
        answer = advising.topic(key, warned=warned, counted=counted)
        if isinstance(answer, q.TopicAnswer):
            if counted:
                self._counting.count(key, Count.USEFUL if page == 1 else Count.NOT_USEFUL)
            elif press.ask is Ask.TOPIC_CHOSEN:
                self._counting.count(key, Count.CHOSEN)
        return answer

    def _pressed_help(self, press: Press) -> q.Answer:
        advising, subject = self._advising, press.subject
        if press.ask is Ask.NEEDS:
            return advising.needs()
        if press.ask in {Ask.ORGANISATION, Ask.ORGANISATION_NAMED}:
            return advising.organisation(subject, named=press.ask is Ask.ORGANISATION_NAMED)
        if press.ask in {Ask.ORGANISATION_SOURCES, Ask.ORGANISATION_SOURCES_NAMED}:
            named = press.ask is Ask.ORGANISATION_SOURCES_NAMED
            return advising.organisation_sources(subject, named=named, warned=press.page == PAST_WARNING)
        need, where, language = (*subject.split("-"), "", "")[:3]
        if need not in set(Need) or (press.ask is not Ask.NEED and where not in set(Where)):
            return q.NoLongerHere()
        if press.ask is Ask.NEED:
            return advising.where(Need(need))
        if press.ask is Ask.NEED_WHERE:
            return advising.help_language(Need(need), Where(where))
        return advising.helpers(Need(need), Where(where), language, press.page)

    async def _pressed_person(self, press: Press, number: int) -> q.Answer:
        answering = self._answering
        if press.ask is Ask.HISTORY:
            return await answering.history(number, press.page)
        if press.ask is Ask.REPORT:
            return await answering.how_to_report(number)
        if press.ask is Ask.CITATION:
            return await answering.citation(number)
        if press.ask in {Ask.SOURCES, Ask.SOURCES_NAMED}:
            return await answering.sources(number, named=press.ask is Ask.SOURCES_NAMED)
        return await answering.card(number)


_PLAIN: dict[Ask, q.Answer] = {
    Ask.HOME: q.Home(),
    Ask.HELP: q.Help(),
    Ask.PRIVACY: q.Privacy(),
    Ask.CHOOSE_LANGUAGE: q.ChangeLanguage(),
    Ask.CHOOSE_PLACE: q.WhereAreYou(),
}
_ABOUT_RELEASES = {
    Ask.QUARTERS,
    Ask.RELEASES,
    Ask.RELEASE,
    Ask.RELEASE_SOURCES,
    Ask.RELEASE_SOURCES_NAMED,
}
_ABOUT_TOPICS = {
    *(Ask.AREA, Ask.TOPIC, Ask.TOPIC_CHOSEN, Ask.TOPIC_PART, Ask.TOPIC_SOURCES, Ask.TOPIC_SOURCES_NAMED),
    *(Ask.TOPIC_CONTACTS, Ask.TOPIC_RELATED, Ask.USEFUL),
}
_ABOUT_HELP = {
    *(Ask.NEEDS, Ask.NEED, Ask.NEED_WHERE, Ask.HELPERS, Ask.ORGANISATION, Ask.ORGANISATION_NAMED),
    *(Ask.ORGANISATION_SOURCES, Ask.ORGANISATION_SOURCES_NAMED),
}


def _private(update: Update) -> int:
    """Return the chat of an update whose filter let only private chats through."""
    assert update.effective_chat is not None  # noqa: S101  (the filter saw to it)
    return update.effective_chat.id


def view_of(update: Update) -> View:
    """Return the view a tapped button was in, else the one of the reader's phone."""
    query = update.callback_query
    press = parse(query.data or "") if query else None
    if press is not None:
        return press.view
    user = update.effective_user
    return view_for(user.language_code if user else None)
