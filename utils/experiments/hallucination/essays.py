"""Essays written for the course, and the chances of each score that the real model gives them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from torch import Tensor

from utils.decoding.arguments import whole_number
from utils.decoding.cached import CachedDecoder
from utils.decoding.checked import checked
from utils.experiments.hallucination.real_answers import chat_prompt, real_decoder, real_model

SCORES = (1, 2, 3, 4, 5)
OPENING = "Score: "
REQUESTS = (
    "Score this essay from 1 to 5, where 5 is best.",
    "Grade this essay from 1 to 5, where 5 is best.",
    "How good is this essay, from 1 to 5, where 5 is best?",
)
VERSIONS = ("float32", "int8")
# Eight that say something, and eight with faults that a teacher would mark.
SOUND = (
    "Bees do more than make honey. On their way from flower to flower they carry pollen, and without it many fruits "
    "would not grow. Where bees are rare, farmers hire hives. Protecting wild meadows is cheaper in the end.",
    "A map leaves out nearly everything. That is its use: a traveller needs the road and not each tree beside it. The "
    "art of drawing maps is the art of choosing what to forget.",
    "My grandmother kept her letters in a tin box. When we opened it we found that she had answered some of them only "
    "in her head. I write back at once now, even if it is one line.",
    "Ships once carried their time with them. A good clock told the captain how far east he had come, since noon at "
    "home and noon at sea differ. A few seconds of error could wreck a fleet.",
    "A bridge moves. Heat makes its deck longer, and a gap at each end takes up the difference. Whoever hears the "
    "thump of the wheels over the gap in winter hears the bridge at its shortest.",
    "We learn a word by forgetting it. Each time it has to be searched for, the way to it grows wider. That is why a "
    "short test a week later teaches more than reading the page again.",
    "The city closed our street to cars for one summer. Shops feared for their trade and gained some: people who walk "
    "stop at windows. In autumn the shopkeepers asked for the barriers back.",
    "Salt was once worth a journey of a month, because it kept fish and meat through the winter. Roads were built for "
    "it, and towns at the crossings grew rich. Ice ended that trade within a lifetime.",
)
FAULTY = (
    "Summer is good because of it is warm and I like the summer very much. In summer there is summer holiday. Summer "
    "is my favourite season because I like it the most of all seasons.",
    "The internet have many informations. Some is true and other is not true. Peoples should be carefully. In "
    "conclusion the internet have good sides and bad sides.",
    "Dogs are better than cats. Everybody knows this. Anyone who says otherwise is wrong and has no idea. I have "
    "proved my point.",
    "Exercise is important. My uncle has a car. Health is wealth and water is wet. To sum up, one should think about "
    "it, and so on.",
    "The moon is made by the sun every morning. That is why it is cold. Scientist have prove that the moon is bigger "
    "than the sun, so it wins at night.",
    "I was asked to write about friendship. Friendship is when there is friends. A friend is somebody who is in a "
    "friendship. This is what I wanted to say about friendship.",
    "Firstly, school uniforms. Secondly, it depends. On the one hand yes, on the other hand also yes. Thirdly I have "
    "no time to finish this because",
    "Trains is faster then walking but walking are for free. My opinion is both. Many people says that too and they "
    "was right, more or less, or not.",
)


@checked
def some_essays(n: int) -> list[str]:
    """Return n essays, first the sound half and then the faulty one.

    Raises:
        ValueError: n is odd, below 2, or more than there are.
    """
    most = len(SOUND) + len(FAULTY)
    if not 2 <= n <= most or n % 2:
        raise ValueError(f"n must be even and from 2 to {most}, not {n}")
    return [*SOUND[: n // 2], *FAULTY[: n // 2]]


@checked
def essay_prompts(essays: Sequence[str], request: int = 0) -> list[list[int]]:
    """Return the prompts that ask for a score of each essay, in one of three wordings, up to the place of the score.

    Raises:
        ValueError: there is no such wording.
    """
    if not 0 <= whole_number(request, "request", 0) < len(REQUESTS):
        raise ValueError(f"request must be below {len(REQUESTS)}, not {request}")
    asked = REQUESTS[request]
    return [chat_prompt(f"{asked}\n\n{essay}", OPENING) for essay in essays]


def score_ids() -> list[int]:
    """Return the ids of the tokens that stand for the five scores.

    Raises:
        ValueError: two scores begin with the same token.
    """
    ids = [real_model().encode(f"{OPENING}{score}")[-1] for score in SCORES]
    if len(set(ids)) != len(SCORES):
        raise ValueError(f"scores must be different tokens, not {ids}")
    return ids


@lru_cache(maxsize=1)
def _eight_bits() -> CachedDecoder:
    return CachedDecoder(real_model().model, "int8")


@checked
def score_logits(prompts: Sequence[Sequence[int]], version: str = "float32") -> tuple[Tensor, Tensor]:
    """Return the logits (N, 5) of the scores after each prompt, and the share (N,) that they have of all tokens.

    Args:
        prompts: as `essay_prompts` gives them; they are read as one batch.
        version: one of VERSIONS: with all digits, or with the matrices in 8 bits, as another machine may serve it.

    Raises:
        ValueError: there are no prompts, or no such version.
    """
    if version not in VERSIONS:
        raise ValueError(f"version must be one of {', '.join(VERSIONS)}, not {version!r}")
    decoder = real_decoder() if version == VERSIONS[0] else _eight_bits()
    logits, ids = decoder.fresh().prefill(prompts), score_ids()
    return logits[:, ids], logits.double().softmax(-1)[:, ids].sum(-1)
