"""one shape of broader conditions

Revision 0002 was once written with a column more, `is_parent`. In a database of then it kept every pair of a condition
and a broader one from being stored, so what such a database derived has to be derived anew.
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
