"""Loading real weights: equality with `transformers`, chat format, and clear errors for bad files."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

from utils.models.chat_template import render_template
from utils.models.config import ModelConfig
from utils.models.gguf_file import GGUFFile
from utils.models.gpt import GPT
from utils.models.hub_config import config_from_hub, config_to_hub
from utils.models.hub_layout import gguf_name, state_to_hub, write_hub_folder
from utils.models.pretrained import (
    PretrainedModel,
    load_folder,
    load_gguf,
    load_hub,
    save_folder,
)
from utils.paths import data_dir
from utils.text.gguf_header import ModelFileError
from utils.text.gguf_tokenizer import GGUF_MODEL

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
TINY = ModelConfig(
    n_layers=2, d_model=64, n_heads=4, n_kv_heads=2, d_ff=96, vocab_size=270, context_length=32, tied=False
)


@pytest.fixture(scope="module")
def smollm2() -> PretrainedModel:
    return load_gguf()


@pytest.fixture(scope="module")
def folder(smollm2: PretrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hub")
    save_folder(smollm2, path)
    return path


@pytest.fixture(scope="module")
def reference(folder: Path) -> torch.nn.Module:
    transformers = pytest.importorskip("transformers")
    return transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def write_gguf(path: Path, model: GPT, **changes: object) -> Path:
    """Write a small model as a GGUF file, with the `gguf` package and interleaved rotary pairs."""
    config = model.config
    writer = GGUFWriter(path, str(changes.get("architecture", "llama")))
    writer.add_block_count(config.n_layers)
    writer.add_context_length(config.context_length)
    writer.add_embedding_length(config.d_model)
    writer.add_feed_forward_length(config.ff_dim)
    writer.add_head_count(config.n_heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model(str(changes.get("tokenizer", "gpt2")))
    writer.add_token_list([chr(0x4E00 + i) for i in range(config.vocab_size)])
    writer.add_token_merges([])
    for name, tensor in model.state_dict().items():
        heads = {"q_proj": config.n_heads, "k_proj": config.kv_heads}.get(name.split(".")[-2])
        if heads:
            halves = tensor.view(heads, 2, config.head_dim // 2, config.d_model)
            tensor = halves.transpose(1, 2).reshape(tensor.shape)
        kind = changes.get("format") if tensor.dim() == 2 else None
        if isinstance(kind, GGMLQuantizationType):
            writer.add_tensor(gguf_name(name), quantize(tensor.numpy(), kind), raw_dtype=kind)
        else:
            writer.add_tensor(gguf_name(name), tensor.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def tiny() -> GPT:
    torch.manual_seed(0)
    return GPT(TINY).eval()


def test_every_weight_equals_the_one_that_transformers_reads(smollm2: PretrainedModel) -> None:
    reading = pytest.importorskip("transformers.modeling_gguf_pytorch_utils")
    transformers = pytest.importorskip("transformers")
    path = data_dir() / GGUF_MODEL
    hub_config = transformers.LlamaConfig(**config_to_hub(smollm2.config))
    with torch.device("meta"):
        shell = transformers.LlamaForCausalLM(hub_config)
    theirs = reading.load_gguf_checkpoint(str(path), return_tensors=True, model_to_load=shell)["tensors"]
    ours = state_to_hub(smollm2.model)
    assert set(ours) == set(theirs) - {"lm_head.weight"}
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def test_logits_agree_with_transformers(smollm2: PretrainedModel, reference: torch.nn.Module) -> None:
    ids = torch.tensor([smollm2.encode_chat(QUESTION)])
    with torch.inference_mode():
        ours, theirs = smollm2.model(ids), reference(ids).logits
    assert (ours - theirs).abs().max() < 1e-3


def test_greedy_text_agrees_with_transformers(smollm2: PretrainedModel, reference: torch.nn.Module) -> None:
    ids = smollm2.encode_chat([{"role": "user", "content": "Name three colours."}])
    theirs = reference.generate(torch.tensor([ids]), max_new_tokens=24, do_sample=False)[0].tolist()
    ours = list(ids)
    with torch.inference_mode():
        while len(ours) < len(theirs):
            ours.append(int(smollm2.model(torch.tensor([ours]))[0, -1].argmax()))
    assert ours == theirs


def test_it_answers_the_question(smollm2: PretrainedModel) -> None:
    ids = smollm2.encode_chat(QUESTION)
    start = len(ids)
    with torch.inference_mode():
        while ids[-1] not in smollm2.eos_ids or len(ids) == start:
            ids.append(int(smollm2.model(torch.tensor([ids]))[0, -1].argmax()))
            assert len(ids) < start + 20
    assert smollm2.decode(ids[start:], skip_special_tokens=True) == "The capital of France is Paris."


def test_the_tokenizer_agrees_with_transformers(smollm2: PretrainedModel) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoTokenizer.from_pretrained(data_dir(), gguf_file=GGUF_MODEL)
    for text in ("Hello, world!", "naïve café – 東京 🙂", "  def f(x):\n\treturn x**2\n\n", "don't we'll I'M"):
        assert smollm2.encode(text) == theirs.encode(text, add_special_tokens=False)
        assert smollm2.decode(smollm2.encode(text)) == text


def test_digits_are_single_tokens(smollm2: PretrainedModel) -> None:
    assert len(smollm2.encode("1234567")) == 7


def test_special_tokens_in_a_text_are_one_id_each(smollm2: PretrainedModel) -> None:
    assert smollm2.encode("<|im_start|>user<|im_end|>")[0] == 1
    assert smollm2.encode("<|im_end|>") == [2] == list(smollm2.eos_ids)


def test_the_chat_template_comes_from_the_file(smollm2: PretrainedModel) -> None:
    text = smollm2.render_chat(QUESTION, add_generation_prompt=True)
    assert text.startswith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM")
    assert text.endswith("<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n")
    assert smollm2.render_chat([{"role": "system", "content": "Be brief."}, *QUESTION]).count("system") == 1


@pytest.mark.parametrize("messages", [[], [{"role": "user"}]])
def test_messages_that_do_not_fit_the_template_are_refused(smollm2: PretrainedModel, messages: list) -> None:
    with pytest.raises(ValueError, match="message"):
        smollm2.render_chat(messages)


def test_a_template_cannot_reach_out_of_its_sandbox(smollm2: PretrainedModel) -> None:
    with pytest.raises(ValueError, match="refuses"):
        render_template("{{ messages.__class__.__base__.__subclasses__() }}", QUESTION)
    with pytest.raises(ValueError, match="no system turns"):
        render_template("{{ raise_exception('no system turns') }}", QUESTION)


def test_a_model_survives_the_way_through_a_hub_folder(smollm2: PretrainedModel, folder: Path) -> None:
    again = load_folder(folder)
    assert again.config == smollm2.config
    assert again.eos_ids == smollm2.eos_ids
    assert again.special_tokens == smollm2.special_tokens
    assert again.render_chat(QUESTION) == smollm2.render_chat(QUESTION)
    assert again.encode("Hello 42") == smollm2.encode("Hello 42")
    assert again.model.head.weight is again.model.embedding.weight
    for (name, ours), theirs in zip(smollm2.model.state_dict().items(), again.model.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name


def test_a_hub_name_is_fetched_and_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked = []

    def fetch(name: str, **_: object) -> str:
        asked.append(name)
        return str(folder)

    monkeypatch.setattr(hub, "snapshot_download", fetch)
    assert load_hub("someone/some-model").config.n_layers == 30
    assert asked == ["someone/some-model"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from Linux's /proc")
def test_loading_takes_little_more_memory_than_the_model() -> None:
    # What a build of torch takes by itself, 0.2 to 0.5 GB, is not the loader's.
    code = (
        "import re\nfrom pathlib import Path\nfrom utils.models.pretrained import load_gguf\n"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
        "before = peak()\nload_gguf()\nprint(peak() - before)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 0.5e9 < int(out) * 1024 < 0.95e9


@pytest.mark.parametrize(
    "kind", [None, GGMLQuantizationType.Q4_1, GGMLQuantizationType.Q8_0, GGMLQuantizationType.Q5_0]
)
def test_a_written_model_comes_back(tiny: GPT, tmp_path: Path, kind: GGMLQuantizationType | None) -> None:
    loaded = load_gguf(write_gguf(tmp_path / "m.gguf", tiny, format=kind))
    assert loaded.config == TINY
    tolerance = {None: 0.0, GGMLQuantizationType.Q8_0: 0.005}.get(kind, 0.06)
    for name, tensor in tiny.state_dict().items():
        assert (loaded.model.state_dict()[name] - tensor).abs().max() <= tolerance, name


def test_weights_can_be_loaded_in_bfloat16(tiny: GPT, tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", tiny, format=GGMLQuantizationType.Q8_0)
    single, half = load_gguf(path), load_gguf(path, dtype=torch.bfloat16)
    for name, tensor in single.model.state_dict().items():
        assert torch.equal(half.model.state_dict()[name], tensor.bfloat16()), name


def test_a_missing_file_says_what_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="`course data` fetches"):
        load_gguf(tmp_path / "none.gguf")


def test_the_default_file_is_looked_for_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(ModelFileError, match="smollm2-135m-instruct"):
        load_gguf()


@pytest.mark.parametrize("kept", [0, 3, 40, 200, 0.5, 0.999])
def test_a_cut_file_is_named_as_cut(tiny: GPT, tmp_path: Path, kept: float) -> None:
    data = write_gguf(tmp_path / "m.gguf", tiny).read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    with pytest.raises(ModelFileError, match="cut"):
        load_gguf(cut)


def test_a_changed_file_is_refused_by_its_digest(tiny: GPT, tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", tiny)
    with pytest.raises(ModelFileError, match="SHA-256"):
        load_gguf(path, sha256="0" * 64)


def test_a_file_of_another_kind_is_refused(tiny: GPT, tmp_path: Path) -> None:
    text = tmp_path / "notes.gguf"
    text.write_text("not a model at all")
    with pytest.raises(ModelFileError, match="no GGUF file"):
        load_gguf(text)
    future = tmp_path / "future.gguf"
    future.write_bytes(b"GGUF" + struct.pack("<IQQ", 9, 0, 0))
    with pytest.raises(ModelFileError, match="version 9"):
        load_gguf(future)
    with pytest.raises(ModelFileError, match="architecture 'falcon'"):
        load_gguf(write_gguf(tmp_path / "f.gguf", tiny, architecture="falcon"))
    with pytest.raises(ModelFileError, match="kind 'llama'"):
        load_gguf(write_gguf(tmp_path / "t.gguf", tiny, tokenizer="llama"))


def test_an_unknown_tensor_is_named(tiny: GPT, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"has no tensor blk\.9"):
        GGUFFile(write_gguf(tmp_path / "m.gguf", tiny)).read("blk.9.attn_q.weight")


def test_hub_configs_of_another_shape_are_refused() -> None:
    values = config_to_hub(TINY)
    assert config_from_hub(values) == TINY
    for change, words in (
        ({"model_type": "gpt2"}, "model_type"),
        ({"attention_bias": True}, "attention_bias"),
        ({"hidden_act": "gelu"}, "hidden_act"),
        ({"rope_scaling": {"rope_type": "llama3"}}, "rope_type"),
    ):
        with pytest.raises(ModelFileError, match=words):
            config_from_hub({**values, **change})


def test_hub_folders_with_missing_or_cut_files_are_refused(tiny: GPT, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"config\.json"):
        load_folder(tmp_path)
    write_hub_folder(tiny, tmp_path)
    with pytest.raises(ModelFileError, match=r"tokenizer\.json"):
        load_folder(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelFileError, match="cut"):
        load_folder(tmp_path)
    weights.unlink()
    with pytest.raises(ModelFileError, match="no model file"):
        load_folder(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelFileError, match="no JSON"):
        load_folder(tmp_path)


def test_hub_weights_of_another_config_are_refused(tiny: GPT, tmp_path: Path) -> None:
    write_hub_folder(tiny, tmp_path)
    values = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**values, "intermediate_size": 128}))
    with pytest.raises(ModelFileError, match=r"gate_proj.*shape \(96, 64\)"):
        load_folder(tmp_path)


def test_experts_have_no_place_in_a_hub_folder(tmp_path: Path) -> None:
    config = ModelConfig(**{**TINY.to_dict(), "n_experts": 2, "experts_per_token": 1})
    with pytest.raises(ValueError, match="n_experts is 2"):
        write_hub_folder(GPT(config), tmp_path / "new")
    assert not (tmp_path / "new").exists()
