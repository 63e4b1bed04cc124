"""Keep imports, what they made, how tables were read, and what came by Open311."""

import sqlalchemy as sa
from alembic import op

from civmap.store.base import UtcDateTime

revision = "0008"
down_revision = "0007"

MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    """Add what this step keeps."""
    _build_imports()
    _build_imported()
    _build_layouts()
    _build_service_requests()
    _build_ranges()


def _build_ranges() -> None:
    op.create_table(
        "ledger_range",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("first_key", sa.String(length=64), nullable=False),
        sa.Column("last_key", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_range_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_range")),
    )
    op.create_index(op.f("ix_ledger_range_kind"), "ledger_range", ["kind"], unique=False)


def _build_imports() -> None:
    op.create_table(
        "import_run",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("layout_hash", sa.String(length=64), nullable=True),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("beat_at", MOMENT, nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("code", name=op.f("uq_import_run_code")),
    )
    for name in ("file_hash", "state", "made_by"):
        op.create_index(op.f(f"ix_import_run_{name}"), "import_run", [name], unique=False)


def _build_imported() -> None:
    op.create_table(
        "imported_thing",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("last_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_imported_thing_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_thing")),
        sa.UniqueConstraint("import_id", "kind", "thing_id", name=op.f("uq_imported_thing_import_id_kind_thing_id")),
    )


def _build_layouts() -> None:
    op.create_table(
        "import_layout",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("layout_hash", sa.String(length=64), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("used_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_layout")),
        sa.UniqueConstraint("kind", "layout_hash", name=op.f("uq_import_layout_kind_layout_hash")),
    )


def _build_service_requests() -> None:
    op.create_table(
        "service_request",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("service_code", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("address_id", sa.String(length=64), nullable=True),
        sa.Column("requester", sa.JSON(), nullable=False),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_service_request_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_request")),
        sa.UniqueConstraint("issue_id", name=op.f("uq_service_request_issue_id")),
        sa.UniqueConstraint("token", name=op.f("uq_service_request_token")),
    )
