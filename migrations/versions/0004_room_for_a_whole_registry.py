"""Room for a whole registry.

Links are stored in the order of their trials, without a second copy. The table of sites is dropped: only a trial's own
page shows them, and it reads them from the document. Trials and postings store the revision that last changed them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SPACE_BY_FILE_SIZE = 0.5
"""Free disk space needed, by file size. With real records, which have few links, the log grew by 0.2 of the file."""

_LINKS = {
    "condition_broader": (("condition_id", "broader_id"), ("broader_id",)),
    "stated_condition": (("trial_id", "position"), ()),
    "trial_abbreviation": (("trial_id", "abbreviation", "mesh_id"), ("abbreviation",)),
    "trial_age_group": (("trial_id", "age_group"), ()),
    "trial_condition": (("trial_id", "condition_id"), ("condition_id",)),
    "trial_country": (("trial_id", "slug"), ()),
    "trial_intervention": (("trial_id", "position"), ("intervention_id",)),
    "trial_phase": (("trial_id", "phase"), ()),
    "trial_sponsor": (("trial_id", "sponsor_id", "role"), ("sponsor_id",)),
}
"""The columns of each table's primary key, and the columns with an index of their own."""


def upgrade() -> None:
    op.drop_table("location")
    for name, (_, indexed) in _LINKS.items():
        _rebuild_without_rowid(name, indexed)
    for column in (
        "enrollment",
        "first_posted",
        "last_update_posted",
        "primary_completion_date",
        "start_date",
    ):
        op.drop_index(f"ix_trial_{column}", "trial")
    op.add_column("trial", sa.Column("registry_number", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE trial SET registry_number = CAST(substr(registry_id, 4) AS INTEGER)")
    op.add_column("trial", sa.Column("changed_in", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_trial_changed_in", "trial", ["changed_in"])
    op.add_column("facet_posting", sa.Column("changed_in", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_facet_posting_changed_in", "facet_posting", ["changed_in"])
    op.add_column("data_version", sa.Column("rebuilt_in", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "data_version", sa.Column("is_loading", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("ALTER TABLE suggestion_text_version ADD COLUMN made_in INTEGER NOT NULL DEFAULT 0")


def _rebuild_without_rowid(name: str, indexed: tuple[str, ...]) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    columns = [
        sa.Column(column.name, column.type, nullable=column.nullable, server_default=column.server_default)
        for column in table.columns
    ]
    foreign = [
        sa.ForeignKeyConstraint(
            [element.parent.name for element in constraint.elements],
            [element.target_fullname for element in constraint.elements],
            ondelete=constraint.ondelete,
        )
        for constraint in table.foreign_key_constraints
    ]
    for column in indexed:
        op.drop_index(f"ix_{name}_{column}", name)
    op.rename_table(name, f"{name}_before")
    key = sa.PrimaryKeyConstraint(*_LINKS[name][0])
    op.create_table(name, *columns, *foreign, key, sqlite_with_rowid=False)
    op.execute(f'INSERT INTO "{name}" SELECT * FROM "{name}_before"')  # noqa: S608  our own table names
    op.drop_table(f"{name}_before")
    for column in indexed:
        op.create_index(f"ix_{name}_{column}", name, [column])
