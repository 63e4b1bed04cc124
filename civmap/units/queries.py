"""Ask about units."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.units.models import Unit


def subtree_ids(session: Session, unit_id: int) -> frozenset[int]:
    """Return the ids of a unit and of all units below it."""
    tree = select(Unit.id).where(Unit.id == unit_id).cte("tree", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return frozenset(session.scalars(select(tree.c.id)))
