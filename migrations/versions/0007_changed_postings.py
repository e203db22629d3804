"""An index of changed postings by facet.

Changed postings of a facet are found directly, without reading all of its postings.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_facet_posting_changed_in", "facet_posting")
    op.create_index("ix_facet_posting_changed", "facet_posting", ["facet", "changed_in"])
