"""An index for the sort orders of lists.

The index is a tenth of the size of the table's rows, which were read before.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_trial_orders",
        "trial",
        [
            "last_update_posted",
            "first_posted",
            "start_date",
            "primary_completion_date",
            "enrollment",
            "registry_number",
        ],
    )
