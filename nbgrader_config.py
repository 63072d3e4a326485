"""nbgrader's settings: its commands and the formgrader work in this folder as they are."""

from traitlets.config import get_config

from utils.course.nbgrader_settings import configure

configure(get_config())
