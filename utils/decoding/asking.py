"""Ask a pretrained model many questions at once."""

from __future__ import annotations

from collections.abc import Sequence

from utils.decoding.arguments import a_sequence, a_text, shown, whole_number
from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.models.pretrained import PretrainedModel


def ask(
    pretrained: PretrainedModel, questions: Sequence[str], max_new_tokens: int = 24, batch_size: int = 16
) -> list[str]:
    """Return the model's most likely answer to each question, asked as a user in a chat of its own.

    Args:
        pretrained: an instruction-tuned model with its chat template.
        questions: what to ask.
        max_new_tokens: answers are cut after so many tokens.
        batch_size: questions answered side by side.

    Raises:
        ValueError: what is no pretrained model, or has no chat template; questions that are no list of strings; a
            batch size below 1 or a negative limit; or prompt and answer do not fit into the context.
    """
    batch_size = whole_number(batch_size, "batch_size", 1)
    max_new_tokens = whole_number(max_new_tokens, "max_new_tokens", 0)
    questions = a_sequence(questions, "questions", a_text)
    for name in ("encode_chat", "decode", "model"):
        if not hasattr(pretrained, name):
            raise ValueError(f"pretrained must be a pretrained model with its tokenizer, not {shown(pretrained)}")
    prompts = [pretrained.encode_chat([{"role": "user", "content": question}]) for question in questions]
    # Prompts of similar length go together, so that little is computed for padding.
    order = sorted(range(len(prompts)), key=lambda place: (len(prompts[place]), place))
    decoder = decoder_for(pretrained.model)
    answers = [""] * len(prompts)
    for first in range(0, len(order), batch_size):
        places = order[first : first + batch_size]
        batch = [prompts[place] for place in places]
        results = generate(decoder, batch, max_new_tokens, stop_ids=pretrained.eos_ids)
        for place, result in zip(places, results, strict=True):
            answers[place] = pretrained.decode(result.ids, skip_special_tokens=True).strip()
    return answers
