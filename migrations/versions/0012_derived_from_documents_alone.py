"""Derived data that do not depend on the order in which records came.

New tables and columns hold: how the stored documents index conditions and write names, so that concepts and labels
follow from the current documents; the words of records that may name a condition, to find the trials that a new name or
abbreviation affects; the names that wait to be examined again; the progress of long work; and the revision that last
changed the hierarchy. All of them are empty or provisional until 'trialmark reindex'. Several trials may claim the same
alias.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_version", sa.Column("broader_in", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("data_version", sa.Column("names_in", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("concept", sa.Column("own_label", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE concept SET own_label = label")
    op.add_column("trial_sponsor", sa.Column("words", sa.String(), nullable=False, server_default=""))
    op.add_column("trial_intervention", sa.Column("words", sa.String(), nullable=True))
    op.add_column("intervention", sa.Column("search_words", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_intervention_search_words", "intervention", ["search_words"])
    op.drop_column("sponsor", "sponsor_class")
    op.create_index(
        "ix_trial_condition_stated",
        "trial_condition",
        ["condition_id", "words"],
        sqlite_where=sa.text("source = 'stated' AND manner IN ('name', 'synonym')"),
    )
    op.create_table(
        "registry_term",
        sa.Column("mesh_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mesh_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_term_above",
        sa.Column("mesh_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("broader_id", sa.String(), nullable=False),
        sa.Column("broader_name", sa.String(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mesh_id", "name", "broader_id", "broader_name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due_name",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "long_work",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("last_trial_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    _let_trials_share_an_alias()
    op.execute("UPDATE data_version SET derived_by = 0")
    op.execute(
        "CREATE VIRTUAL TABLE trial_trace USING fts5(traces, detail = 'none', columnsize = 0, tokenize = 'ascii')"
    )


def _let_trials_share_an_alias() -> None:
    op.drop_index("ix_trial_alias_trial_id", "trial_alias")
    op.rename_table("trial_alias", "trial_alias_before")
    op.create_table(
        "trial_alias",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alias", "trial_id"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO trial_alias SELECT alias, trial_id FROM trial_alias_before")
    op.drop_table("trial_alias_before")
    op.create_index("ix_trial_alias_trial_id", "trial_alias", ["trial_id"])
