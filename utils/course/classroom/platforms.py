"""The names that learning platforms give to what they hand out for grading, read as who handed in what.

Each platform writes a learner's name, without the characters that it uses itself, and a number:

- Canvas, *Download Submissions*: `lovelaceada_LATE_4711_99_FILE`, 4711 being the learner's ID and 99 the file's. A
  group is named by its name; where the platform hides names, `anon_x9Y2q_99_FILE` has letters
  and digits for the learner.
- Moodle, *Download all submissions*: the folder `Ada Lovelace_12_assignsubmission_file`, or without folders the files
  `Ada Lovelace_12_assignsubmission_file_FILE`. 12 is a number of this assignment, not of the learner: only the grading
  worksheet says whose it is.

Sources: Canvas's lib/content_zipper.rb, Moodle's mod/assign/locallib.php (download_submissions).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CANVAS = re.compile(r"^(?P<name>.+?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<file_number>\d+)_(?P<file>.+)$")
_CANVAS_ANONYMOUS = re.compile(
    r"^(?P<name>anon)_(?P<late>LATE_)?(?P<number>[A-Za-z0-9]+)_(?P<file_number>\d+)_(?P<file>.+)$"
)
_CANVAS_ATTEMPT = re.compile(r"^(?P<stem>.*)-(?P<attempt>\d+)(?P<ending>\.[^.]+)$")
_MOODLE = re.compile(r"^(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.+)?)?$")


@dataclass(frozen=True)
class PlatformName:
    """What a platform's name says.

    Attributes:
        platform: "canvas" or "moodle".
        name: the learner's, or the group's, as the platform writes it.
        number: the platform's number of the learner (Canvas) or of the learner in this assignment (Moodle).
        file: the submitted file's name; empty for a folder.
        late: whether the platform marks it as late.
        attempt: of the same file's several versions (Canvas), 0 for the first.
        is_text: whether it is text that was typed into the platform, no file.
    """

    platform: str
    name: str
    number: str
    file: str = ""
    late: bool = False
    attempt: int = 0
    is_text: bool = False


def canvas_file(name: str) -> PlatformName | None:
    """Read a file's name in Canvas's way; None where it is none."""
    found = _CANVAS_ANONYMOUS.match(name) or _CANVAS.match(name)
    if found is None:
        return None
    file, attempt = found["file"], 0
    if again := _CANVAS_ATTEMPT.match(file):
        file, attempt = again["stem"] + again["ending"], int(again["attempt"])
    return PlatformName("canvas", found["name"], found["number"], file, bool(found["late"]), attempt)


def moodle_place(name: str) -> PlatformName | None:
    """Read a folder's or a file's name in Moodle's way; None where it is none."""
    found = _MOODLE.match(name)
    if found is None:
        return None
    kind = found["kind"] == "onlinetext"
    return PlatformName("moodle", found["name"], found["number"], found["file"] or "", is_text=kind)
