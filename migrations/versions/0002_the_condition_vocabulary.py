"""The condition vocabulary.

Existing links keep their source. Their new columns stay empty until `trialmark reindex` fills them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _vocabulary()
    _links()


def _vocabulary() -> None:
    op.create_table(
        "concept",
        sa.Column("mesh_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mesh_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "concept_tree",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("mesh_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_concept_tree_mesh_id", "concept_tree", ["mesh_id"])
    op.create_table(
        "concept_name",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("mesh_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", "mesh_id"),
    )
    op.create_index("ix_concept_name_mesh_id", "concept_name", ["mesh_id"])
    op.create_index("ix_concept_name_key", "concept_name", ["key"])
    op.create_table(
        "vocabulary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("concepts", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _links() -> None:
    op.create_table(
        "condition_broader",
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column("broader_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["condition_id"], ["condition.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["broader_id"], ["condition.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("condition_id", "broader_id"),
    )
    op.create_index("ix_condition_broader_broader_id", "condition_broader", ["broader_id"])
    op.add_column("trial_condition", sa.Column("manner", sa.String(), nullable=False, server_default=""))
    op.add_column("trial_condition", sa.Column("words", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "stated_condition",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id", "position"),
    )
    op.execute(
        "INSERT INTO stated_condition (trial_id, position, name) "
        "SELECT trial_id, trial_condition.position, condition.name FROM trial_condition "
        "JOIN condition ON condition.id = trial_condition.condition_id WHERE source = 'stated'"
    )
    op.create_table(
        "trial_abbreviation",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("abbreviation", sa.String(), nullable=False),
        sa.Column("mesh_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id", "abbreviation", "mesh_id"),
    )
    op.create_index("ix_trial_abbreviation_abbreviation", "trial_abbreviation", ["abbreviation"])
