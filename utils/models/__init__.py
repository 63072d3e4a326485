"""Models: attention, transformer, recurrent, state space, experts, pretrained weights."""
