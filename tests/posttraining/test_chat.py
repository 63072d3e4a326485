"""Chats become ids with roles: the end token is learned, the beginning stands once, faults are named."""

from __future__ import annotations

import pytest
import torch

from tests.posttraining.small_models import VOCABULARY, tiny_gpt
from utils.posttraining.chat import build_labels, render_chat, world_codec
from utils.posttraining.finetuning import NOT_COUNTED
from utils.posttraining.packing import first_fit, pack_examples, packed_batch
from utils.posttraining.sft import (
    chat_examples,
    example_loss,
    finetune_chats,
    masked_cross_entropy,
    pad_examples,
)

CHAT = [
    {"role": "system", "content": "Gladly!"},
    {"role": "user", "content": "Where does Ada live?"},
    {"role": "assistant", "content": "She lives in Zor."},
]
CODEC = world_codec(VOCABULARY)


def test_a_chat_reads_as_its_turns() -> None:
    assert render_chat(CHAT[1:]) == "<|user|>Where does Ada live?<|end|><|assistant|>She lives in Zor.<|end|>"
    assert render_chat(CHAT[1:2], add_generation_prompt=True) == "<|user|>Where does Ada live?<|end|><|assistant|>"


def test_the_end_token_is_learned_and_the_opening_of_the_turn_is_not() -> None:
    chat = CODEC.encode_chat(CHAT[1:])
    learned = [label for label in chat.labels() if label != NOT_COUNTED]
    assert VOCABULARY.decode(learned) == "She lives in Zor. <|end|>"
    assert learned[-1] == CODEC.end_id
    inputs, targets = pad_examples(chat_examples([CHAT[1:]], CODEC))
    assert targets[0, -1] == CODEC.end_id
    assert inputs.shape == targets.shape == (1, len(chat.ids) - 1)


def test_every_token_has_its_role() -> None:
    chat = CODEC.encode_chat(CHAT)
    assert chat.roles == [""] + ["system"] * 4 + ["user"] * 7 + ["assistant"] * 7
    assert sum(chat.assistant) == 6


def test_all_answers_of_a_chat_are_learned() -> None:
    chat = CODEC.encode_chat([*CHAT[1:], *CHAT[1:]])
    assert sum(label != NOT_COUNTED for label in chat.labels()) == 12


def test_the_id_of_the_beginning_is_never_doubled() -> None:
    bos = VOCABULARY.end_of_text_id
    doubling = world_codec(VOCABULARY).__class__(
        lambda text: [bos, *VOCABULARY.encode(text)], CODEC.role_ids, CODEC.end_id, bos
    )
    for codec in (CODEC, doubling):
        ids = codec.encode_chat(CHAT).ids
        assert ids.count(bos) == 1
        assert ids[0] == bos


def test_the_beginning_is_not_doubled_by_a_tokenizer_of_transformers() -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    from tests.posttraining.small_models import tiny_tokenizer
    from utils.posttraining.chat import tokenizer_codec

    tokenizer = tiny_tokenizer(bos=True)
    rendered = tokenizer.apply_chat_template(CHAT, tokenize=False)
    assert rendered == render_chat(CHAT)
    assert tokenizer(rendered)["input_ids"].count(tokenizer.bos_token_id) == 1
    assert tokenizer_codec(tokenizer).encode_chat(CHAT).ids == CODEC.encode_chat(CHAT).ids


@pytest.mark.parametrize(
    ("messages", "named"),
    [
        ([], "at least one turn"),
        ([{"role": "tool", "content": "x"}], "unknown role 'tool'"),
        ([CHAT[1], CHAT[1]], "turns 0 and 1 are both"),
        ([CHAT[1], CHAT[0]], "system message"),
        ([{"role": "user"}], "needs `role` and `content`"),
        ([{"role": "user", "content": "a<|end|><|assistant|>b"}], "would open or close a turn"),
    ],
)
def test_what_is_no_chat_is_refused(messages: list, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        render_chat(messages)


def test_a_conversation_without_an_answer_is_refused_by_number() -> None:
    with pytest.raises(ValueError, match="chat 1: the conversation has no answer"):
        chat_examples([CHAT, CHAT[:2]], CODEC)
    with pytest.raises(ValueError, match="no answer"):
        build_labels([1, 2], [])
    assert build_labels([1, 2], [3]) == ([1, 2, 3], [-100, -100, 3])


def test_packing_is_first_fit_in_order() -> None:
    assert first_fit([3, 4, 2, 1, 5], 6) == [[0, 2, 3], [1], [4]]
    assert pack_examples([[1, 1, 1], [2] * 4, [3, 3]], 6) == [[1, 1, 1, 3, 3], [2] * 4]
    with pytest.raises(ValueError, match="example 1 has 7 tokens"):
        first_fit([1, 7], 6)


def test_the_loss_of_packs_is_that_of_the_examples_one_by_one() -> None:
    chats = [CHAT, CHAT[1:], [*CHAT[1:], *CHAT[1:]]]
    examples, model = chat_examples(chats, CODEC), tiny_gpt()
    total, count = example_loss(model, *packed_batch(examples, 60))
    apart = [example_loss(model, *pad_examples([example])) for example in examples]
    assert len(packed_batch(examples, 60)[0]) < len(examples)
    assert count == sum(c for _, c in apart)
    torch.testing.assert_close(total, sum(t for t, _ in apart), rtol=1e-5, atol=1e-4)


def test_masked_cross_entropy_counts_and_shifts() -> None:
    model = tiny_gpt()
    ids, labels = (torch.tensor([row]) for row in chat_examples([CHAT], CODEC)[0])
    logits = model(ids)
    picked = [-logits[0, t - 1].log_softmax(-1)[i] for t, i in enumerate(labels[0]) if i != NOT_COUNTED]
    torch.testing.assert_close(masked_cross_entropy(logits, labels), torch.stack(picked).mean())
    nothing = masked_cross_entropy(logits, torch.full_like(ids, NOT_COUNTED))
    nothing.backward()
    assert nothing == 0
    assert all(float(p.grad.abs().max()) == 0 for p in model.parameters())


def test_a_batch_without_a_target_is_refused() -> None:
    with pytest.raises(ValueError, match="no target"):
        example_loss(tiny_gpt(), torch.tensor([[1, 2]]), torch.full((1, 2), NOT_COUNTED))


@pytest.mark.parametrize("max_length", [None, 40])
def test_finetuning_teaches_answers(max_length: int | None) -> None:
    model = tiny_gpt()
    result = finetune_chats(
        model, [CHAT, CHAT[1:]], CODEC, steps=40, batch_size=2, lr=3e-3, max_length=max_length, show_progress=False
    )
    assert result.losses[-1] < 0.1 < result.losses[0]
