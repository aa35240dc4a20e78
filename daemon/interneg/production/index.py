"""A production's index: what is known of its takes and models, in SQLite; the only importer of sqlite3 in this floor.

Every change is one transaction: a daemon that is killed leaves the index as it was before or after, never between.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from interneg.production.slate import Slate, Take

FILE_NAME = "index.sqlite"
SCHEMA_VERSION = 1

# A learn job and an ingest may meet at the index; none of them writes for longer than a moment.
_BUSY_SECONDS = 30.0

_TAKE_COLUMNS = (
    "id, path, setup, take, slate_camera, codec, first_frame, last_frame, frames, fps, width, height, colourspace, "
    "timecode, reel, camera, lens"
)

_SCHEMA = f"""
CREATE TABLE production (created_unix_seconds REAL NOT NULL, circled TEXT);
CREATE TABLE takes (
    id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE,
    setup TEXT NOT NULL, take TEXT NOT NULL, slate_camera TEXT NOT NULL, codec TEXT NOT NULL,
    first_frame INTEGER NOT NULL, last_frame INTEGER NOT NULL, frames INTEGER NOT NULL, fps REAL NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, colourspace TEXT NOT NULL,
    timecode TEXT NOT NULL, reel TEXT NOT NULL, camera TEXT NOT NULL, lens TEXT NOT NULL
);
CREATE TABLE versions (number INTEGER PRIMARY KEY AUTOINCREMENT, reserved_unix_seconds REAL NOT NULL);
CREATE TABLE reviews (
    number INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT NOT NULL, circled INTEGER NOT NULL,
    figures TEXT NOT NULL, reviewed_unix_seconds REAL NOT NULL
);
PRAGMA user_version = {SCHEMA_VERSION};
"""

# Made when it is first written: productions of before it was thought of have none, and need none.
_CLEANED = """
CREATE TABLE IF NOT EXISTS cleaned_runs (
    plate TEXT NOT NULL, colourspace TEXT NOT NULL, matte TEXT NOT NULL, matte_channel TEXT NOT NULL,
    first_frame INTEGER NOT NULL, last_frame INTEGER NOT NULL, PRIMARY KEY (plate, matte, matte_channel, first_frame)
)
"""


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict on one model version: circled or NG, and the figures it was given for."""

    version: str
    circled: bool
    figures: Mapping[str, float]
    reviewed_unix_seconds: float


@dataclass(frozen=True, slots=True)
class CleanedShot:
    """A run of a plate's frames that an artist has cleaned, and the matte that says where its wires hang."""

    plate: str
    colourspace: str
    matte: str
    matte_channel: str
    first_frame: int
    last_frame: int


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """The index as it stands at one moment."""
    with _opened(folder, "rw") as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def writing(folder: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """The index, open for one change that happens as a whole or not at all.

    Convention: `mode` is SQLite's: `rw` never makes a file, `rwc` does.
    """
    with _opened(folder, mode) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")


@contextmanager
def _opened(folder: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """A connection of its own; closing it takes back what was not committed."""
    address = f"{(folder / FILE_NAME).absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        yield connection


def create(folder: Path, created_unix_seconds: float) -> bool:
    """Whether an index was made in the folder; one that is there is left as it is."""
    with writing(folder, "rwc") as connection:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return False
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute("INSERT INTO production VALUES (?, NULL)", (created_unix_seconds,))
    _write_ahead(folder)
    return True


def _write_ahead(folder: Path) -> None:
    """Lets reading never wait for an ingest (write-ahead logging); SQLite turns it on outside a transaction only.

    It wants the file to itself for that moment, and does not wait for it as other statements do.
    """
    ends = time.monotonic() + _BUSY_SECONDS
    with closing(sqlite3.connect(folder / FILE_NAME, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                    raise
                time.sleep(0.01)


def schema_version(folder: Path) -> int:
    """The version of the folder's layout."""
    with reading(folder) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def created_unix_seconds(folder: Path) -> float:
    """When the production was created."""
    with reading(folder) as connection:
        return float(connection.execute("SELECT created_unix_seconds FROM production").fetchone()[0])


def takes(connection: sqlite3.Connection) -> tuple[Take, ...]:
    """Every take, by slate and path."""
    rows = connection.execute(f"SELECT {_TAKE_COLUMNS} FROM takes ORDER BY setup, take, path")  # noqa: S608 our own columns
    return tuple(_take_from_row(row) for row in rows)


def take(connection: sqlite3.Connection, take_id: str) -> Take | None:
    """The take of that id, or nothing."""
    row = connection.execute(f"SELECT {_TAKE_COLUMNS} FROM takes WHERE id = ?", (take_id,)).fetchone()  # noqa: S608
    return _take_from_row(row) if row else None


def put_take(connection: sqlite3.Connection, take: Take, instead_of: Iterable[str]) -> None:
    """Adds the take; what stood under its id, its path or the paths it stands instead of goes."""
    connection.execute("DELETE FROM takes WHERE id = ?", (take.id,))
    connection.executemany("DELETE FROM takes WHERE path = ?", [(path,) for path in (take.path, *instead_of)])
    row = _row_from_take(take)
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO takes ({_TAKE_COLUMNS}) VALUES ({places})", row)  # noqa: S608


def _row_from_take(take: Take) -> tuple[str | int | float, ...]:
    slate = take.slate
    named = (take.id, take.path, slate.setup, slate.take, slate.camera, take.codec)
    counted = (take.first_frame, take.last_frame, take.frames, take.fps, take.width, take.height)
    return (*named, *counted, take.colourspace, take.timecode, take.reel, take.camera, take.lens)


def _take_from_row(row: tuple[str | int | float, ...]) -> Take:
    take_id, path, setup, take_name, slate_camera, *rest = row
    return Take(str(take_id), str(path), Slate(str(setup), str(take_name), str(slate_camera)), *rest)  # type: ignore[arg-type]  # SQLite keeps the schema's types


def reserve_version(connection: sqlite3.Connection) -> str:
    """A model version that was never given before."""
    row = connection.execute("INSERT INTO versions (reserved_unix_seconds) VALUES (?)", (time.time(),))
    return f"v{row.lastrowid:03d}"


def circled(connection: sqlite3.Connection) -> str | None:
    """The circled version, or nothing."""
    version = connection.execute("SELECT circled FROM production").fetchone()[0]
    return None if version is None else str(version)


def circle(connection: sqlite3.Connection, version: str | None) -> None:
    """Makes that version the circled one, or none."""
    connection.execute("UPDATE production SET circled = ?", (version,))


def add_review(connection: sqlite3.Connection, review: Review) -> None:
    """Adds a verdict to the history."""
    connection.execute(
        "INSERT INTO reviews (version, circled, figures, reviewed_unix_seconds) VALUES (?, ?, ?, ?)",
        (
            review.version,
            review.circled,
            json.dumps(dict(review.figures), sort_keys=True),
            review.reviewed_unix_seconds,
        ),
    )


def reviews(connection: sqlite3.Connection) -> tuple[Review, ...]:
    """Every verdict, oldest first."""
    rows = connection.execute("SELECT version, circled, figures, reviewed_unix_seconds FROM reviews ORDER BY number")
    return tuple(Review(version, bool(circled), json.loads(figures), when) for version, circled, figures, when in rows)


def add_cleaned(connection: sqlite3.Connection, shot: CleanedShot) -> None:
    """Adds frames that were cleaned; they join the runs that they touch, and nothing that lies between two runs."""
    connection.execute(_CLEANED)
    same = "plate = ? AND matte = ? AND matte_channel = ? AND first_frame <= ? AND last_frame >= ?"
    place = (shot.plate, shot.matte, shot.matte_channel, shot.last_frame + 1, shot.first_frame - 1)
    touched = connection.execute(f"SELECT first_frame, last_frame FROM cleaned_runs WHERE {same}", place)  # noqa: S608
    spans = [(shot.first_frame, shot.last_frame), *touched.fetchall()]
    connection.execute(f"DELETE FROM cleaned_runs WHERE {same}", place)  # noqa: S608 our own words
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    row = (shot.plate, shot.colourspace, shot.matte, shot.matte_channel, first, last)
    connection.execute("INSERT INTO cleaned_runs VALUES (?, ?, ?, ?, ?, ?)", row)


def cleaned(connection: sqlite3.Connection) -> tuple[CleanedShot, ...]:
    """Every run of frames that was cleaned, by plate."""
    if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'cleaned_runs'").fetchone()[0]:
        return ()
    rows = connection.execute(
        "SELECT plate, colourspace, matte, matte_channel, first_frame, last_frame FROM cleaned_runs "
        "ORDER BY plate, matte, first_frame"
    )
    return tuple(CleanedShot(*row) for row in rows)
