"""Rejected records by source key.

The key distinguishes a live registry from any file, and files of the same name from each other. Runs store the revision
at which they ended, so that the next run knows what an interrupted one left undone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rejected_record", sa.Column("source_key", sa.String(), nullable=True))
    op.create_index("ix_rejected_record_source_key", "rejected_record", ["source_key"])
    op.add_column("sync_run", sa.Column("ended_at_version", sa.Integer(), nullable=True))
