"""What takes many new rows of a model, whatever the database: see `store.bulk`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.store.base import Geom

Column = Any
"""What stands in a column of new rows: one value for all, a sequence, (n, 2) spots or an array of shapes."""
Run = tuple[int, int]


class Load:
    """Takes rows of one model, in portions."""

    def __init__(self, session: Session, model: Any, expected: int) -> None:
        self.session, self.table, self.expected = session, model.__table__, expected
        self.shapes = [column.key for column in self.table.c if isinstance(column.type, Geom)]
        self.count = 0
        session.flush()
        self.raw = session.connection().connection.driver_connection

    def add(self, count: int, columns: Mapping[str, Column]) -> list[Run]:
        """Insert rows; return the ids they got, as runs of first and last. What is not named stays empty."""
        raise NotImplementedError

    def wait(self) -> None:
        """Return when nothing is under way on the connection any more."""

    def leave(self) -> None:
        """Leave the connection as it was found, however the loading ended."""
        self.wait()

    def finish(self) -> None:
        """Put the indexes in order."""
        raise NotImplementedError


def bound(session: Session, column: Any, value: Column) -> Any:
    """Return a column's values as the driver takes them."""
    process = column.type.dialect_impl(session.get_bind().dialect).bind_processor(session.get_bind().dialect)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if process is None:
        return value
    if isinstance(value, list):
        known: dict[Any, Any] = {}
        try:
            return [known[one] if one in known else known.setdefault(one, process(one)) for one in value]
        except TypeError:
            return [process(one) for one in value]
    return process(value)
