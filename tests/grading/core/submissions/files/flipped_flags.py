"""Flags flipped: tests as solutions worth a thousand points, answers locked."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted({"merge_pair": "def merge_pair(ids, pair, new_id):\n    return []"})
    for cell in notebook.cells:
        flags = cell.metadata.get("nbgrader")
        if flags and flags.get("grade_id") == "merge_pair-1":
            flags.update(grade=False, solution=True, locked=False, points=1000)
            cell.source = "pass"
        elif flags and flags.get("solution"):
            flags.update(locked=True, grade=True, points=50)
    return as_bytes(notebook)
