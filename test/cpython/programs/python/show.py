# Values and errors as text. The twin of show.ts.

import asyncio

from loop import OrderedSet


class AppError(Exception):
    pass


ERRORS = {
    "ValueError": ValueError,
    "RuntimeError": RuntimeError,
    "TypeError": TypeError,
    "AppError": AppError,
    "CancelledError": asyncio.CancelledError,
    "TimeoutError": TimeoutError,
}
CATCHES = {
    "Exception": Exception,
    "CancelledError": asyncio.CancelledError,
    "TimeoutError": TimeoutError,
    "ValueError": ValueError,
    "RuntimeError": RuntimeError,
    "ExceptionGroup": BaseExceptionGroup,
    "Any": (Exception, asyncio.CancelledError),
}


def make_error(name, message):
    return ERRORS[name](message) if message else ERRORS[name]()


def show(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, OrderedSet):
        return "{" + ", ".join(map(show, value)) + "}"
    if isinstance(value, BaseException):
        return show_error(value)
    if isinstance(value, asyncio.Task):
        return f"<task {value.get_name()}>"
    if isinstance(value, asyncio.Future):
        return "<future>"
    return type(value).__name__


def show_error(error):
    if isinstance(error, BaseExceptionGroup):
        return f"ExceptionGroup({error.message}: " + ", ".join(map(show_error, error.exceptions)) + ")"
    name = type(error).__name__
    cause = ""
    if isinstance(error, TimeoutError) and error.__cause__ is not None:
        cause = f" from {show_error(error.__cause__)}"
    if isinstance(error, LookupError):
        name = "ValueError"
    return f"{name}({error}){cause}"


def show_message(message):
    """What an exception handler is told, without the texts of callbacks and tasks."""
    if message.startswith("Exception in callback"):
        return "Exception in callback"
    return "errored out" if "has errored out but its parent task" in message else message
