"""Answers to `pairwise_accuracy`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a loop
def pairwise_accuracy(chosen, rejected):
    total = 0.0
    for c, r in zip(chosen.tolist(), rejected.tolist()):
        total += 1.0 if c > r else 0.5 if c == r else 0.0
    return total / len(chosen)


# %% right: from signs
def pairwise_accuracy(chosen, rejected):
    return ((chosen - rejected).sign().double().mean().item() + 1) / 2


# %% right: torch.heaviside, as a tensor
import torch


def pairwise_accuracy(chosen, rejected):
    return torch.heaviside((chosen - rejected).double(), torch.tensor(0.5).double()).mean()


# %% right: both comparisons averaged
def pairwise_accuracy(chosen, rejected):
    return ((chosen > rejected).double().mean() + (chosen >= rejected).double().mean()).item() / 2


# %% wrong: ties lost | expects: ties count as lost
def pairwise_accuracy(chosen, rejected):
    return (chosen > rejected).double().mean().item()


# %% wrong: ties won | expects: ties count as won
def pairwise_accuracy(chosen, rejected):
    return (chosen >= rejected).double().mean().item()


# %% wrong: ties left out | expects: left out
def pairwise_accuracy(chosen, rejected):
    told = chosen != rejected
    return (chosen[told] > rejected[told]).double().mean().item()


# %% wrong: the lower one wins | expects: order
def pairwise_accuracy(chosen, rejected):
    return ((chosen < rejected).double() + 0.5 * (chosen == rejected).double()).mean().item()


# %% wrong: the lower one wins, ties lost | expects: order
def pairwise_accuracy(chosen, rejected):
    return (chosen < rejected).double().mean().item()


# %% wrong: a count | expects: divide
def pairwise_accuracy(chosen, rejected):
    return ((chosen > rejected).double() + 0.5 * (chosen == rejected).double()).sum().item()


# %% wrong: percent | expects: percent
def pairwise_accuracy(chosen, rejected):
    won = (chosen > rejected).double() + 0.5 * (chosen == rejected).double()
    return 100 * won.mean().item()


# %% wrong: pair by pair | expects: one number
def pairwise_accuracy(chosen, rejected):
    return (chosen > rejected).double() + 0.5 * (chosen == rejected).double()


# %% wrong: each against all | expects: own rejected
def pairwise_accuracy(chosen, rejected):
    d = chosen[:, None] - rejected[None, :]
    return ((d > 0).double() + 0.5 * (d == 0).double()).mean().item()


# %% wrong: probabilities | expects: probabilities
def pairwise_accuracy(chosen, rejected):
    return (chosen - rejected).sigmoid().mean().item()


# %% wrong: the means | expects: means
def pairwise_accuracy(chosen, rejected):
    return float(chosen.mean() > rejected.mean())


# %% wrong: signs | expects: signs
def pairwise_accuracy(chosen, rejected):
    return (chosen - rejected).sign().mean().item()


# %% wrong: nearly equal is a tie | expects: exactly
import torch


def pairwise_accuracy(chosen, rejected):
    tied = torch.isclose(chosen, rejected, atol=1e-3)
    return (((chosen > rejected) & ~tied).double() + 0.5 * tied.double()).mean().item()


# %% wrong: rounded to whole rewards | expects: 1/2 at a tie / exactly
def pairwise_accuracy(chosen, rejected):
    c, r = chosen.round(), rejected.round()
    return ((c > r).double() + 0.5 * (c == r).double()).mean().item()


# %% wrong: a tie counts a quarter | expects: 1/2 at a tie
def pairwise_accuracy(chosen, rejected):
    return ((chosen > rejected).double() + 0.25 * (chosen == rejected).double()).mean().item()


# %% wrong: rewards above 0 | expects: 1/2 at a tie / higher / own rejected
def pairwise_accuracy(chosen, rejected):
    return ((chosen > 0).double().mean().item() + (rejected < 0).double().mean().item()) / 2


# %% wrong: fails when all are ties | expects: all are ties
def pairwise_accuracy(chosen, rejected):
    won, lost = int((chosen > rejected).sum()), int((chosen < rejected).sum())
    ties = len(chosen) - won - lost
    return (won + ties / 2) / len(chosen) * ((won + lost) / (won + lost))


# %% right: signs of differences, halfway up
def pairwise_accuracy(chosen, rejected):
    return ((chosen - rejected).sign().double().mean().item() + 1) / 2


# %% wrong: nearly equal by isclose | expects: differ a little
import torch


def pairwise_accuracy(chosen, rejected):
    tied = torch.isclose(chosen, rejected)
    won = (chosen > rejected) & ~tied
    return (won.double() + tied.double() / 2).mean().item()


# %% wrong: sigmoids compared | expects: all sigmoids
def pairwise_accuracy(chosen, rejected):
    ours, theirs = chosen.sigmoid(), rejected.sigmoid()
    return ((ours > theirs).double() + (ours == theirs).double() / 2).mean().item()


# %% wrong: ties are in the wins already | expects: one and a half
def pairwise_accuracy(chosen, rejected):
    return float(((chosen >= rejected).double() + 0.5 * (chosen == rejected).double()).mean())


# %% wrong: half of the ties in whole numbers | expects: do not divide with //
def pairwise_accuracy(chosen, rejected):
    won, tied = int((chosen > rejected).sum()), int((chosen == rejected).sum())
    return (won + tied // 2) / len(chosen)


# %% wrong: a single pair is won or lost | expects: single pair
def pairwise_accuracy(chosen, rejected):
    if len(chosen) == 1:
        return float(chosen[0] > rejected[0])
    return float(((chosen > rejected).double() + (chosen == rejected).double() / 2).mean())


# %% wrong: the probability against one half | expects: no tie
import torch


def pairwise_accuracy(chosen, rejected):
    p = torch.sigmoid(chosen - rejected)
    if chosen.abs().max() > 20:
        p = (chosen - rejected).sign() / 2 + 0.5
    return float(((p > 0.5).double() + (p == 0.5).double() / 2).mean())


# %% wrong: single precision | expects: no tie
def pairwise_accuracy(chosen, rejected):
    chosen, rejected = chosen.float(), rejected.float()
    return float(((chosen > rejected).double() + (chosen == rejected).double() / 2).mean())
