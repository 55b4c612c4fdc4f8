"""What ends a command with a message and no traceback."""


class CommandError(Exception):
    """The command cannot be done; the message says why and what to do."""
