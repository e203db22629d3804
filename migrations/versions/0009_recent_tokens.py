"""The tokens of recent changes.

With them a running server can tell a later state of its own database from another database that was put in its place. A
database with data gets its first token here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_version", sa.Column("recent_tokens", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE data_version SET token = lower(hex(randomblob(8))) WHERE token = ''")
    op.execute("UPDATE data_version SET recent_tokens = token")
