"""The registry: people, names, claims, sources, and the timeline around them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "detention_place",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name_be", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("town_be", sa.Text(), nullable=False),
        sa.Column("town_ru", sa.Text(), nullable=False),
        sa.Column("town_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detention_place")),
        sa.UniqueConstraint("key", name=op.f("uq_detention_place_key")),
    )
    op.create_table(
        "listed_count",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("qualifier", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counted_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_count")),
        sa.UniqueConstraint("key", name=op.f("uq_listed_count_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
        sa.UniqueConstraint("number", name=op.f("uq_person_number")),
    )
    op.create_table(
        "publisher",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("designation", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publisher")),
        sa.UniqueConstraint("name", name=op.f("uq_publisher_name")),
    )
    op.create_table(
        "release_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("qualifier", sa.String(length=16), nullable=False),
        sa.Column("named", sa.Integer(), nullable=True),
        sa.Column("unnamed", sa.Integer(), nullable=True),
        sa.Column("taken_to", sa.String(length=80), nullable=False),
        sa.Column("title_be", sa.Text(), nullable=False),
        sa.Column("title_ru", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("disagreement_be", sa.Text(), nullable=False),
        sa.Column("disagreement_ru", sa.Text(), nullable=False),
        sa.Column("disagreement_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_event")),
        sa.UniqueConstraint("key", name=op.f("uq_release_event_key")),
    )
    op.create_table(
        "seed_import",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_import")),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("passport", sa.String(length=8), nullable=True),
        sa.Column("manner", sa.String(length=16), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("release_event_id", sa.Integer(), nullable=True),
        sa.Column("consent", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_person_id_person")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["detention_place.id"], name=op.f("fk_claim_place_id_detention_place")
        ),
        sa.ForeignKeyConstraint(
            ["release_event_id"], ["release_event.id"], name=op.f("fk_claim_release_event_id_release_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("key", name=op.f("uq_claim_key")),
    )
    op.create_index(op.f("ix_claim_person_id"), "claim", ["person_id"], unique=False)
    op.create_table(
        "diplomacy_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("who_be", sa.Text(), nullable=False),
        sa.Column("who_ru", sa.Text(), nullable=False),
        sa.Column("who_en", sa.Text(), nullable=False),
        sa.Column("place_be", sa.Text(), nullable=False),
        sa.Column("place_ru", sa.Text(), nullable=False),
        sa.Column("place_en", sa.Text(), nullable=False),
        sa.Column("asked_be", sa.Text(), nullable=False),
        sa.Column("asked_ru", sa.Text(), nullable=False),
        sa.Column("asked_en", sa.Text(), nullable=False),
        sa.Column("given_be", sa.Text(), nullable=False),
        sa.Column("given_ru", sa.Text(), nullable=False),
        sa.Column("given_en", sa.Text(), nullable=False),
        sa.Column("release_event_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_event_id"],
            ["release_event.id"],
            name=op.f("fk_diplomacy_event_release_event_id_release_event"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diplomacy_event")),
        sa.UniqueConstraint("key", name=op.f("uq_diplomacy_event_key")),
    )
    op.create_table(
        "person_name",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_name_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_name")),
        sa.UniqueConstraint("person_id", "language", "text", name=op.f("uq_person_name_person_id")),
    )
    op.create_index(op.f("ix_person_name_person_id"), "person_name", ["person_id"], unique=False)
    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("text_be", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("release_event_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_event_id"],
            ["release_event.id"],
            name=op.f("fk_sanction_release_event_id_release_event"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
        sa.UniqueConstraint("key", name=op.f("uq_sanction_key")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("name_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("diplomacy_id", sa.Integer(), nullable=True),
        sa.Column("sanction_id", sa.Integer(), nullable=True),
        sa.Column("count_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("published_on", sa.String(length=10), nullable=True),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN claim_id IS NULL THEN 0 ELSE 1 END + CASE WHEN name_id IS NULL THEN 0 ELSE 1 END + CASE WHEN event_id IS NULL THEN 0 ELSE 1 END + CASE WHEN diplomacy_id IS NULL THEN 0 ELSE 1 END + CASE WHEN sanction_id IS NULL THEN 0 ELSE 1 END + CASE WHEN count_id IS NULL THEN 0 ELSE 1 END + CASE WHEN place_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_source_one_subject"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_source_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["listed_count.id"], name=op.f("fk_source_count_id_listed_count")
        ),
        sa.ForeignKeyConstraint(
            ["diplomacy_id"], ["diplomacy_event.id"], name=op.f("fk_source_diplomacy_id_diplomacy_event")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["release_event.id"], name=op.f("fk_source_event_id_release_event")
        ),
        sa.ForeignKeyConstraint(["name_id"], ["person_name.id"], name=op.f("fk_source_name_id_person_name")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["detention_place.id"], name=op.f("fk_source_place_id_detention_place")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["publisher.id"], name=op.f("fk_source_publisher_id_publisher")
        ),
        sa.ForeignKeyConstraint(
            ["sanction_id"], ["sanction.id"], name=op.f("fk_source_sanction_id_sanction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_index(op.f("ix_source_claim_id"), "source", ["claim_id"], unique=False)
    op.create_index(op.f("ix_source_count_id"), "source", ["count_id"], unique=False)
    op.create_index(op.f("ix_source_diplomacy_id"), "source", ["diplomacy_id"], unique=False)
    op.create_index(op.f("ix_source_event_id"), "source", ["event_id"], unique=False)
    op.create_index(op.f("ix_source_name_id"), "source", ["name_id"], unique=False)
    op.create_index(op.f("ix_source_place_id"), "source", ["place_id"], unique=False)
    op.create_index(op.f("ix_source_sanction_id"), "source", ["sanction_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_source_sanction_id"), table_name="source")
    op.drop_index(op.f("ix_source_place_id"), table_name="source")
    op.drop_index(op.f("ix_source_name_id"), table_name="source")
    op.drop_index(op.f("ix_source_event_id"), table_name="source")
    op.drop_index(op.f("ix_source_diplomacy_id"), table_name="source")
    op.drop_index(op.f("ix_source_count_id"), table_name="source")
    op.drop_index(op.f("ix_source_claim_id"), table_name="source")
    op.drop_table("source")
    op.drop_table("sanction")
    op.drop_index(op.f("ix_person_name_person_id"), table_name="person_name")
    op.drop_table("person_name")
    op.drop_table("diplomacy_event")
    op.drop_index(op.f("ix_claim_person_id"), table_name="claim")
    op.drop_table("claim")
    op.drop_table("seed_import")
    op.drop_table("release_event")
    op.drop_table("publisher")
    op.drop_table("person")
    op.drop_table("listed_count")
    op.drop_table("detention_place")
