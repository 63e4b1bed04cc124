"""Draw zones that fit: the past of things, shops, levels and marks of zones, choices of streets, boards with keys."""

import sqlalchemy as sa
from alembic import op

from civmap import clock
from civmap.store.base import Geom, UtcDateTime

revision = "0006"
down_revision = "0005"

MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    """Add what this step keeps."""
    for table, name, kind in (
        ("zone", "level", sa.String(length=16)),
        ("zone", "plate_no", sa.String(length=64)),
        ("zone", "pledge_mark", sa.String(length=16)),
        ("unit", "holder", sa.String(length=60)),
        ("unit", "door_no", sa.String(length=60)),
        ("unit", "door_width_m", sa.Float()),
        ("road_segment", "chainage_m", sa.Float()),
        ("building", "households", sa.Integer()),
    ):
        op.add_column(table, sa.Column(name, kind, nullable=True))
    _build_past()
    _build_choices()
    _build_placards()
    _rouse_old_issues()


def _build_past() -> None:
    op.create_geospatial_table(
        "past",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("from_at", MOMENT, nullable=True),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("is_absent", sa.Boolean(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("geom", Geom(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past")),
    )
    op.create_index("ix_past_kind_thing_id", "past", ["kind", "thing_id"], unique=False)
    op.create_index(op.f("ix_past_until_at"), "past", ["until_at"], unique=False)


def _build_choices() -> None:
    op.create_table(
        "match_choice",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_choice")),
    )
    for column in ("code", "state"):
        op.create_index(op.f(f"ix_match_choice_{column}"), "match_choice", [column], unique=False)


def _build_placards() -> None:
    op.create_table(
        "placard",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placard")),
        sa.UniqueConstraint("key", name=op.f("uq_placard_key")),
    )
    op.create_index(op.f("ix_placard_code"), "placard", ["code"], unique=False)


def _rouse_old_issues() -> None:
    """Let issues that are older than their clock be looked at once: the first look writes when each rings next."""
    issue = sa.table("issue", *(sa.column(name, MOMENT) for name in ("rouse_at", "due_at", "dispatched_at")),
                     sa.column("state", sa.String()))
    op.execute(issue.update().values(rouse_at=clock.now()).where(
        issue.c.rouse_at.is_(None), issue.c.due_at.is_not(None), issue.c.dispatched_at.is_not(None),
        issue.c.state.in_(("dispatched", "in_progress", "resolved", "rework"))))
