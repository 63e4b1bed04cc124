"""A filter (CQL2 as a tree) becomes conditions of the database: never text, always bound values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, false, literal, not_, or_, select, true

from civmap.errors import CivmapError, Invalid
from civmap.ogc import places, sql, times
from civmap.ogc.layers import DAY, FLAG, LIST, MOMENT, SHAPE, TEXT, Layer
from civmap.ogc.systems import System
from civmap.ogc.values import Tree, Value, of_day, of_literal, of_moment, read_day, read_moment, value
from civmap.store.listing import Here

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Reader:
    """Reads the filters of one layer for who asks; geometries come in one coordinate system."""

    def __init__(self, here: Here, layer: Layer, system: System) -> None:
        self.here, self.layer, self.system = here, layer, system
        self.known: Mapping[str, Callable[[str, Sequence[Any]], Any]] = {
            "and": self._joined, "or": self._joined, "not": self._not, "like": self._like, "between": self._between,
            "in": self._in, "isnull": self._is_null, **dict.fromkeys(COMPARISONS, self._compared),
            **dict.fromkeys(times.RELATIONS, self._temporal), **dict.fromkeys(places.RELATIONS, self._spatial)}

    def condition(self, tree: Tree) -> Any:
        """Return the condition of a tree; raise Invalid naming what cannot be."""
        if isinstance(tree, bool):
            return true() if tree else false()
        if isinstance(tree, dict) and "property" in tree:
            return self._flag(self._value(tree))
        if not isinstance(tree, dict) or "op" not in tree:
            raise Invalid("ogc_filter_part", field="filter", part=str(tree)[:80])
        name, sent = str(tree["op"]).lower(), tree.get("args")
        if name not in self.known or not isinstance(sent, list):
            raise Invalid("ogc_function_unknown", field="filter", name=str(tree["op"])[:60])
        return self.known[name](name, sent)

    def equal(self, name: str, text: str) -> Any:
        """Return the condition that a property equals what a parameter of its name says; raise Invalid."""
        held = self._value({"property": name})
        try:
            said = _as_said(held.sort, text)
        except CivmapError as problem:
            problem.field = name
            raise
        return self._with([held], lambda found: found == said.sql) if held.sort != MOMENT or said.sort == MOMENT \
            else times.compared("=", held, said)

    def _value(self, tree: Tree) -> Value:
        return value(self.here, self.layer, tree)

    def _joined(self, name: str, sent: Sequence[Any]) -> Any:
        if not sent:
            raise Invalid("ogc_filter_arguments", field="filter", name=name, wanted=2)
        return (and_ if name == "and" else or_)(*(self.condition(part) for part in sent))

    def _not(self, name: str, sent: Sequence[Any]) -> Any:
        (inner,) = _exactly(1, name, sent)
        return not_(self.condition(inner))

    def _flag(self, held: Value) -> Any:
        if held.sort != FLAG:
            raise Invalid("ogc_filter_sorts", field="filter", op="boolean", sorts=held.sort)
        return held.sql == literal(True)

    def _compared(self, name: str, sent: Sequence[Any]) -> Any:
        left, right = (self._side(part) for part in _exactly(2, name, sent))
        if left.is_literal and not right.is_literal:
            left, right, name = right, left, _TURNED.get(name, name)
        right = _like_the_other(left, right)
        if {left.sort, right.sort} == {DAY, MOMENT} and right.is_literal:
            if left.sort == MOMENT:
                return times.compared(name, left, right)
            right = of_day(read_day(right.said.isoformat()))
        if left.sort != right.sort or left.sort in (LIST, SHAPE) or (left.sort == FLAG and name not in ("=", "<>")):
            raise Invalid("ogc_filter_sorts", field="filter", op=name, sorts=f"{left.sort}, {right.sort}")
        if left.is_folded != right.is_folded:
            raise Invalid("ogc_filter_casei", field="filter")
        return self._with([left, right], COMPARISONS[name])

    def _side(self, tree: Tree) -> Value:
        """Return one side of a comparison: a value, or a condition that is true or false itself."""
        if isinstance(tree, dict) and str(tree.get("op", "")).lower() in self.known:
            return Value(FLAG, self.condition(tree))
        return self._value(tree)

    def _like(self, name: str, sent: Sequence[Any]) -> Any:
        held, pattern = (self._value(part) for part in _exactly(2, name, sent))
        if held.sort != TEXT or not isinstance(pattern.said, str):
            raise Invalid("ogc_filter_sorts", field="filter", op=name, sorts=f"{held.sort}, {pattern.sort}")
        if held.is_folded != pattern.is_folded:
            raise Invalid("ogc_filter_casei", field="filter")
        fold = (lambda side: sql.folded(self.here.session, side)) if held.is_folded else None
        return self._with([held], lambda text: sql.matches(text, str(pattern.said), fold))

    def _between(self, name: str, sent: Sequence[Any]) -> Any:
        held, low, high = _exactly(3, name, sent)
        return and_(self._compared(">=", [held, low]), self._compared("<=", [held, high]))

    def _in(self, name: str, sent: Sequence[Any]) -> Any:
        held, choices = _exactly(2, name, sent)
        if not isinstance(choices, list) or not choices:
            raise Invalid("ogc_filter_arguments", field="filter", name=name, wanted=2)
        left = self._value(held)
        plain = [choice for choice in choices if isinstance(choice, str)]
        if left.sort == TEXT and len(plain) == len(choices) and not left.is_folded:
            return self._with([left], lambda text: text.in_(plain))
        return or_(*(self._compared("=", [held, choice]) for choice in choices))

    def _is_null(self, name: str, sent: Sequence[Any]) -> Any:
        held = self._value(*_exactly(1, name, sent))
        if held.is_literal:
            return false()
        return (held.through.key if held.through else held.sql).is_(None)

    def _temporal(self, name: str, sent: Sequence[Any]) -> Any:
        return times.related(self.here, self.layer, name, sent)

    def _spatial(self, name: str, sent: Sequence[Any]) -> Any:
        return places.related(self.layer, self.system, name, sent)

    def _with(self, values: Sequence[Value], build: Callable[..., Any]) -> Any:
        """Return a condition over values; one that is looked up in another table is asked for there."""
        looked_up = [held for held in values if held.through is not None]
        if not looked_up:
            return build(*(held.sql for held in values))
        through = looked_up[0].through
        if len(looked_up) == 1 and all(held.is_literal for held in values if held.through is None):
            return through.key.in_(select(through.there).where(build(*(held.sql for held in values))))
        if not self.here.is_present or any(held.is_folded for held in looked_up):
            raise Invalid("ogc_filter_both", field="filter")
        return build(*(held.sql if held.through is None else _looked_up(held) for held in values))


def _looked_up(held: Value) -> Any:
    through = held.through
    assert through is not None
    return select(through.column).where(through.there == through.key).scalar_subquery()


def _exactly(wanted: int, name: str, sent: Sequence[Any]) -> Sequence[Any]:
    if len(sent) != wanted:
        raise Invalid("ogc_filter_arguments", field="filter", name=name, wanted=wanted)
    return sent


def _like_the_other(left: Value, right: Value) -> Value:
    """Return a text that stands beside a day or a moment as such, as programs write it that do not know DATE()."""
    if right.is_literal and right.sort == TEXT and left.sort in (DAY, MOMENT):
        return _as_said(left.sort, str(right.said))
    return right


def _as_said(sort: str, text: str) -> Value:
    """Return what a text says of a property of some sort; raise Invalid."""
    if sort == FLAG:
        if text not in ("true", "false"):
            raise Invalid("flag_expected", value=text[:40])
        return of_literal(text == "true")
    if sort == TEXT:
        return of_literal(text)
    if sort in (DAY, MOMENT):
        is_day = sort == DAY or len(text.strip()) <= len("2026-05-20")
        return of_day(read_day(text)) if is_day else of_moment(read_moment(text.replace(" ", "+")))
    try:
        return of_literal(float(text))
    except ValueError as problem:
        raise Invalid("number_expected", value=text[:40]) from problem
