"""Build the first tables."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import Geom, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Build what this step adds."""
    op.create_geospatial_table(
        "building",
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("levels", sa.Integer(), nullable=True),
        sa.Column("geom", Geom(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
    )
    op.create_table(
        "city",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("founded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("demo_seed", sa.Integer(), nullable=True),
        sa.Column("demo_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city")),
    )
    op.create_geospatial_table(
        "land_cover",
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("geom", Geom(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land_cover")),
    )
    op.create_index(op.f("ix_land_cover_kind"), "land_cover", ["kind"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_entry_hash")),
    )
    op.create_index(op.f("ix_ledger_entry_key"), "ledger_entry", ["key"], unique=False)
    op.create_table(
        "reply",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_reply_person_id_key")),
    )
    op.create_geospatial_table(
        "street_edge",
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("highway", sa.String(length=32), nullable=False),
        sa.Column("from_node", sa.Integer(), nullable=False),
        sa.Column("to_node", sa.Integer(), nullable=False),
        sa.Column("is_oneway", sa.Boolean(), nullable=False),
        sa.Column("may_walk", sa.Boolean(), nullable=False),
        sa.Column("may_cycle", sa.Boolean(), nullable=False),
        sa.Column("may_drive", sa.Boolean(), nullable=False),
        sa.Column("width_m", sa.Float(), nullable=True),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("geom", Geom(geometry_type="LINESTRING"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_edge")),
    )
    op.create_index(op.f("ix_street_edge_name"), "street_edge", ["name"], unique=False)
    op.create_geospatial_table(
        "unit",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("seat", Geom(geometry_type="POINT"), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("territory", sa.String(length=20), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("head_person", sa.String(length=60), nullable=True),
        sa.Column("liaison", sa.String(length=60), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_to", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_index(op.f("ix_unit_territory"), "unit", ["territory"], unique=False)
    op.create_index(op.f("ix_unit_valid_to"), "unit", ["valid_to"], unique=False)
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
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("territory", sa.String(length=20), nullable=True),
        sa.Column("segment_code", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("lang", sa.String(length=2), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
    )
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"], unique=False)
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
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_expires_at"), "sign_in", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_token_token_hash")),
    )
    op.create_index(op.f("ix_token_person_id"), "token", ["person_id"], unique=False)
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
