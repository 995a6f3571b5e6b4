"""The registry's tables: people, names, claims, sources, the timeline; counts of articles; editors' work.

Nothing about a reader is in any of them. Every row that states a fact has its own sources.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

NUMBERS = 2**31 - 1
"""The largest number a column holds; a person's is 1 at least."""

SCHEMA_REVISION = "0005"
"""The Alembic head these tables equal; a test compares. Read at start to skip importing Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _key() -> Column[str]:
    """Return the natural key imports find a row by."""
    return Column("key", String(80), nullable=False, unique=True)


def _when(name: str) -> Column[str]:
    """Return a date as its source states it: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
    return Column(name, String(10), nullable=False)


def _batch() -> Column[str]:
    """Return which import a row came from: what that import no longer holds can be withdrawn."""
    return Column("batch", String(16), nullable=False)


def _texts(name: str) -> list[Column[str]]:
    return [Column(f"{name}_{language}", Text, nullable=False) for language in ("be", "ru", "en")]


publisher = Table(
    "publisher",
    metadata,
    _id(),
    Column("name", String(120), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("designation", String(16), nullable=False),
)

detention_place = Table(
    "detention_place",
    metadata,
    _id(),
    _batch(),
    _key(),
    Column("kind", String(16), nullable=False),
    *_texts("name"),
    *_texts("town"),
)

person = Table(
    "person",
    metadata,
    _id(),
    _key(),
    # Random, at most 31 bits, never reused: buttons and sealed rows hold it.
    Column("number", Integer, nullable=False, unique=True),
    Column("birth_year", Integer),
)

person_name = Table(
    "person_name",
    metadata,
    _id(),
    _batch(),
    Column("person_id", ForeignKey(person.c.id), nullable=False, index=True),
    Column("language", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", String(200), nullable=False),
    UniqueConstraint("person_id", "language", "text"),
)

release_event = Table(
    "release_event",
    metadata,
    _id(),
    _batch(),
    _key(),
    _when("date"),
    Column("kind", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("qualifier", String(16), nullable=False),
    Column("named", Integer),
    Column("unnamed", Integer),
    Column("taken_to", String(80), nullable=False),
    *_texts("title"),
    *_texts("disagreement"),
)

claim = Table(
    "claim",
    metadata,
    _id(),
    _batch(),
    _key(),
    Column("person_id", ForeignKey(person.c.id), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    _when("date"),
    Column("outcome", String(24), nullable=False),
    Column("country", String(2)),
    Column("passport", String(8)),
    Column("manner", String(16)),
    Column("place_id", ForeignKey(detention_place.c.id)),
    Column("release_event_id", ForeignKey(release_event.c.id)),
    Column("consent", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    # The editor who recorded that the family said so; never who said it. Empty: nobody recorded it.
    Column("family_word", String(40), nullable=False, server_default=""),
)

correction = Table(
    "correction",
    metadata,
    _id(),
    Column("claim_id", ForeignKey(claim.c.id), nullable=False, unique=True),
    # A claim of its own, reported and never published: what the other would say once two editors approve.
    Column("draft_id", ForeignKey(claim.c.id), nullable=False, unique=True),
)

diplomacy_event = Table(
    "diplomacy_event",
    metadata,
    _id(),
    _batch(),
    _key(),
    _when("date"),
    Column("kind", String(16), nullable=False),
    *_texts("who"),
    *_texts("place"),
    *_texts("asked"),
    *_texts("given"),
    Column("release_event_id", ForeignKey(release_event.c.id)),
)

sanction = Table(
    "sanction",
    metadata,
    _id(),
    _batch(),
    _key(),
    _when("date"),
    Column("side", String(8), nullable=False),
    Column("action", String(16), nullable=False),
    *_texts("text"),
    Column("release_event_id", ForeignKey(release_event.c.id)),
)

listed_count = Table(
    "listed_count",
    metadata,
    _id(),
    _batch(),
    _key(),
    _when("date"),
    Column("qualifier", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("counted_by", String(120), nullable=False),
)

seed_import = Table(
    "seed_import",
    metadata,
    _id(),
    # The digest of the seed files last imported: an unchanged seed is not read again at every start.
    Column("digest", String(64), nullable=False),
)

usefulness = Table(
    "usefulness",
    metadata,
    _id(),
    Column("week", String(8), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("useful", Integer, nullable=False),
    Column("not_useful", Integer, nullable=False),
    Column("chosen", Integer, nullable=False, server_default="0"),
    UniqueConstraint("week", "topic"),
)

sender_lease = Table(
    "sender_lease",
    metadata,
    # Of the processes on one PostgreSQL, which is the sender: whoever holds the token that stands here.
    Column("token", Integer, primary_key=True, autoincrement=False),
    Column("renewed_at", DateTime(timezone=True), nullable=False),
)

sender_order = Table(
    "sender_order",
    metadata,
    _id(),
    # The operator's word that a sender which was held may go on; done once, it is deleted.
    Column("word", String(16), nullable=False),
)

SOURCED = {
    "claim": claim,
    "name": person_name,
    "event": release_event,
    "diplomacy": diplomacy_event,
    "sanction": sanction,
    "count": listed_count,
    "place": detention_place,
}
"""What can have a source, by the word a source's subject begins with."""

source = Table(
    "source",
    metadata,
    _id(),
    *(Column(f"{word}_id", ForeignKey(table.c.id), index=True) for word, table in SOURCED.items()),
    Column("publisher_id", ForeignKey(publisher.c.id), nullable=False),
    Column("url", String(500), nullable=False),
    Column("published_on", String(10)),
    Column("origin", String(120), nullable=False),
    Column("read_on", Date, nullable=False),
    # A source belongs to one statement: a page that proves two is two rows.
    CheckConstraint(
        " + ".join(f"CASE WHEN {word}_id IS NULL THEN 0 ELSE 1 END" for word in SOURCED) + " = 1",
        name="one_subject",
    ),
)

editor = Table(
    "editor",
    metadata,
    _id(),
    Column("handle", String(40), nullable=False, unique=True),
    Column("public_key", String(64), nullable=False),
    Column("totp_secret", String(64), nullable=False),
    # The last half minute a code was taken for: no code opens anything twice.
    Column("last_step", BigInteger, nullable=False),
    Column("added_on", Date, nullable=False),
    Column("revoked_on", Date),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    Column("at", String(32), nullable=False),
    # A handle and not a reference: an entry stays as it was signed, whatever becomes of the editor.
    Column("editor", String(40), nullable=False),
    Column("action", String(16), nullable=False),
    Column("subject", String(100), nullable=False, index=True),
    Column("revision", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

publication = Table(
    "publication",
    metadata,
    _id(),
    Column("subject", String(100), nullable=False),
    Column("revision", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subjects", String(40), nullable=False),
    Column("revises_id", ForeignKey("publication.id")),
    # Given by the sender, and only there: it grows, and is never used again.
    Column("number", BigInteger, unique=True),
    Column("state", String(16), nullable=False),
    Column("band", String(16)),
    Column("published_at", BigInteger, nullable=False),
    UniqueConstraint("subject", "revision"),
)

publication_person = Table(
    "publication_person",
    metadata,
    _id(),
    Column("publication_id", ForeignKey(publication.c.id), nullable=False, index=True),
    Column("person_id", ForeignKey(person.c.id), nullable=False, index=True),
    Column("claim_id", ForeignKey(claim.c.id), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("publication_id", "claim_id"),
)

person_alias = Table(
    "person_alias",
    metadata,
    _id(),
    _key(),
    # A number that readers' rows and old buttons hold; whom it means now.
    Column("number", Integer, nullable=False, unique=True),
    Column("person_id", ForeignKey(person.c.id), nullable=False, index=True),
)

proposal = Table(
    "proposal",
    metadata,
    _id(),
    Column("person_id", ForeignKey(person.c.id), nullable=False),
    Column("into_id", ForeignKey(person.c.id), nullable=False),
    Column("state", String(16), nullable=False),
    UniqueConstraint("person_id", "into_id"),
)
