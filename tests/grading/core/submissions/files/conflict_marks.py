"""Merge conflict marks left by a version control system."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    text = as_bytes(submitted()).decode()
    line = next(line for line in text.splitlines(keepends=True) if '"merged, at = [], 0' in line.replace("    ", ""))
    conflict = f"<<<<<<< HEAD\n{line}=======\n{line.replace('0', '1')}>>>>>>> theirs\n"
    return text.replace(line, conflict).encode()
