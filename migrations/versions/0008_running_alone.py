"""running alone

The database says which derivation made what is derived from its documents, has a new token after every change, and
knows from when each live source is complete and which trials the registry no longer lists. No watermark is taken over
from earlier runs: they stored versions that nothing had checked, so the next live run compares everything once.
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
