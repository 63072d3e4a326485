"""Loading SmolLM2 from GGUF against `transformers`: seconds and peak memory, each in a fresh process.

    python benchmarks/loading.py [--rounds 3]

Imports are done before the clock starts; tokenizer and weights are both loaded. transformers needs the package
`accelerate` for this; without it only the part that reads and expands the tensors is timed, which is less than it
would take. Peak memory is Linux's. Nothing is written.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys

REPORT = """
import json, time
from pathlib import Path
{imports}
start = time.perf_counter()
{action}
seconds = time.perf_counter() - start
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
print(json.dumps([seconds, peak / 1e6 * 1.024]))
"""
COURSE = ("from utils.models.pretrained import load_gguf", "load_gguf()")
HUB_IMPORTS = """
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint
from utils.models.hub_config import config_to_hub
from utils.text.gguf_tokenizer import GGUF_MODEL
from utils.models.presets import SMOLLM2_135M
from utils.paths import data_dir
"""
HUB_WHOLE = """
AutoModelForCausalLM.from_pretrained(data_dir(), gguf_file=GGUF_MODEL, dtype=torch.float32)
AutoTokenizer.from_pretrained(data_dir(), gguf_file=GGUF_MODEL)
"""
HUB_PART = """
with torch.device("meta"):
    shell = LlamaForCausalLM(LlamaConfig(**config_to_hub(SMOLLM2_135M)))
load_gguf_checkpoint(str(data_dir() / GGUF_MODEL), return_tensors=True, model_to_load=shell)
AutoTokenizer.from_pretrained(data_dir(), gguf_file=GGUF_MODEL)
"""


def measure(imports: str, action: str, rounds: int) -> tuple[float, float]:
    """Return the least seconds and the largest peak in GB over fresh processes."""
    code = REPORT.format(imports=imports, action=action)
    seconds, peaks = [], []
    for _ in range(rounds):
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        took, peak = json.loads(out.splitlines()[-1])
        seconds.append(took)
        peaks.append(peak)
    return min(seconds), max(peaks)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    whole = importlib.util.find_spec("accelerate") is not None
    ours = measure(*COURSE, rounds)
    theirs = measure(HUB_IMPORTS, HUB_WHOLE if whole else HUB_PART, rounds)
    name = "transformers" if whole else "transformers (tensors and tokenizer only)"
    print("| loader | seconds | peak memory, GB |")
    print("|---|---|---|")
    print(f"| course | {ours[0]:.2f} | {ours[1]:.2f} |")
    print(f"| {name} | {theirs[0]:.2f} | {theirs[1]:.2f} |")
    print(f"\nThe course takes {ours[0] / theirs[0]:.2f} of transformers' time.")


if __name__ == "__main__":
    main()
