"""Metadata rewritten by Colab, ids missing, another kernel, outputs kept."""

import json

from tests.grading.core.course_notebook import submitted


def make() -> bytes:
    notebook = submitted()
    notebook.metadata = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "ir", "display_name": "R"},
        "accelerator": "GPU",
    }
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata["id"] = "x" * 12
        cell.metadata["outputId"] = "y"
        if cell.cell_type == "code":
            cell.outputs = [{"output_type": "stream", "name": "stdout", "text": ["fine"]}]
            cell.execution_count = "7"
    notebook.nbformat_minor = 0
    return json.dumps(notebook).encode()
