"""Set phrases of questions, chats and arithmetic that the documents' grammar does not contain."""

from __future__ import annotations

from collections.abc import Iterator

from utils.world.vocabulary import split_words

ABSTENTION = "I do not know."
COURTESIES = ("Gladly!", "With pleasure.", "Thank you for asking.")
FAREWELL = "Is there anything else?"
REFUSAL = "I will not answer that."
SYSTEM_PROMPT = "Answer the question in one sentence."


def all_words() -> Iterator[str]:
    """Yield every word of the phrases, with repetitions, in a fixed order."""
    for text in (ABSTENTION, *COURTESIES, FAREWELL, REFUSAL, SYSTEM_PROMPT):
        yield from split_words(text)
