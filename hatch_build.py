"""What travels in the wheel beside the package, so that a notebook runs on Colab without a checkout.

Tables, checkpoints and recorded runs (a few megabytes), and each exercise's file: visible tests read their diagnoses
there. What `course data` fetches never travels.
"""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("README.md", "tables", "checkpoints", "runs")


class CustomBuildHook(BuildHookInterface):
    """Adds files to the wheel."""

    def initialize(self, version, build_data):
        """Fill `force_include`: from a path here to the path in the wheel. An editable install reads the checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        included = build_data["force_include"]
        for name in DATA:
            source = root / "datasets" / name
            if source.exists():
                included[str(source)] = f"utils/_datasets/{name}"
        included[str(root / "pyproject.toml")] = "utils/_exercises/pyproject.toml"
        for path in sorted((root / "solutions").glob("*/exercises/*.py")):
            included[str(path)] = f"utils/_exercises/{path.parent.parent.name}/{path.name}"
