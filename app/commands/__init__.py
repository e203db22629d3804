"""The subcommands of `trialmark`, one module each; `app.cli` gathers them into one program."""
