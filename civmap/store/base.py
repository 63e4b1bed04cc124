"""What every stored thing has in common: naming, geometry, moments in UTC, version and validity."""

from datetime import UTC, datetime
from typing import Any

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape
from sqlalchemy import DateTime, ForeignKey, Integer, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

SRID = 4326


class Base(DeclarativeBase):
    """Hold the metadata of every table, with predictable constraint names."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    })

    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class UtcDateTime(TypeDecorator[datetime]):
    """Keep aware moments as UTC in both databases; refuse naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Geom(Geometry):
    """A lon/lat geometry column (EPSG:4326) that speaks Shapely on both sides."""

    cache_ok = True

    def __init__(self, geometry_type: str = "GEOMETRY", srid: int = SRID, **options: Any) -> None:
        super().__init__(geometry_type=geometry_type, srid=srid, **options)

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return a function from Shapely geometry to what the driver takes."""
        inner = super().bind_processor(dialect)

        def process(value: Any) -> Any:
            if isinstance(value, shapely.Geometry):
                value = from_shape(value, srid=SRID)
            return inner(value) if inner is not None else value

        return process

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """Return a function from what the driver gives (EWKB as hex or bytes) to a Shapely geometry."""

        def process(value: Any) -> shapely.Geometry | None:
            if value is None:
                return None
            return shapely.from_wkb(bytes(value) if isinstance(value, memoryview) else value)

        return process


class Versioned:
    """Count the edits of a row, so that a stale edit is noticed."""

    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Valid:
    """A thing that holds from one moment to another; nothing is deleted, things are retired."""

    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class Coded:
    """A thing the office calls by a code and a name."""

    code: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False, default="")


def unit_key(nullable: bool = True) -> Any:
    """Return a column that points to the responsible unit."""
    return mapped_column(ForeignKey("unit.id"), nullable=nullable, index=True)


def holds_at(model: Any, moment: datetime) -> Any:
    """Return the condition that a `Valid` row holds at a moment."""
    return ((model.valid_from.is_(None)) | (model.valid_from <= moment)) & (
        (model.valid_to.is_(None)) | (model.valid_to > moment))
