"""Builds the commands that run parts of this program in separate processes."""

import sys


def command_of(module: str, *arguments: str) -> list[str]:
    """Build the command that runs `main()` of a module.

    The new process gets the module search path of this one. So a checkout runs the checkout, an installed program runs
    the installed one, and a folder `app` in the working directory is ignored.
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"
    return [sys.executable, "-P", "-c", code, *arguments]
