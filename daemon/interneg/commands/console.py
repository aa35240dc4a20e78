"""What the command line says: results on standard output, all else on standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from interneg.errors import AlreadyExistsError, RequestError
from interneg_bridge import errors as client_errors

WRONG_USE = 2

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

_NO_WRAP_COLUMNS = 10_000  # into a file or a pipe, a row stays one line


def say(line: str) -> None:
    """A line on standard error."""
    print(line, file=sys.stderr, flush=True)


def say_error(message: str) -> None:
    """What was wrong, the value, and what to do, on standard error."""
    say(f"interneg: {message}")


def exit_code_of(error: Exception) -> int:
    """2 where the wish itself was wrong, else 1."""
    if isinstance(error, AlreadyExistsError | client_errors.AlreadyExistsError):
        return 1
    return WRONG_USE if isinstance(error, RequestError | client_errors.RequestError) else 1


def result(line: str) -> None:
    """A line of the result, on standard output."""
    print(line, flush=True)


def result_object(values: Mapping[str, Value]) -> None:
    """The one object that `--json` puts on standard output."""
    print(json.dumps(_finite(values), allow_nan=False), flush=True)


def result_table(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    """A table of the result, on standard output."""
    console = console_on(sys.stdout)
    table = Table(box=None, pad_edge=False, header_style="bold" if console.is_terminal else "")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    console.print(table)


def console_on(stream: TextIO) -> Console:
    """A console that writes there, as wide as the terminal, or endlessly wide where there is none."""
    return Console(file=stream, width=None if stream.isatty() else _NO_WRAP_COLUMNS, highlight=False)


def _finite(value: Value) -> Value:
    """The value as JSON can say it: what is no finite number is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _shown(value: Value) -> str:
    """A cell as it is read."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
