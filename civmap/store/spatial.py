"""Spatial predicates that use the index on both databases.

SpatiaLite never uses its R*Tree by itself, and a Boolean that renders `= 1` loses it again, so each predicate
writes the index look-up out; PostGIS plans by itself.
"""

from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, Float, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from civmap.store.base import SRID


def _table(column: Any) -> str:
    table = column.table
    return str(getattr(table, "element", table).name)


class _Predicate(FunctionElement[bool]):
    """A condition that stands in WHERE as it is: SQLAlchemy writes `= 1` behind it otherwise, and the index is lost."""

    def self_group(self, against: Any = None) -> Any:
        """Return the condition itself, whatever it stands beside."""
        return self


class _InFrame(_Predicate):
    inherit_cache = True
    type = Boolean()
    name = "in_frame"


@compiles(_InFrame, "sqlite")
def _in_frame_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, *edges = list(element.clauses)
    box = ", ".join(compiler.process(edge, **kw) for edge in edges)
    key = compiler.process(column.table.c.id, **kw)
    return (f"{key} IN (SELECT ROWID FROM SpatialIndex WHERE f_table_name = '{_table(column)}' "
            f"AND f_geometry_column = '{column.name}' AND search_frame = BuildMbr({box}, {SRID}))")


@compiles(_InFrame, "postgresql")
def _in_frame_postgis(element: Any, compiler: Any, **kw: Any) -> str:
    column, *edges = list(element.clauses)
    box = ", ".join(compiler.process(edge, **kw) for edge in edges)
    return f"{compiler.process(column, **kw)} && ST_MakeEnvelope({box}, {SRID})"


class _InFrameAsked(_InFrame):
    inherit_cache = True
    name = "in_frame_asked"


@compiles(_InFrameAsked, "sqlite")
def _in_frame_asked_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, *edges = list(element.clauses)
    west, south, east, north = (compiler.process(edge, **kw) for edge in edges)
    key = compiler.process(column.table.c.id, **kw)
    return (f"{key} IN (SELECT pkid FROM idx_{_table(column)}_{column.name} "
            f"WHERE xmin <= {east} AND xmax >= {west} AND ymin <= {north} AND ymax >= {south})")


class _Meets(_Predicate):
    inherit_cache = True
    type = Boolean()
    name = "meets"
    verb = "ST_Intersects"


@compiles(_Meets, "sqlite")
def _meets_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, other = list(element.clauses)
    key = compiler.process(column.table.c.id, **kw)
    other_sql = compiler.process(other, **kw)
    if other.type._type_affinity is not column.type._type_affinity:
        other_sql = f"GeomFromWKB({other_sql}, {SRID})"
    return (f"({key} IN (SELECT ROWID FROM SpatialIndex WHERE f_table_name = '{_table(column)}' "
            f"AND f_geometry_column = '{column.name}' AND search_frame = {other_sql}) "
            f"AND {element.verb}({compiler.process(column, **kw)}, {other_sql}) = 1)")


@compiles(_Meets, "postgresql")
def _meets_postgis(element: Any, compiler: Any, **kw: Any) -> str:
    column, other = list(element.clauses)
    other_sql = compiler.process(other, **kw)
    if other.type._type_affinity is not column.type._type_affinity:
        other_sql = f"ST_GeomFromWKB({other_sql}, {SRID})"
    return f"{element.verb}({compiler.process(column, **kw)}, {other_sql})"


class _Inside(_Meets):
    inherit_cache = True
    name, verb = "inside", "ST_Within"


class _Around(_Meets):
    inherit_cache = True
    name, verb = "around", "ST_Contains"


class _Beside(_Meets):
    inherit_cache = True
    name, verb = "beside", "ST_Touches"


class _Across(_Meets):
    inherit_cache = True
    name, verb = "across", "ST_Crosses"


class _Partly(_Meets):
    inherit_cache = True
    name, verb = "partly", "ST_Overlaps"


class _Same(_Meets):
    inherit_cache = True
    name, verb = "same", "ST_Equals"


RELATIONS: dict[str, type[_Meets]] = {
    "intersects": _Meets, "within": _Inside, "contains": _Around, "touches": _Beside, "crosses": _Across,
    "overlaps": _Partly, "equals": _Same}
"""How a geometry column can stand to a geometry (Simple Features); each of these meets it, so the index helps."""


class _Within(_Predicate):
    inherit_cache = True
    type = Boolean()
    name, verb = "reaches_into", "ST_Intersects"


@compiles(_Within, "sqlite")
def _reaches_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, other = list(element.clauses)
    meets, other_sql = _meets_sqlite(element, compiler, **kw), f"GeomFromWKB({compiler.process(other, **kw)}, {SRID})"
    return f"({meets} AND ST_Touches({compiler.process(column, **kw)}, {other_sql}) = 0)"


@compiles(_Within, "postgresql")
def _reaches_postgis(element: Any, compiler: Any, **kw: Any) -> str:
    column, other = list(element.clauses)
    other_sql = f"ST_GeomFromWKB({compiler.process(other, **kw)}, {SRID})"
    return (f"({_meets_postgis(element, compiler, **kw)} "
            f"AND NOT ST_Touches({compiler.process(column, **kw)}, {other_sql}))")


def in_frame(column: Any, west: float, south: float, east: float, north: float) -> Any:
    """Return the condition that a geometry column's box meets a frame in lon/lat degrees."""
    return _InFrame(column.__clause_element__(), literal(west), literal(south), literal(east), literal(north))


def in_box(statement: Any, column: Any, box: Any) -> Any:
    """Return a statement narrowed to a (west, south, east, north) box, or as it is where there is none."""
    return statement if box is None else statement.where(in_frame(column, *box))


def in_frame_asked(column: Any, prefix: str = "") -> Any:
    """Return the same condition for a statement that is built once: the frame comes as west, south, east and north.

    `prefix` goes before these names, where one statement asks for several frames. On SpatiaLite the R*Tree itself is
    asked: its virtual table takes twice as long.
    """
    edges = (f"{prefix}{edge}" for edge in ("west", "south", "east", "north"))
    return _InFrameAsked(column, *(bindparam(edge, type_=Float) for edge in edges))


def intersects(column: Any, geometry: BaseGeometry) -> Any:
    """Return the condition that a geometry column intersects (Simple Features) a lon/lat geometry."""
    return _Meets(column.__clause_element__(), literal(geometry.wkb))


def related(column: Any, relation: str, geometry: BaseGeometry) -> Any:
    """Return the condition that a geometry column stands in a relation (of `RELATIONS`) to a lon/lat geometry."""
    return RELATIONS[relation](column.__clause_element__(), literal(geometry.wkb))


def reaches_into(column: Any, area: BaseGeometry) -> Any:
    """Return the condition that a geometry column meets an area and not only its edge (a neighbour's border)."""
    return _Within(column.__clause_element__(), literal(area.wkb))


def intersects_column(column: Any, other: Any) -> Any:
    """Return the condition that one geometry column intersects another one, using the first one's index."""
    return _Meets(column.__clause_element__(), other.__clause_element__())
