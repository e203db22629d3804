"""The database that pages are served from now: opened, watched for another file in its place, judged fit or not."""
