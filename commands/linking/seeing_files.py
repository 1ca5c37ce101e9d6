"""A delivered file looked at: CSV with a header, JSON lines, or one JSON list."""

from __future__ import annotations

import csv
import json
from itertools import islice
from pathlib import Path

from commands.linking.seen import SAMPLE, NotSeen, Place, Seen, columns_of

_ENCODINGS = ("utf-8-sig", "gb18030")
"""What CSV files are written in: a spreadsheet in China mostly saves them in the second."""


def see(path: Path, home: Path) -> Seen:
    """Return what a file holds; the source is its folder, written as it is found from the folder of sources.toml."""
    options = {"file": path.name}
    try:
        if path.suffix == ".csv" and (encoding := _encoding(path)) != _ENCODINGS[0]:
            options["encoding"] = encoding
        with path.open(encoding=options.get("encoding", _ENCODINGS[0]), newline="") as file:
            if path.suffix == ".csv":
                records = list(islice(csv.DictReader(file), SAMPLE))
            elif path.suffix == ".jsonl":
                records = [json.loads(line) for line in islice(file, SAMPLE) if line.strip()]
            elif path.suffix == ".json":
                records = json.load(file)[:SAMPLE]
            else:
                raise NotSeen(f"{path}: is neither .csv nor .jsonl nor .json. Have it delivered as one of these.")
    except OSError as error:
        raise NotSeen(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except (UnicodeDecodeError, ValueError, csv.Error, TypeError) as error:
        told = f"It has to be UTF-8{', or GB 18030' if path.suffix == '.csv' else ''}"
        raise NotSeen(f"{path}: is no such file inside ({type(error).__name__}). {told}.") from error
    if not records or not all(isinstance(record, dict) for record in records):
        raise NotSeen(f"{path}: holds no records. A CSV file needs a header; a JSON file is a list of objects.")
    folder, home = path.parent.resolve(), home.resolve()
    written = folder.relative_to(home) if folder.is_relative_to(home) else folder
    return Seen("files", {"folder": str(written)}, (Place(path.stem, options, columns_of(records)),))


def _encoding(path: Path) -> str:
    """Return the first encoding that the whole of a file is written in; raise UnicodeDecodeError if it is in none."""
    content = path.read_bytes()
    for encoding in _ENCODINGS[:-1]:
        try:
            content.decode(encoding)
            return encoding
        except UnicodeDecodeError:
            continue
    content.decode(_ENCODINGS[-1])
    return _ENCODINGS[-1]
