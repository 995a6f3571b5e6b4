"""The conversation: the only package that imports telegram."""
