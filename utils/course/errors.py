"""The error that ends a command with one sentence and an exit status."""


class CourseError(Exception):
    """Something a user can put right; the message is one sentence that says what is wrong and what to do."""
