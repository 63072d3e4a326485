"""Sphinx's settings for the site. `course site` puts this file among the pages that it makes, and runs Sphinx there."""

import tomllib
from typing import Any

from utils.course.website.reference import escaped, laid_out
from utils.paths import settings_file

_settings = tomllib.loads(settings_file().read_text(encoding="utf-8"))

project = "Foundation models, hands on"
release = version = _settings["project"]["version"]
author = "the authors of the course"
copyright = "text CC BY 4.0, code BSD-3-Clause"
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.linkcode"]
# The list of notebooks is a part of the first page.
exclude_patterns = ["downloads", "notebook_list.md"]

# Pages show the outputs that `course build --execute` kept. Nothing runs here.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_text_lexer = "none"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
highlight_language = "none"

# Docstrings mark code by single backticks, as the notebooks do.
default_role = "code"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"undoc-members": False}
toc_object_entries = False
# Fields of dataclasses share names; a signature that mentions one need not lead to it.
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = "Foundation models, hands on"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = ["course.js"]
html_copy_source = False
# The search finds names sooner than a list of all of them.
html_use_index = False
html_domain_indices = False
html_show_sphinx = False
html_theme_options = {
    "source_repository": _settings["tool"]["course"]["repository"],
    "source_branch": _settings["tool"]["course"]["branch"],
    "source_directory": "docs/site/",
    "top_of_page_buttons": [],
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def linkcode_resolve(domain: str, info: dict[str, str]) -> str | None:
    """Return where the source of a documented name stands."""
    course = _settings["tool"]["course"]
    return f"{course['repository']}/blob/{course['branch']}/{info['module'].replace('.', '/')}.py"


def _keep_layout(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    lines[:] = laid_out(lines) if what == "module" else escaped(lines)


def _rank_captions(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    # Sphinx calls the captions of the navigation headings and does not say of which rank, which ARIA asks for.
    for part in ("furo_navigation_tree", "body"):
        if part in context:
            context[part] = context[part].replace('role="heading">', 'role="heading" aria-level="2">')


def setup(app: Any) -> None:
    """Called by Sphinx: a module's docstring is laid out in plain text, and stays so; captions get their rank."""
    app.connect("autodoc-process-docstring", _keep_layout)
    # After the theme, which makes the navigation.
    app.connect("html-page-context", _rank_captions, priority=900)
