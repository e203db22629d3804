"""Starts parts of this program in processes of their own."""

import sys


def command_of(module: str, *arguments: str) -> list[str]:
    """Build the command that runs `main()` of a module.

    The new process looks for modules exactly where this one does, so that a checkout runs the checkout, an installed
    program the installed one, and a folder `app` in the working directory nothing.
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"
    return [sys.executable, "-P", "-c", code, *arguments]
