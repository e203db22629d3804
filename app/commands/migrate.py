"""`trialmark migrate`."""

from app import database
from app.commands.terminal import out
from app.settings import read_settings


def migrate() -> None:
    """Bring the database's schema up to date; 'demo' and 'ingest' do so by themselves.

    Example: trialmark migrate
    """
    database.migrate(read_settings())
    out.print("The schema is up to date.")
