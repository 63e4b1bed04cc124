"""Statements put into words once and asked again with other values: for what every open map asks every few seconds.

Building a statement and handing it through all machinery takes ten times as long as the database needs for a handful
of rows. What a viewer sees is part of the words, so a statement is kept under the viewer's scope and never under less.
"""

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Float, Numeric, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

MOST_KEPT = 256
Thing = TypeVar("Thing")


def asked(name: str, column: Any) -> Any:
    """Return the place of a value that comes with each question, of a column's type."""
    return bindparam(name, None, type_=column.type)


def listed(name: str, column: Any) -> Any:
    """Return the condition that a column is one of the values that come with each question."""
    return column.in_(bindparam(name, (), type_=column.type, expanding=True))


@dataclass(frozen=True, slots=True)
class _Words:
    """A statement as one database reads it, for lists of certain lengths."""

    text: str
    order: tuple[str, ...] | None
    fixed: Mapping[str, Any]
    lists: Mapping[str, list[str]]
    binding: Mapping[str, Any]
    row: Any
    making: tuple[Callable[[Any], Any] | None, ...]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        given = dict(self.fixed)
        for name, value in values.items():
            pairs = zip(self.lists[name], value, strict=True) if isinstance(value, list) else ((name, value),)
            given.update((key, self._processed(key, one)) for key, one in pairs)
        return given if self.order is None else tuple([given[name] for name in self.order])

    def _processed(self, name: str, value: Any) -> Any:
        process = self.binding.get(name)
        return value if process is None or value is None else process(value)

    def with_fixed(self) -> "_Words":
        """Return the same with the values that never change as the driver takes them."""
        return replace(self, fixed={name: self._processed(name, value) for name, value in self.fixed.items()})

    def made(self, rows: Iterable[Any]) -> list[Any]:
        """Return rows with their values as the models give them."""
        if any(self.making):
            rows = ([value if make is None or value is None else make(value)
                     for value, make in zip(row, self.making, strict=True)] for row in rows)
        return [self.row._make(row) for row in rows]


class Prepared:
    """One statement; what changes from question to question stands in it as `asked` and `listed`."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._words: dict[tuple[Any, ...], _Words] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """Return the rows; a list is filled up with its last value, so that few lengths are put into words."""
        given = {name: _filled(value) if isinstance(value, list) else value for name, value in values.items()}
        connection = session.connection()
        lengths = tuple(sorted((name, len(value)) for name, value in given.items() if isinstance(value, list)))
        words = self._words.get((connection.dialect.name, *lengths))
        if words is None:
            words = _put(self._statement, connection.dialect, dict(lengths))
            self._words[connection.dialect.name, *lengths] = words
        return words.made(connection.exec_driver_sql(words.text, words.bound(given)).fetchall())


def _filled(values: list[Any]) -> list[Any]:
    """Return a list of a length that is a power of two; an empty one may not be asked for."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))


def _put(statement: Any, dialect: Dialect, lengths: Mapping[str, int]) -> _Words:
    compiled = statement.compile(dialect=dialect)
    full = compiled.construct_expanded_state({name: [None] * length for name, length in lengths.items()})
    binding = {key: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
               for key in full.parameter_expansion.get(name, [name])}
    columns = list(statement.selected_columns)
    making = tuple(None if isinstance(column.type, (Float, Numeric)) else  # both drivers give numbers as they are
                   column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    row = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
    order = None if full.positiontup is None else tuple(full.positiontup)
    return _Words(full.statement, order, full.parameters, full.parameter_expansion, binding, row,
                  making).with_fixed()


class Shelf(Generic[Thing]):
    """What was put together for one question, by what else it depends on: who asks. The longest unused go."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._lock, self._most = Lock(), most
        self._kept: OrderedDict[Hashable, Thing] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, key: Hashable, build: Callable[[], Thing]) -> Thing:
        """Return what is kept under a key, put together where there is nothing yet."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = build()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
