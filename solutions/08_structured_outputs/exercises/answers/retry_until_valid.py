"""Answers to `retry_until_valid`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: a for loop
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% right: a while loop that counts
def retry_until_valid(sample, is_valid, max_attempts):
    attempts = 0
    while attempts < max_attempts:
        output = sample()
        attempts += 1
        if is_valid(output):
            return (output, attempts)
    return (None, attempts)


# %% right: recursion
def retry_until_valid(sample, is_valid, max_attempts):
    output = sample()
    if is_valid(output):
        return output, 1
    if max_attempts == 1:
        return None, 1
    found, more = retry_until_valid(sample, is_valid, max_attempts - 1)
    return found, more + 1


# %% right: a lazy generator, and a list for the pair
def retry_until_valid(sample, is_valid, max_attempts):
    tries = ((sample(), number) for number in range(1, max_attempts + 1))
    return next(([output, number] for output, number in tries if is_valid(output)), [None, max_attempts])


# %% right: a flag
def retry_until_valid(sample, is_valid, max_attempts):
    made, found, valid = 0, None, False
    while made != max_attempts and not valid:
        candidate = sample()
        made += 1
        valid = bool(is_valid(candidate))
        found = candidate if valid else None
    return found, made


# %% wrong: the last invalid output is returned | expects: invalid / none
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            break
    return output, attempt


# %% wrong: attempts counted from zero | expects: zero / one too few / off by one
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(max_attempts):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: counts the retries after the first | expects: first / too few / retr
def retry_until_valid(sample, is_valid, max_attempts):
    retries = 0
    output = sample()
    while not is_valid(output):
        if retries == max_attempts - 1:
            return None, retries
        output = sample()
        retries += 1
    return output, retries


# %% wrong: one call more than allowed | expects: more / max_attempts / once too often
def retry_until_valid(sample, is_valid, max_attempts):
    output = sample()
    attempts = 1
    while not is_valid(output):
        if attempts > max_attempts:
            return None, attempts
        output = sample()
        attempts += 1
    return output, attempts


# %% wrong: max_attempts retries after the first | expects: more / max_attempts / once too often
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 2):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: samples again to return | expects: again / another / call
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        if is_valid(sample()):
            return sample(), attempt
    return None, max_attempts


# %% wrong: draws them all first | expects: stop / as soon as / call
def retry_until_valid(sample, is_valid, max_attempts):
    outputs = [sample() for _ in range(max_attempts)]
    for attempt, output in enumerate(outputs, start=1):
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: checks the truth of the output | expects: is_valid / empty / falsy
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if output and is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: an empty valid output becomes None | expects: empty / falsy / is_valid
def retry_until_valid(sample, is_valid, max_attempts):
    found = None
    attempts = 0
    for _ in range(max_attempts):
        output = sample()
        attempts += 1
        if is_valid(output):
            found = output
            break
    return found or None, attempts


# %% wrong: the order of the pair | expects: order / swapped / (output, attempts)
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return attempt, output
    return max_attempts, None


# %% wrong: raises when none was valid | expects: none / runtimeerror
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    raise RuntimeError(f"no valid output in {max_attempts} attempts")


# %% wrong: one attempt only | expects: max_attempts / until / gave up / one attempt
def retry_until_valid(sample, is_valid, max_attempts):
    output = sample()
    return (output, 1) if is_valid(output) else (None, 1)


# %% wrong: the same output is checked again and again | expects: again / new / each attempt / call
def retry_until_valid(sample, is_valid, max_attempts):
    output = sample()
    for attempt in range(1, max_attempts + 1):
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: the last attempt is not checked | expects: last
def retry_until_valid(sample, is_valid, max_attempts):
    output, attempts = sample(), 1
    while attempts < max_attempts:
        if is_valid(output):
            return output, attempts
        output = sample()
        attempts += 1
    return None, attempts


# %% wrong: one attempt too few | expects: max_attempts / last
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: attempts is 0 when none was valid | expects: attempts / calls
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, 0


# %% wrong: None alone when none was valid | expects: pair / none / return
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None


# %% wrong: attempts is always the limit | expects: attempts / calls / max_attempts
def retry_until_valid(sample, is_valid, max_attempts):
    for _ in range(max_attempts):
        output = sample()
        if is_valid(output):
            return output, max_attempts
    return None, max_attempts


# %% wrong: goes on after the limit until one is valid | expects: max_attempts / more
def retry_until_valid(sample, is_valid, max_attempts):
    attempts = 0
    while True:
        attempts += 1
        output = sample()
        if is_valid(output):
            return output, attempts


# %% wrong: returns whether it is valid | expects: output / is_valid / true
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        valid = is_valid(sample())
        if valid:
            return valid, attempt
    return None, max_attempts


# %% wrong: None counts as valid at once | expects: is_valid / invalid / none
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output) is not None:
            return output, attempt
    return None, max_attempts


# %% wrong: one counter for all calls of the function | expects: count / call / start
calls_so_far = [0]


def retry_until_valid(sample, is_valid, max_attempts):
    for _ in range(max_attempts):
        output = sample()
        calls_so_far[0] += 1
        if is_valid(output):
            return output, calls_so_far[0]
    return None, calls_so_far[0]

# %% wrong: outputs seen before are not counted | expects: every call / same output
def retry_until_valid(sample, is_valid, max_attempts):
    seen = []; n = 0
    while n < max_attempts:
        o = sample()
        if o in seen:
            continue
        seen.append(o); n += 1
        if is_valid(o):
            return o, n
    return None, n


# %% right: counting up without end, and lists
from itertools import count


def retry_until_valid(sample, is_valid, max_attempts):
    for n in count(1):
        output = sample()
        if is_valid(output):
            return [output, n]
        if n >= max_attempts:
            return [None, n]


# %% wrong: at most 64 attempts | expects: attempts
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, min(max_attempts, 64) + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: no more than a hundred attempts | expects: max_attempts
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, min(max_attempts, 100) + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts


# %% wrong: an output None is no attempt | expects: paid for
def retry_until_valid(sample, is_valid, max_attempts):
    attempts = 0
    while attempts < max_attempts:
        output = sample()
        if output is None:
            continue
        attempts += 1
        if is_valid(output):
            return output, attempts
    return None, attempts


# %% right: a counter of calls round the sampler, and an iterator with a bound
def retry_until_valid(sample, is_valid, max_attempts):
    from itertools import islice

    made = []

    def outputs():
        while True:
            made.append(1)
            yield sample()

    found = next((output for output in islice(outputs(), max_attempts) if is_valid(output)), None)
    return found, len(made)


# %% wrong: the valid output is not returned | expects: A valid output came
def retry_until_valid(sample, is_valid, max_attempts):
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return None, attempt
    return None, max_attempts


# %% wrong: the first call is counted twice | expects: one too many
def retry_until_valid(sample, is_valid, max_attempts):
    attempts = 1
    for _ in range(max_attempts):
        output = sample()
        attempts += 1
        if is_valid(output):
            return output, attempts
    return None, max_attempts


# %% wrong: a valid None is taken for nothing found | of: a while loop that counts | expects: an output None may be valid
# -         if is_valid(output):
# +         if is_valid(output) and output is not None:


# %% wrong: a verdict is kept for each text | of: a while loop that counts | expects: as it is
# -     attempts = 0
# +     attempts, judged = 0, {}

# -         if is_valid(output):
# +         if judged.setdefault(str(output), is_valid(output)):


# %% wrong: the output is stripped before it is judged | of: a while loop that counts | expects: ' ok'
# -         attempts += 1
# +         attempts += 1
# +         output = output.strip() if isinstance(output, str) else output


# %% wrong: gives up when an output repeats itself | of: a while loop that counts | expects: twice in a row
# -     attempts = 0
# +     attempts, last = 0, object()

# -             return (output, attempts)
# +             return (output, attempts)
# +         if output == last:
# +             break
# +         last = output


# %% wrong: the output as text | of: a while loop that counts | expects: not as text
# -             return (output, attempts)
# +             return (str(output), attempts)
