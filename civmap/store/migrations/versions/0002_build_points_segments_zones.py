"""Build points, segments, zones and duties."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import Geom, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Build what this step adds."""
    op.create_table(
        "duty",
        sa.Column("class_code", sa.String(length=8), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("territory", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_to", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_duty_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_category"), "duty", ["category"], unique=False)
    op.create_index(op.f("ix_duty_class_code"), "duty", ["class_code"], unique=False)
    op.create_index(op.f("ix_duty_unit_id"), "duty", ["unit_id"], unique=False)
    op.create_index(op.f("ix_duty_valid_to"), "duty", ["valid_to"], unique=False)
    op.create_geospatial_table(
        "inspection_point",
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("geom", Geom(geometry_type="POINT"), nullable=False),
        sa.Column("outline", Geom(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("street", sa.String(length=100), nullable=True),
        sa.Column("division", sa.String(length=20), nullable=True),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("open_hours", sa.String(length=200), nullable=True),
        sa.Column("surroundings_m", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_to", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inspection_point_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_point")),
        sa.UniqueConstraint("code", name=op.f("uq_inspection_point_code")),
    )
    op.create_index(op.f("ix_inspection_point_division"), "inspection_point", ["division"], unique=False)
    op.create_index(op.f("ix_inspection_point_type"), "inspection_point", ["type"], unique=False)
    op.create_index(op.f("ix_inspection_point_unit_id"), "inspection_point", ["unit_id"], unique=False)
    op.create_index(op.f("ix_inspection_point_valid_to"), "inspection_point", ["valid_to"], unique=False)
    op.create_geospatial_table(
        "road_segment",
        sa.Column("road", sa.String(length=100), nullable=False),
        sa.Column("road_class", sa.String(length=32), nullable=False),
        sa.Column("geom", Geom(geometry_type="LINESTRING"), nullable=False),
        sa.Column("width_m", sa.Float(), nullable=True),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("from_name", sa.String(length=100), nullable=True),
        sa.Column("to_name", sa.String(length=100), nullable=True),
        sa.Column("division", sa.String(length=20), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_to", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_road_segment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_segment")),
        sa.UniqueConstraint("code", name=op.f("uq_road_segment_code")),
    )
    op.create_index(op.f("ix_road_segment_division"), "road_segment", ["division"], unique=False)
    op.create_index(op.f("ix_road_segment_road"), "road_segment", ["road"], unique=False)
    op.create_index(op.f("ix_road_segment_unit_id"), "road_segment", ["unit_id"], unique=False)
    op.create_index(op.f("ix_road_segment_valid_to"), "road_segment", ["valid_to"], unique=False)
    op.create_geospatial_table(
        "zone",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("geom", Geom(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("division", sa.String(length=20), nullable=True),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(length=60), nullable=True),
        sa.Column("holder_phone", sa.String(length=40), nullable=True),
        sa.Column("door_no", sa.String(length=60), nullable=True),
        sa.Column("segment_code", sa.String(length=64), nullable=True),
        sa.Column("side", sa.String(length=8), nullable=True),
        sa.Column("depth_rule", sa.String(length=16), nullable=True),
        sa.Column("depth_m", sa.Float(), nullable=True),
        sa.Column("snow_geom", Geom(spatial_index=False), nullable=True),
        sa.Column("pledge_no", sa.String(length=64), nullable=True),
        sa.Column("pledge_signed_on", sa.Date(), nullable=True),
        sa.Column("pledge_expires_on", sa.Date(), nullable=True),
        sa.Column("adopting_unit_id", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_to", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["adopting_unit_id"], ["unit.id"], name=op.f("fk_zone_adopting_unit_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["zone.id"], name=op.f("fk_zone_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_zone_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("code", name=op.f("uq_zone_code")),
    )
    op.create_index(op.f("ix_zone_adopting_unit_id"), "zone", ["adopting_unit_id"], unique=False)
    op.create_index(op.f("ix_zone_division"), "zone", ["division"], unique=False)
    op.create_index(op.f("ix_zone_kind"), "zone", ["kind"], unique=False)
    op.create_index(op.f("ix_zone_parent_id"), "zone", ["parent_id"], unique=False)
    op.create_index(op.f("ix_zone_segment_code"), "zone", ["segment_code"], unique=False)
    op.create_index(op.f("ix_zone_unit_id"), "zone", ["unit_id"], unique=False)
    op.create_index(op.f("ix_zone_valid_to"), "zone", ["valid_to"], unique=False)
    op.create_table(
        "segment_chief",
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["segment_id"], ["road_segment.id"], name=op.f("fk_segment_chief_segment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_chief")),
        sa.UniqueConstraint("segment_id", "level", name=op.f("uq_segment_chief_segment_id_level")),
    )
