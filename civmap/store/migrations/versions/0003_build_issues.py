"""Build issues and their photos."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import Geom, UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Build what this step adds."""
    op.create_geospatial_table(
        "issue",
        sa.Column("issue_no", sa.String(length=64), nullable=False),
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("geom", Geom(geometry_type="POINT"), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=True),
        sa.Column("on_site", sa.Boolean(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("division", sa.String(length=20), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("is_ambiguous", sa.Boolean(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=True),
        sa.Column("is_designated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("time_limit", sa.String(length=32), nullable=True),
        sa.Column("captured_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("reported_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.String(length=64), nullable=True),
        sa.Column("filed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_soon_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("handled_by", sa.String(length=64), nullable=True),
        sa.Column("return_count", sa.Integer(), nullable=False),
        sa.Column("rework_count", sa.Integer(), nullable=False),
        sa.Column("supervision_level", sa.Integer(), nullable=False),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("recurrence_of_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["issue.id"], name=op.f("fk_issue_duplicate_of_id")),
        sa.ForeignKeyConstraint(["point_id"], ["inspection_point.id"], name=op.f("fk_issue_point_id")),
        sa.ForeignKeyConstraint(["recurrence_of_id"], ["issue.id"], name=op.f("fk_issue_recurrence_of_id")),
        sa.ForeignKeyConstraint(["segment_id"], ["road_segment.id"], name=op.f("fk_issue_segment_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_issue_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        sa.UniqueConstraint("issue_no", name=op.f("uq_issue_issue_no")),
    )
    op.create_index(op.f("ix_issue_class_code"), "issue", ["class_code"], unique=False)
    op.create_index(op.f("ix_issue_division"), "issue", ["division"], unique=False)
    op.create_index(op.f("ix_issue_due_at"), "issue", ["due_at"], unique=False)
    op.create_index(op.f("ix_issue_due_soon_at"), "issue", ["due_soon_at"], unique=False)
    op.create_index(op.f("ix_issue_point_id"), "issue", ["point_id"], unique=False)
    op.create_index(op.f("ix_issue_reported_at"), "issue", ["reported_at"], unique=False)
    op.create_index(op.f("ix_issue_reported_by"), "issue", ["reported_by"], unique=False)
    op.create_index(op.f("ix_issue_segment_id"), "issue", ["segment_id"], unique=False)
    op.create_index(op.f("ix_issue_state"), "issue", ["state"], unique=False)
    op.create_index(op.f("ix_issue_unit_id"), "issue", ["unit_id"], unique=False)
    op.create_table(
        "assisting_unit",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_assisting_unit_issue_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assisting_unit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assisting_unit")),
        sa.UniqueConstraint("issue_id", "unit_id", name=op.f("uq_assisting_unit_issue_id_unit_id")),
    )
    op.create_index(op.f("ix_assisting_unit_unit_id"), "assisting_unit", ["unit_id"], unique=False)
    op.create_table(
        "photo",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=100), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_photo_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_issue_id"), "photo", ["issue_id"], unique=False)
    op.create_index(op.f("ix_photo_sha256"), "photo", ["sha256"], unique=False)
