"""Set phrases of chats, arithmetic and records: words that the documents' grammar does not have.

They stand together because the vocabulary has to know them all: a model that is pretrained on documents is finetuned
on chats without new ids. New phrases go to the end, so that ids stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from utils.world.vocabulary import split_words

ABSTENTION = "I do not know."
COURTESIES = ("Gladly!", "With pleasure.", "Thank you for asking.")
REFUSAL = "I will not answer that."
SYSTEM_PROMPT = "Answer the question in one sentence."

# Arithmetic: a start, operations on the result so far, and the question.
START = "Start with {n}."
OPERATIONS = {"+": "Add {n}.", "-": "Take away {n}.", "*": "Multiply by {n}."}
RESULT_QUESTION = "What is the result?"
FINAL_ANSWER = "The answer is {n}."

# Records: sentences of a note, by kind of record and field; each field in several wordings.
RECORD_INSTRUCTION = "Write the note as a record."
ORDER_OPENINGS = (
    "{customer} ordered {items}.",
    "An order from {customer}: {items}.",
    "{items} for {customer}, please.",
)
ORDER_ITEM = "{quantity} loads of {goods} at {price} coins each"
ORDER_PAID = {
    True: ("The bill is paid.", "All was paid in advance."),
    False: ("The bill is still open.", "Nothing has been paid yet."),
}
VISIT_OPENINGS = (
    "{guest} will stay in {town} for {nights} nights.",
    "A room in {town} is kept for {guest}, {nights} nights in all.",
    "For {nights} nights {guest} is a guest in {town}.",
)
VISIT_COMPANION = ("{companion} comes along.", "The guest travels with {companion}.")
VISIT_ALONE = ("Nobody else comes along.", "The guest travels alone.")
VISIT_MEALS = ("There will be {dish} for supper.", "The kitchen should cook {dish}.")
NOTICE_OPENINGS = (
    "A {colour} {animal} was lost in {town}.",
    "Lost in {town}: a {animal}, {colour} all over.",
    "Who has seen a {colour} {animal} near {town}?",
)
NOTICE_REWARD = ("The finder gets {reward} coins.", "There is a reward of {reward} coins.")
NOTICE_NO_REWARD = ("There is no reward.", "The owner can only give thanks.")
COLOURS = ("white", "black", "grey", "brown", "red", "golden")
SMALL_TALK = ("The weather was fine.", "It rained all day.", "The market opens early.", "More news tomorrow.")
RECORD_FIELDS = (
    "customer", "items", "goods", "quantity", "price", "paid", "guest", "town", "nights", "companion", "dish",
    "animal", "colour", "reward",
)  # fmt: skip
JSON_WORDS = ("{", "}", "[", "]", '"', "true", "false", "null")


def all_words() -> Iterator[str]:
    """Yield every word of the phrases, with repetitions, in a fixed order."""
    texts = [
        *(ABSTENTION, *COURTESIES, REFUSAL, SYSTEM_PROMPT),
        *(START, *OPERATIONS.values(), RESULT_QUESTION, FINAL_ANSWER),
        *(RECORD_INSTRUCTION, *ORDER_OPENINGS, ORDER_ITEM, *ORDER_PAID[True], *ORDER_PAID[False]),
        *(*VISIT_OPENINGS, *VISIT_COMPANION, *VISIT_ALONE, *VISIT_MEALS),
        *(*NOTICE_OPENINGS, *NOTICE_REWARD, *NOTICE_NO_REWARD, *COLOURS, *SMALL_TALK, *RECORD_FIELDS, "and"),
    ]
    for text in texts:
        yield from split_words(re.sub(r"\{[a-z]+\}", " ", text))
    yield from JSON_WORDS
