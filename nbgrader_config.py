"""nbgrader's settings: its commands and the formgrader work in this folder as they are."""

from utils.course.nbgrader_settings import configure

configure(get_config())  # noqa: F821  (traitlets puts get_config there)
