"""Links all trials again after another MeSH was loaded, beside a running server; resumes where it was interrupted."""

from sqlalchemy import Engine

from app.conditions.stored_vocabulary import load_vocabulary
from app.database.engine import reading, writing
from app.index.revision import mark_relink, move_revision
from app.ingest.derived.names import renew_names
from app.ingest.derived.relink_batches import differing, linked_anew, while_names_rest, write_anew
from app.ingest.derived.settle import settle
from app.ingest.long_work.progress import Progress, forget_progress, vocabulary_stamp
from app.ingest.long_work.reindex import complete_load
from app.ingest.sources.source import Report
from app.ingest.write.due import mark_all_due

RELINK = "mesh"


def relink_everything(engine: Engine, report: Report) -> int:
    """Link all trials by the loaded vocabulary, and return how many there are."""
    complete_load(engine)
    done = while_names_rest(lambda: _relink_all(engine, report))
    settle(engine)
    with writing(engine) as session:
        move_revision(session)
        mark_all_due(session)
        mark_relink(session, is_wanted=False)
        forget_progress(session, RELINK)
    renew_names(engine)
    return done


def _relink_all(engine: Engine, report: Report) -> int:
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
        stamp = vocabulary_stamp(session)
    progress = Progress(engine, RELINK, stamp)
    done = progress.done
    for batch in linked_anew(engine, progress.remaining(), vocabulary):
        last = batch.trials[-1].trial_id if batch.trials else 0
        with reading(engine) as session:
            is_needed = bool(batch.new_concepts or differing(session, batch))
        if is_needed:
            with writing(engine) as session:
                write_anew(session, batch, vocabulary)
                progress.keep(session, last)
        else:
            progress.keep_now_and_then(last)
        done += len(batch.trials)
        report(done, done)
    return done
