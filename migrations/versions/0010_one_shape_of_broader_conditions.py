"""One shape of the table of broader conditions.

An early form of revision 0002 had one more column, `is_parent`. It prevented every pair of a condition and a broader
condition from being stored, so the derived data of such a database must be rebuilt.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("condition_broader")}
    if "is_parent" in columns:
        op.drop_column("condition_broader", "is_parent")
        op.execute("UPDATE data_version SET derived_by = 0")
