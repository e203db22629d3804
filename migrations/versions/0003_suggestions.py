"""Suggestions for the search box.

The tables are empty until the next `trialmark ingest` or `trialmark reindex`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "suggestion_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word"),
        sqlite_with_rowid=False,
    )
    op.execute(
        """
        CREATE VIRTUAL TABLE suggestion_text USING fts5(
            names, content = 'suggestion', content_rowid = 'id', detail = 'none', prefix = '1 2 3 4',
            tokenize = "unicode61 remove_diacritics 2"
        )
        """
    )
    op.execute("CREATE VIRTUAL TABLE suggestion_text_words USING fts5vocab(suggestion_text, row)")
    op.execute("CREATE TABLE suggestion_text_version (data_version INTEGER NOT NULL)")
