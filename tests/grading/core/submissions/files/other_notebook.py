"""A notebook of something else."""

import nbformat


def make() -> bytes:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('hello')")])
    return nbformat.writes(notebook).encode()
