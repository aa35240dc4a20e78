"""The report as one HTML page that needs nothing beside it."""

from __future__ import annotations

import math
import secrets
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from interneg.errors import NotFoundError, ProductionError, RequestError
from interneg.profile.rates import MOVE_UNITS
from interneg.profile.show import Figure
from interneg.report.facts import ReportFacts

SUFFIX = ".html"


def page_of(facts: ReportFacts) -> str:
    """The page; whatever stands in names and paths is text in it and nothing else."""
    environment = Environment(
        loader=PackageLoader("interneg.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "figure": _figure, "drawn": Markup}
    return environment.get_template("page.html").render(facts=facts, units=MOVE_UNITS)


def write_report(facts: ReportFacts, path: Path) -> int:
    """Writes the page whole or not at all, over one that is there; its bytes.

    Raises:
        RequestError: the file is not named .html.
        NotFoundError: there is no folder to write into.
        ProductionError: it cannot be written.
    """
    if path.suffix != SUFFIX:
        raise RequestError(f"file '{path}': a report is written as NAME{SUFFIX}; name it so.")
    if not path.parent.is_dir():
        raise NotFoundError(f"folder '{path.parent}': there is no such folder to write the report into; make it first.")
    content = page_of(facts).encode()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise ProductionError(f"file '{path}' cannot be written ({error.strerror}): name another folder.") from error
    finally:
        draft.unlink(missing_ok=True)
    return len(content)


def _number(value: float, digits: int = 2) -> str:
    """A number, or a dash where nothing tells."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def _figure(figure: Figure, digits: int = 2) -> str:
    """A figure with its standard error, where there is one."""
    error = f" ± {figure.error:.{digits}f}" if math.isfinite(figure.error) else ""
    return f"{_number(figure.value, digits)}{error}"
