"""Kinds: what kind of answer a text wants, and which labels of the classifier stand for one."""

from __future__ import annotations

import enum


class Kind(enum.StrEnum):
    """What kind of answer a text wants."""

    PERSON = "person"
    ARTICLE = "article"
    PERSON_AND_ARTICLE = "person_and_article"
    CHOICES = "choices"
    SEVERAL = "several"
    NOBODY = "nobody"
    SMALLTALK = "smalltalk"
    DISTRESS = "distress"
    UNSAFE = "unsafe"
    OUT_OF_SCOPE = "out_of_scope"


NO_TOPIC = {kind.value: kind for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE, Kind.OUT_OF_SCOPE)}
LABELS = frozenset({*NO_TOPIC, Kind.PERSON.value})
"""The labels of the classifier that are no topic."""
