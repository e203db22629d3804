"""changed postings

Of one facet those that have changed are found by themselves, instead of among all of that facet's.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_facet_posting_changed_in", "facet_posting")
    op.create_index("ix_facet_posting_changed", "facet_posting", ["facet", "changed_in"])
