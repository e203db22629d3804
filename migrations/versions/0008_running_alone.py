"""Watermarks, change tokens, and trials that the registry no longer lists.

The database stores the version of the code that made its derived data, a new token after every change, the release up
to which each live source is complete, and the trials that the registry no longer lists. Earlier runs get no watermark,
because nothing had verified the versions that they stored. The next live run therefore compares everything once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_version", sa.Column("token", sa.String(), nullable=False, server_default=""))
    op.add_column("data_version", sa.Column("derived_by", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "data_version", sa.Column("wants_relink", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "unlisted_trial",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("found_on", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id"),
    )
    op.create_table(
        "watermark",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
