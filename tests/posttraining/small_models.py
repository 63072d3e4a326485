"""Tiny models and a tiny tokenizer, the same for the course's code, for `transformers` and for `trl`."""

from __future__ import annotations

from typing import Any

import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.preferences import PreferencePair
from utils.world.vocabulary import Vocabulary

WORDS = [
    *("Where", "When", "does", "did", "Ada", "Bo", "live", "work", "She", "He", "lives", "works", "in", "Zor", "Kem"),
    *("for", "Gladly", "I", "do", "not", "know", ".", "?", "!"),
]
VOCABULARY = Vocabulary(WORDS)
QUESTIONS = ["Where does Ada live?", "Where does Bo work?", "When did Ada work in Zor?", "Where did Bo live?"]
ANSWERS = ["She lives in Zor.", "He works for Kem in Zor.", "I do not know.", "Gladly! She lives in Kem."]


def records(n: int = 8) -> list[dict[str, Any]]:
    """Return preference records whose two answers differ in length and words."""
    return [
        {
            "prompt": [{"role": "user", "content": QUESTIONS[i % 4]}],
            "chosen": [{"role": "assistant", "content": ANSWERS[i // 4 % 4]}],
            "rejected": [{"role": "assistant", "content": ANSWERS[(i // 4 + 1 + i % 3) % 4]}],
        }
        for i in range(n)
    ]


def tiny_gpt(seed: int = 0, vocab_size: int = len(VOCABULARY)) -> GPT:
    torch.manual_seed(seed)
    model = GPT(ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=vocab_size, context_length=64)).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(20)  # untrained, it would hardly tell its tokens apart
    return model


def tiny_pairs() -> list[PreferencePair]:
    return [PreferencePair((1, 2, i), (i, 4, 7), (i, 9)) for i in range(10, 16)]


def tiny_llama(seed: int = 0) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    return LlamaForCausalLM(llama_config(LlamaConfig)).eval()


def llama_config(kind: Any, **more: Any) -> Any:
    return kind(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
        initializer_range=0.3,
        pad_token_id=VOCABULARY.pad_id,
        bos_token_id=None,
        eos_token_id=VOCABULARY.end_of_turn_id,
        **more,
    )


def tiny_tokenizer(bos: bool = False) -> Any:
    """Return a tokenizer of `transformers` with the ids of VOCABULARY; with `bos` it puts <|endoftext|> first."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    from utils.posttraining.chat import CHAT_TEMPLATE
    from utils.world.vocabulary import END_OF_TEXT, END_OF_TURN, PAD, SPECIAL_TOKENS

    ids = {word: index for index, word in enumerate(VOCABULARY.words)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=PAD))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"[.?!]"), "isolated")]
    )
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{END_OF_TEXT} $A", special_tokens=[(END_OF_TEXT, ids[END_OF_TEXT])]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TURN,
        pad_token=PAD,
        unk_token=PAD,
        bos_token=END_OF_TEXT if bos else None,
        chat_template=CHAT_TEMPLATE,
    )
