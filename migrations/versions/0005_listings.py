"""One row per trial with everything that a list shows of it.

The table of stated conditions is dropped. Names of sponsors and interventions are taken from the first record that
named them, until the trial is written again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SPACE_BY_FILE_SIZE = 0.25
"""Free disk space needed, by file size. With real records, the log grew by 0.03 of the file."""

_FILL = """
INSERT INTO trial_listing
SELECT id, json_array(
    registry_id,
    json(iif(is_synthetic, 'true', 'false')),
    title,
    status,
    study_type,
    json((SELECT json_group_array(phase) FROM trial_phase WHERE trial_id = trial.id)),
    sex,
    minimum_age,
    maximum_age,
    enrollment,
    enrollment_kind,
    last_update_posted,
    json(iif(has_results, 'true', 'false')),
    location_count,
    json((
        SELECT json_group_array(json_array(country, sites)) FROM (
            SELECT country, location_count AS sites FROM trial_country
            WHERE trial_id = trial.id ORDER BY location_count DESC, country
        )
    )),
    json((
        SELECT json_group_array(name) FROM (
            SELECT name FROM stated_condition WHERE trial_id = trial.id ORDER BY position
        )
    )),
    json((
        SELECT json_group_array(json_array(type, name)) FROM (
            SELECT type, name FROM trial_intervention
            LEFT JOIN intervention ON intervention.id = intervention_id
            WHERE trial_id = trial.id ORDER BY position
        )
    )),
    (
        SELECT name FROM trial_sponsor JOIN sponsor ON sponsor.id = sponsor_id
        WHERE trial_id = trial.id AND role = 'lead'
    )
) FROM trial
"""


def upgrade() -> None:
    op.create_table(
        "trial_listing",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id"),
    )
    op.execute(_FILL)
    op.drop_table("stated_condition")
