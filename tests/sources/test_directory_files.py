"""The directory that ships, and each way to spoil it: a row without a page, an unknown word, a stranger."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.domain.directory import ContactKind, Need, State, Where
from bot.domain.people import Designation
from bot.sources.directory_files import FOLDER, DirectoryError, read_directory

ENOUGH = (Need.LEGAL, Need.MONEY, Need.DOCUMENTS, Need.HOUSING, Need.CHILDREN, Need.WORK_STUDY)


def test_there_is_help_with_what_people_need_where_most_of_them_are() -> None:
    directory = read_directory()

    for where in (Where.POLAND, Where.LITHUANIA):
        assert all(directory.who_helps(need, where) for need in ENOUGH)
    assert len(directory.all()) >= 45


def test_a_designation_has_its_page_and_a_closed_body_no_way_to_reach_it() -> None:
    for body in read_directory().all():
        if body.designation is Designation.LISTED:
            assert len(body.sources) >= 2
        if body.state is State.CLOSED:
            assert (body.offers, body.contacts) == ((), ())


def test_no_contact_is_a_chat_or_an_invitation() -> None:
    contacts = [contact for body in read_directory().all() for contact in body.contacts]

    assert [c for c in contacts if c.kind is ContactKind.TELEGRAM or "t.me" in c.value] == []
    assert [c for c in contacts if c.kind is ContactKind.SITE and not c.value.startswith("http")] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("organisations.csv", ",not_verified,", ",maybe,", "maybe"),
        ("organisations.csv", "2026-11-24\n", "24.11.2026\n", "Invalid isoformat"),
        ("offers.csv", ",legal,", ",magic,", "magic"),
        ("offers.csv", ",free,", ",cheap,", "cheap"),
        ("offers.csv", "\n", "\nnobody,legal,poland,everyone,be,free,\n", "no organisation is called nobody"),
        ("contacts.csv", ",site,", ",pigeon,", "no page for contact"),
        ("evidence.csv", "\noffer/", "\noffers/", "no page for offer/"),
        ("evidence.csv", "\norganisation/", "\nbody/", "no page for organisation/"),
        ("evidence.csv", ",Viasna,", ",Nobody Daily,", "publishers.csv has no Nobody Daily"),
    ],
)
def test_a_row_that_cannot_be_believed_stops_the_start(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "directory"
    shutil.copytree(FOLDER, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(DirectoryError, match=said):
        read_directory(folder)
