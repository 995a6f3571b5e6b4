"""Volya: a true answer about a named person, from a Telegram bot that remembers nobody."""

__version__ = "0.1.0"
