"""Refusals: why an editor's act is not done."""

from __future__ import annotations

import enum


class Refusal(enum.StrEnum):
    """Why something is not done, in words for the editor who asked."""

    NOT_THERE = "there is nothing of this key"
    A_PERSON = "this key is a person's: `claim list --person KEY` prints those of the claims about them"
    NOBODY = "there is no person of this key: `find NAME` prints keys"
    NO_NUMBER = "there is no publication of this number"
    NOT_PUBLISHED = "it is not published"
    PUBLISHED = "it is published already"
    CONFIRMED = "you have confirmed exactly this already"
    NOT_CONFIRMED = "nobody has confirmed it as it stands now"
    SAME_EDITOR = "a second editor must do this"
    THIRD_EDITOR = "a third editor must do this: you are one of the two"
    RETRACTED = "it was taken back"
    SPENT = "it was taken back: give the new report a key of its own with --claim"
    SUPPRESSED = "the family asked for silence"
    NO_SOURCE = "no page says so"
    ONE_ORIGIN = "it needs two sources of independent origin, or the family's word"
    ONE_PUBLISHER = "a death needs two publishers and two sources of independent origin"
    ANOTHER_WAITS = "another correction waits: approve it with the key alone, or use --replace"
    NO_CHANGE = "there is no correction to approve: say what changes"
    ANOTHER_CLAIM = "a correction stays with the person and the kind of claim: retract it, report the other"
    REPORTED = "it is reported exactly so already"
    OTHER_REPORT = "this key has a report of another person or kind: give yours one of its own with --claim"
    ANOTHERS_REPORT = "another editor reported this otherwise: look at it, or use --replace"
    NOT_QUIETER = "this can only make it quieter"
    NOT_HELD = "no publication waits for a third confirmation under this number"
    GONE = "it has been let go already"
    NOTHING_NEW = "nothing in it is new since it was published"
    NOT_NEWS = "articles of this area are news to nobody"
    HANDLE_TAKEN = "there is or was an editor of this name"
    NO_EDITOR = "there is no such editor, or they were revoked"
    WRONG_KEY = "this key is not that editor's"
    WRONG_CODE = "the code is wrong, or the clock is"
    USED_CODE = "this code was used already: wait for the next one"
    SAME_PERSON = "these are not two people that could be one"
    SHIPPED = "a person of the seed is not merged into another: change the seed"
    UNDER_WAY = "a publication about this person is on its way, or went in the last 14 days: wait"
    TOLD_THERE = "one record tells what a family silenced in the other: use `claim suppress` there first"
    WHOLE_YEAR = (
        "unpublished, silence about a whole year would forbid every report of this kind in it: "
        "report the month or the day, or `claim retract` this"
    )
    WOULD_FREE = (
        "without it the card would say that the person is free, or dead: "
        "`claim suppress` first what says so, or `claim retract` this as two editors"
    )
    CHANGED = "it has changed since it was shown: look at it again"
    OVERTAKEN = (
        "it has changed since two editors approved it: what was shown is how it stands now, "
        "and takes `claim confirm` and `claim publish` anew, with --of"
    )
    ALONE = "silence takes one editor and no waiting: use `claim suppress`"
