"""Runs by registry.

Each registry has its own day of data, so a run says which registry it read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sync_run", sa.Column("registry_name", sa.String(), nullable=False, server_default="ctgov"))
