"""Benchmarks and proofs of the bot's promises; nothing else in the bot imports them."""
