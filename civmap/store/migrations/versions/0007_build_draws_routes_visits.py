"""Build draws, routes, visits and what they found."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import Geom, UtcDateTime

revision = "0007"
down_revision = "0006"

MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    """Add what this step keeps."""
    _build_draws()
    _build_routes()
    _build_teams()
    _build_stops()
    _build_visits()


def _build_draws() -> None:
    op.create_table(
        "draw",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("shortfall", sa.JSON(), nullable=False),
        sa.Column("is_covert", sa.Boolean(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("code", name=op.f("uq_draw_code")),
    )
    op.create_table(
        "drawn_point",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_drawn_point_draw_id")),
        sa.ForeignKeyConstraint(["point_id"], ["inspection_point.id"], name=op.f("fk_drawn_point_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn_point")),
        sa.UniqueConstraint("draw_id", "point_id", name=op.f("uq_drawn_point_draw_id_point_id")),
    )
    op.create_index(op.f("ix_drawn_point_point_id"), "drawn_point", ["point_id"], unique=False)


def _build_routes() -> None:
    op.create_table(
        "route",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.Column("is_covert", sa.Boolean(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("metric", sa.String(length=8), nullable=False),
        sa.Column("total_m", sa.Float(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("unreached", sa.JSON(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_route_draw_id")),
        sa.ForeignKeyConstraint(["before_id"], ["route.id"], name=op.f("fk_route_before_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
        sa.UniqueConstraint("code", name=op.f("uq_route_code")),
    )
    for column in ("before_id", "day", "draw_id", "state"):
        op.create_index(op.f(f"ix_route_{column}"), "route", [column], unique=False)
    op.create_table(
        "route_plan",
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("total_m", sa.Float(), nullable=False),
        sa.Column("orders", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_route_plan_route_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_plan")),
        sa.UniqueConstraint("route_id", "number", name=op.f("uq_route_plan_route_id_number")),
    )


def _build_teams() -> None:
    op.create_geospatial_table(
        "route_team",
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("start_lon", sa.Float(), nullable=True),
        sa.Column("start_lat", sa.Float(), nullable=True),
        sa.Column("start_name", sa.String(length=100), nullable=False),
        sa.Column("ends", sa.String(length=8), nullable=False),
        sa.Column("end_lon", sa.Float(), nullable=True),
        sa.Column("end_lat", sa.Float(), nullable=True),
        sa.Column("end_name", sa.String(length=100), nullable=False),
        sa.Column("from_min", sa.Float(), nullable=False),
        sa.Column("until_min", sa.Float(), nullable=True),
        sa.Column("is_absent", sa.Boolean(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=False),
        sa.Column("last_leg_m", sa.Float(), nullable=True),
        sa.Column("last_leg", Geom("LINESTRING"), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_route_team_route_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_team")),
        sa.UniqueConstraint("route_id", "position", name=op.f("uq_route_team_route_id_position")),
    )
    op.create_table(
        "route_member",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["route_team.id"], name=op.f("fk_route_member_team_id")),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_route_member_route_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_route_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_member")),
        sa.UniqueConstraint("team_id", "person_id", name=op.f("uq_route_member_team_id_person_id")),
    )
    for column in ("person_id", "route_id"):
        op.create_index(op.f(f"ix_route_member_{column}"), "route_member", [column], unique=False)


def _build_stops() -> None:
    op.create_geospatial_table(
        "route_stop",
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("visit_min", sa.Float(), nullable=False),
        sa.Column("is_must", sa.Boolean(), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("together", sa.String(length=40), nullable=True),
        sa.Column("arrive_at", MOMENT, nullable=True),
        sa.Column("leave_at", MOMENT, nullable=True),
        sa.Column("wait_min", sa.Float(), nullable=False),
        sa.Column("leg_m", sa.Float(), nullable=True),
        sa.Column("leg_min", sa.Float(), nullable=True),
        sa.Column("is_air", sa.Boolean(), nullable=False),
        sa.Column("leg", Geom("LINESTRING"), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_route_stop_route_id")),
        sa.ForeignKeyConstraint(["team_id"], ["route_team.id"], name=op.f("fk_route_stop_team_id")),
        sa.ForeignKeyConstraint(["point_id"], ["inspection_point.id"], name=op.f("fk_route_stop_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_stop")),
        sa.UniqueConstraint("route_id", "point_id", name=op.f("uq_route_stop_route_id_point_id")),
    )
    for column in ("point_id", "team_id"):
        op.create_index(op.f(f"ix_route_stop_{column}"), "route_stop", [column], unique=False)


def _build_visits() -> None:
    op.create_table(
        "visit",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("stop_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("distance_m", sa.Float(), nullable=True),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("not_applicable", sa.Integer(), nullable=False),
        sa.Column("weight_passed", sa.Float(), nullable=False),
        sa.Column("weight_all", sa.Float(), nullable=False),
        sa.Column("is_covert", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["inspection_point.id"], name=op.f("fk_visit_point_id")),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_visit_route_id")),
        sa.ForeignKeyConstraint(["stop_id"], ["route_stop.id"], name=op.f("fk_visit_stop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("key", name=op.f("uq_visit_key")),
    )
    for column in ("arrived_at", "point_id", "route_id", "stop_id"):
        op.create_index(op.f(f"ix_visit_{column}"), "visit", [column], unique=False)
    op.create_table(
        "finding",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=8), nullable=False),
        sa.Column("result", sa.String(length=4), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_finding_visit_id")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_finding_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("visit_id", "item", name=op.f("uq_finding_visit_id_item")),
    )
    for column in ("issue_id", "item"):
        op.create_index(op.f(f"ix_finding_{column}"), "finding", [column], unique=False)
