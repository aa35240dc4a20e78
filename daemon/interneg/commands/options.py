"""A verb's options as one frozen dataclass instead of a row of arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

_Options = TypeVar("_Options")


def verb(options: Callable[..., _Options], run: Callable[[_Options], None]) -> Callable[..., None]:
    """The verb that reads those options from the command line, and runs with them.

    Convention: the fields are annotated with `typer.Option` or `typer.Argument`; the help is the docstring of `run`.
    """

    def call(**values: Any) -> None:
        run(options(**values))

    signature = inspect.signature(options)
    hints = get_type_hints(options, include_extras=True)
    parameters = [each.replace(annotation=hints[each.name]) for each in signature.parameters.values()]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    call.__annotations__ = hints
    call.__name__, call.__doc__ = run.__name__, run.__doc__
    return call
