"""Give issues their whole life: pleas, suspensions, notices; customs, holidays and rulings; messages and masks."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import Geom, UtcDateTime

revision = "0005"
down_revision = "0004"

NO, NONE, ONCE = sa.false(), sa.text("0"), sa.text("1")
MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    """Add what this step keeps."""
    _grow_issue()
    _grow_photo()
    op.add_column("person", sa.Column("read_entry_id", sa.Integer(), nullable=True))
    op.add_column("person", sa.Column("feed_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_person_feed_hash"), "person", ["feed_hash"], unique=True)
    _build_customs()
    _build_pleas()
    _build_notices()
    _build_messages()


def _grow_issue() -> None:
    for column in (
        sa.Column("fixed_on_spot", sa.Boolean(), nullable=False, server_default=NO),
        sa.Column("criterion", sa.String(length=40), nullable=True),
        sa.Column("limit_factor", sa.Float(), nullable=False, server_default=ONCE),
        sa.Column("resumes_at", MOMENT, nullable=True),
        sa.Column("rouse_at", MOMENT, nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("handled_work_s", sa.Integer(), nullable=True),
        sa.Column("dispatch_count", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("wrong_return_count", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("extension_count", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("is_overdue_waived", sa.Boolean(), nullable=False, server_default=NO),
    ):
        op.add_column("issue", column)
    for name in ("rouse_at", "duplicate_of_id", "recurrence_of_id"):
        op.create_index(op.f(f"ix_issue_{name}"), "issue", [name], unique=False)
    op.execute("UPDATE issue SET dispatch_count = return_count + CASE WHEN state IN ('returned') THEN 0 ELSE 1 END "
               "WHERE dispatched_at IS NOT NULL")


def _grow_photo() -> None:
    for column in (
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("pair_id", sa.Integer(), nullable=True),
        sa.Column("masks", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("masked_file", sa.String(length=100), nullable=True),
        sa.Column("masked_at", MOMENT, nullable=True),
        sa.Column("masked_by", sa.String(length=64), nullable=True),
    ):
        op.add_column("photo", column)


def _build_customs() -> None:
    op.create_table(
        "custom",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom")),
        sa.UniqueConstraint("name", name=op.f("uq_custom_name")),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_worked", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.UniqueConstraint("day", name=op.f("uq_holiday_day")),
    )
    op.create_geospatial_table(
        "ruling",
        sa.Column("class_code", sa.String(length=8), nullable=True),
        sa.Column("geom", Geom(geometry_type="POLYGON"), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issue_no", sa.String(length=64), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=True),
        sa.Column("valid_to", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_ruling_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    for column in ("class_code", "unit_id", "valid_to"):
        op.create_index(op.f(f"ix_ruling_{column}"), "ruling", [column], unique=False)


def _build_pleas() -> None:
    op.create_table(
        "suspension",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_suspension_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(op.f("ix_suspension_issue_id"), "suspension", ["issue_id"], unique=False)
    words = [sa.Column(f"{turn}_{part}", kind, nullable=True) for turn in ("first", "second")
             for part, kind in (("at", MOMENT), ("by", sa.String(length=64)), ("opinion", sa.Text()))]
    op.create_table(
        "plea",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        *words,
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_plea_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plea")),
    )
    for column in ("issue_id", "state"):
        op.create_index(op.f(f"ix_plea_{column}"), "plea", [column], unique=False)


def _build_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_notice_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("kind", "year", "serial", name=op.f("uq_notice_kind_year_serial")),
    )
    for column in ("unit_id", "issued_at"):
        op.create_index(op.f(f"ix_notice_{column}"), "notice", [column], unique=False)
    op.create_table(
        "notice_issue",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_notice_issue_issue_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_issue_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_issue")),
        sa.UniqueConstraint("notice_id", "issue_id", name=op.f("uq_notice_issue_notice_id_issue_id")),
    )
    op.create_index(op.f("ix_notice_issue_issue_id"), "notice_issue", ["issue_id"], unique=False)


def _build_messages() -> None:
    op.create_table(
        "message",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("channel", "key", name=op.f("uq_message_channel_key")),
    )
    op.create_index(op.f("ix_message_next_try_at"), "message", ["next_try_at"], unique=False)
