"""Tell how issues stood on any day: when each ended, hangs, was checked; and find things by street and road chief."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import UtcDateTime

revision = "0004"
down_revision = "0003"

MOMENTS = ("suspended_at", "checked_at", "ended_at")
LAST_LINE = """(SELECT max(at) FROM ledger_entry
    WHERE ledger_entry.kind = 'issue' AND ledger_entry.key = issue.issue_no AND ledger_entry.verb IN ({verbs}))"""


def upgrade() -> None:
    """Add the moments, fill them from what the rows and the ledger know, and build the indexes."""
    for name in MOMENTS:
        op.add_column("issue", sa.Column(name, UtcDateTime(timezone=True), nullable=True))
    checks, hangs = LAST_LINE.format(verbs="'check'"), LAST_LINE.format(verbs="'suspend'")
    ends = LAST_LINE.format(verbs="'reject', 'duplicate', 'import'")
    op.execute(f"UPDATE issue SET checked_at = coalesce({checks}, closed_at)")
    op.execute("UPDATE issue SET ended_at = coalesce(closed_at, checked_at, resolved_at, reported_at) "
               "WHERE state = 'closed'")
    op.execute(f"UPDATE issue SET ended_at = coalesce({ends}, reported_at) WHERE state IN ('rejected', 'duplicate')")
    op.execute(f"UPDATE issue SET suspended_at = coalesce({hangs}, acknowledged_at, dispatched_at, reported_at) "
               "WHERE state = 'suspended'")
    op.create_index(op.f("ix_issue_ended_at"), "issue", ["ended_at"], unique=False)
    op.create_index(op.f("ix_inspection_point_street"), "inspection_point", ["street"], unique=False)
    op.create_index(op.f("ix_segment_chief_name"), "segment_chief", ["name"], unique=False)
