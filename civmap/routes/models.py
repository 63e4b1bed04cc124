"""What is kept of a round: its teams, the stops of each in order, and every plan it ever had."""

from datetime import date, datetime
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, Boolean, Date, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Geom, UtcDateTime, Versioned


class Route(Versioned, Base):
    """A round (督查路线): points of one day visited by teams; `options` say how it was planned (`routes.wishes`).

    `state`: planning, planned, under_way, finished, cancelled. `metric` is road or air: what the lengths were measured
    along. `unreached` are the points that no team serves, each with its reason; `notes` what the planner should know.
    `progress` tells how far a planning is: fraction, seconds, best_m, is_halting. `before_id` is the round before it.
    """

    __tablename__ = "route"

    code: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    day: Mapped[date] = mapped_column(Date, nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default="planning", index=True)
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draw.id"), index=True)
    before_id: Mapped[int | None] = mapped_column(ForeignKey("route.id"), index=True)
    is_covert: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False)
    metric: Mapped[str] = mapped_column(String(8), nullable=False, default="road")
    total_m: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    notes: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    unreached: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    remark: Mapped[str] = mapped_column(Text, nullable=False, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    made_by: Mapped[str] = mapped_column(String(64), nullable=False)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Team(Base):
    """A team of a round: where it starts and ends, and when; minutes are those of the office's day (480 is 08:00).

    `ends` is open, return or fixed. `is_absent`: fell ill, its stops went to the others. The way back is `last_leg`.
    """

    __tablename__ = "route_team"
    __table_args__ = (UniqueConstraint("route_id", "position"),)

    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"), nullable=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False)
    name: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    start_lon: Mapped[float | None] = mapped_column(Float)
    start_lat: Mapped[float | None] = mapped_column(Float)
    start_name: Mapped[str] = mapped_column(String(100), nullable=False, default="")
    ends: Mapped[str] = mapped_column(String(8), nullable=False, default="open")
    end_lon: Mapped[float | None] = mapped_column(Float)
    end_lat: Mapped[float | None] = mapped_column(Float)
    end_name: Mapped[str] = mapped_column(String(100), nullable=False, default="")
    from_min: Mapped[float] = mapped_column(Float, nullable=False, default=480.0)
    until_min: Mapped[float | None] = mapped_column(Float)
    is_absent: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    length_m: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    minutes: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    last_leg_m: Mapped[float | None] = mapped_column(Float)
    last_leg: Mapped[BaseGeometry | None] = mapped_column(Geom("LINESTRING"))


class Member(Base):
    """Somebody who walks with a team."""

    __tablename__ = "route_member"
    __table_args__ = (UniqueConstraint("team_id", "person_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("route_team.id"), nullable=False)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"), nullable=False, index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), nullable=False, index=True)


class Stop(Base):
    """A point on a round; `team_id` is empty where nobody serves it. Whether it is done, its visit tells.

    `leg` is the way from the stop before (or the start), `leg_m` its metres and `leg_min` its minutes; `is_air` where
    it had to be a straight line. `arrive_at`, `leave_at` are when the visit is planned to begin and to end.
    """

    __tablename__ = "route_stop"
    __table_args__ = (UniqueConstraint("route_id", "point_id"),)

    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"), nullable=False)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("route_team.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, nullable=False)
    point_id: Mapped[int] = mapped_column(ForeignKey("inspection_point.id"), nullable=False, index=True)
    lon: Mapped[float] = mapped_column(Float, nullable=False)
    lat: Mapped[float] = mapped_column(Float, nullable=False)
    visit_min: Mapped[float] = mapped_column(Float, nullable=False)
    is_must: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    is_locked: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    together: Mapped[str | None] = mapped_column(String(40))
    arrive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leave_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wait_min: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    leg_m: Mapped[float | None] = mapped_column(Float)
    leg_min: Mapped[float | None] = mapped_column(Float)
    is_air: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    leg: Mapped[BaseGeometry | None] = mapped_column(Geom("LINESTRING"))


class Plan(Base):
    """A plan as it once stood: who made it how, and what it was; the newest number is the present one."""

    __tablename__ = "route_plan"
    __table_args__ = (UniqueConstraint("route_id", "number"),)

    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"), nullable=False)
    number: Mapped[int] = mapped_column(Integer, nullable=False)
    verb: Mapped[str] = mapped_column(String(16), nullable=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    who: Mapped[str] = mapped_column(String(64), nullable=False)
    total_m: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    orders: Mapped[Any] = mapped_column(JSON, nullable=False)
