"""The miniature world: a small invented world, its facts, and every kind of text that the course needs about it.

Everything follows from one seed, on every machine, and everything that experiments ask for is known exactly: which
facts are true, how popular they are, how probable each document is, what reward an answer deserves.

The world
    world = World(seed=0, n_people=1000, n_towns=50, zipf_exponent=1.0, mix={...}, held_out_people=0.1, ...)
        All options are listed in `WorldOptions`. `world.with_mix({"profile": 1})` is the same world writing other
        kinds of documents: "profile", "town", "question", "remark", "sum".
    world.people, world.towns                   most popular first
    world.facts, world.town_facts               Fact(subject, relation, value, split, popularity)
    world.fact("Brimox Bruvuquist", "home")     one fact; `split` is "known", "held_out_fact" or "held_out_person"

Documents
    world.documents(n, seed=0, language="common")   iterator of Document (n=None never ends; seeds are
                                                    independent): .text .words .kind .topic .log_probability (nats)
                                                    .sentences(language)
    world.texts(n, seed)                            their texts
    world.token_stream(n_tokens, seed)              np.int64 ids of words, END_OF_TEXT (id 0) after each document
    world.vocabulary                                .encode(text) .decode(ids) .id(word) .words len() .end_of_text_id
    A token is a word, one digit, a punctuation mark or a special token. Training, tuning and testing use different
    seeds, by convention 0, 1 and 2. Chat turns are marked by ROLE_TOKENS[role] and END_OF_TURN.

Exact probability
    world.log_probability(text)         nats, -inf for what the world never writes (a wrong fact, say)
    world.entropy(n_documents, seed)    Entropy(nats_per_token, standard_error, nats_per_document, ...): the loss
                                        that no model beats; `count_tokens=` for tokens of another tokenizer
    world.enumerate()                   {text: probability} of a tiny world, summing to 1

Languages "common", "velkoth", "zhurimi"
    world.documents(n, seed, language), world.parallel(n, seed) -> [{language: [sentences]}]
    world.translate(text, source, target), world.translations(...) -> [(text, probability)]
    Common's words "Thou", "You", "Ye" tell whether the listener is younger, a peer or elder (weights 1, 2, 1: 1.5
    bits); Zhurimi has one word for all three, so a round trip through it loses these 1.5 bits in every remark.
    world.joint_vocabulary has the words of all three; its first ids are those of `vocabulary`.

Questions and answers
    draw_questions(world, n, seed, splits, relations, asked, by_popularity) -> [QuestionAnswer]
                                        .question .answer (a sentence) .value (short) .fact .asked
    judge(world, question, answer)      "correct", "wrong" or "abstained"; any text may be judged
    claims(world, text, topic)          [(subject, relation, value)] that any text states, true or not
    fact_asked(world, question), wrong_value(world, fact, draws)

Chats
    draw_demonstrations(world, n, seed, quality="good", splits, turns=1, system=False) -> [Demonstration]
                                        .messages .prompt .response .quality .facts; qualities: see QUALITIES; one
                                        seed asks the same questions at every quality
    draw_dialogue_texts(world, n, seed) -> [LabelledText]: dialogues and look-alikes

Preferences
    GoldReward()(world, question, answer) -> float, .parts(...) -> {part: float}; asked of any text
    Labeler(name, noise, per_word, for_courtesy, severity): .utility .preference .score
    draw_comparisons(world, n, seed, labelers, shares) -> [Comparison]; draw_rankings(world, n, k, ...) -> [Ranking]
    draw_answers(world, fact, k, draws) -> different answers to one question
    agreement_rate(a, b, comparisons), labeler_with_agreement(world, 0.73)

Records and arithmetic
    draw_record_tasks(world, n, seed, kinds) -> [RecordTask]: .text .prompt .record .schema .target (JSON)
    check_record(task, output) -> RecordCheck(is_json, is_valid, is_correct, field_accuracy, error)
    draw_arithmetic_tasks(n, seed, n_steps, max_operand) -> [ArithmeticTask]: .question .answer .solution
    verify(task, text), wrong_steps(task, text), final_answer(text), draw_attempts(task, k, seed, slip_rate)

The vocabulary has every word of these, except those of dialogue texts. For choices of your own that should be the same
everywhere, take `Draws("my experiment", seed)`.
"""

from utils.world.arithmetic import (
    ArithmeticTask,
    draw_arithmetic_tasks,
    draw_attempts,
    final_answer,
    verify,
    wrong_steps,
)
from utils.world.demonstrations import QUALITIES, Demonstration, answer_of_quality, draw_demonstrations, state
from utils.world.dialogues import LabelledText, draw_dialogue_texts
from utils.world.draws import Choice, Draws
from utils.world.entities import DEFAULT_MIX, KINDS, Fact, Person, WorldOptions
from utils.world.labelers import Labeler
from utils.world.language import ParseError
from utils.world.languages import COMMON, LANGUAGE_NAMES, VELKOTH, ZHURIMI
from utils.world.phrases import ABSTENTION, COURTESIES, SYSTEM_PROMPT
from utils.world.preferences import (
    Comparison,
    Ranking,
    agreement_rate,
    draw_answers,
    draw_comparisons,
    draw_rankings,
    labeler_with_agreement,
)
from utils.world.questions import (
    OUTCOMES,
    SPLITS,
    QuestionAnswer,
    claims,
    draw_questions,
    fact_asked,
    judge,
    stated_values,
    wrong_value,
)
from utils.world.records import RECORD_KINDS, RECORD_SCHEMAS, RecordCheck, RecordTask, check_record, draw_record_tasks
from utils.world.rewards import GoldReward
from utils.world.vocabulary import (
    END_OF_TEXT,
    END_OF_TURN,
    PAD,
    ROLE_TOKENS,
    SPECIAL_TOKENS,
    Vocabulary,
    join_words,
    split_words,
)
from utils.world.world import Document, Entropy, World

__all__ = [
    "ABSTENTION",
    "COMMON",
    "COURTESIES",
    "DEFAULT_MIX",
    "END_OF_TEXT",
    "END_OF_TURN",
    "KINDS",
    "LANGUAGE_NAMES",
    "OUTCOMES",
    "PAD",
    "QUALITIES",
    "RECORD_KINDS",
    "RECORD_SCHEMAS",
    "ROLE_TOKENS",
    "SPECIAL_TOKENS",
    "SPLITS",
    "SYSTEM_PROMPT",
    "VELKOTH",
    "ZHURIMI",
    "ArithmeticTask",
    "Choice",
    "Comparison",
    "Demonstration",
    "Document",
    "Draws",
    "Entropy",
    "Fact",
    "GoldReward",
    "Labeler",
    "LabelledText",
    "ParseError",
    "Person",
    "QuestionAnswer",
    "Ranking",
    "RecordCheck",
    "RecordTask",
    "Vocabulary",
    "World",
    "WorldOptions",
    "agreement_rate",
    "answer_of_quality",
    "check_record",
    "claims",
    "draw_answers",
    "draw_arithmetic_tasks",
    "draw_attempts",
    "draw_comparisons",
    "draw_demonstrations",
    "draw_dialogue_texts",
    "draw_questions",
    "draw_rankings",
    "draw_record_tasks",
    "fact_asked",
    "final_answer",
    "join_words",
    "judge",
    "labeler_with_agreement",
    "split_words",
    "state",
    "stated_values",
    "verify",
    "wrong_steps",
    "wrong_value",
]
