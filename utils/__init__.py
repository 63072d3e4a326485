"""The course's shared package: its folders are the stages of a model's life, imports run from later to earlier ones."""

import sys

if "ipykernel" in sys.modules:
    # In a notebook: a cell that runs before the setup cell is told so, whichever part of the package it imports.
    from utils.notebook.kernel import explain_missing_names

    explain_missing_names()
