"""What is true and what should happen: plain functions, no I/O, no async."""
