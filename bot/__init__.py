"""Volya: says where a Belarusian political prisoner is now, and tells those who follow them."""

__version__ = "0.1.0"
