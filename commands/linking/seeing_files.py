"""A delivered file looked at: CSV with a header, JSON lines, or one JSON list."""

from __future__ import annotations

import csv
import json
from itertools import islice
from pathlib import Path

from commands.linking.seen import SAMPLE, NotSeen, Place, Seen, columns_of


def see(path: Path) -> Seen:
    """Return what a file holds; the source is its folder."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
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
        raise NotSeen(f"{path}: is no such file inside ({type(error).__name__}). It has to be UTF-8.") from error
    if not records or not all(isinstance(record, dict) for record in records):
        raise NotSeen(f"{path}: holds no records. A CSV file needs a header; a JSON file is a list of objects.")
    place = Place(path.stem, {"file": path.name}, columns_of(records))
    return Seen("files", {"folder": str(path.parent)}, (place,))
