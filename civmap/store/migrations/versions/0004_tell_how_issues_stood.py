"""Tell how issues stood on any day: when each ended, hangs, was checked; and find things by street and road chief."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import UtcDateTime

revision = "0004"
down_revision = "0003"

MOMENTS = ("suspended_at", "checked_at", "ended_at")
LAST_LINE = """(SELECT max(at) FROM ledger_entry
    WHERE ledger_entry.kind = 'issue' AND ledger_entry.key = issue.issue_no AND ledger_entry.verb IN ({verbs}))"""
CHECK, HANGS, ENDS = "'check'", "'suspend'", "'reject', 'duplicate', 'import'"
FILLED = (
    f"UPDATE issue SET checked_at = coalesce({LAST_LINE.format(verbs=CHECK)}, closed_at)",
    "UPDATE issue SET ended_at = coalesce(closed_at, checked_at, resolved_at, reported_at) WHERE state = 'closed'",
    f"UPDATE issue SET ended_at = coalesce({LAST_LINE.format(verbs=ENDS)}, reported_at) "
    "WHERE state IN ('rejected', 'duplicate')",
    f"UPDATE issue SET suspended_at = coalesce({LAST_LINE.format(verbs=HANGS)}, acknowledged_at, "
    "dispatched_at, reported_at) WHERE state = 'suspended'",
)
"""From what the rows and the ledger know."""


def upgrade() -> None:
    """Add the moments, fill them, and build the indexes."""
    for name in MOMENTS:
        op.add_column("issue", sa.Column(name, UtcDateTime(timezone=True), nullable=True))
    for statement in FILLED:
        op.execute(statement)
    op.create_index(op.f("ix_issue_ended_at"), "issue", ["ended_at"], unique=False)
    op.create_index(op.f("ix_inspection_point_street"), "inspection_point", ["street"], unique=False)
    op.create_index(op.f("ix_segment_chief_name"), "segment_chief", ["name"], unique=False)
