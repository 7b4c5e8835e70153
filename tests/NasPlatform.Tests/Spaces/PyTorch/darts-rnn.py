"""The recurrent network of DARTS (Liu, Simonyan & Yang 2019, arXiv 1806.09055; quark0/darts rnn/model.py)."""

import torch
from torch import nn

from rebuild import put, run
from recurrent import FUNCTIONS, RecurrentNetwork


class Cell(nn.Module):
    """s0 = h + c (tanh(u) - h) with (c, u) = [x, h] W0; s_i = s_j + c (f(u) - s_j) with (c, u) = s_j W_i; h is the mean of the nodes."""

    def __init__(self, text, output, features, hidden):
        super().__init__()
        self.recipe = [(function, int(place)) for function, place in (word.split("@") for word in text.split())]
        self.first = [put(self, f"node0/{part}", nn.Linear(size, 2 * hidden, bias=False)) for part, size in (("input", features), ("state", hidden))]
        self.later = [put(self, f"node{node + 1}/linear", nn.Linear(hidden, 2 * hidden, bias=False)) for node in range(len(self.recipe))]
        read = {place for _, place in self.recipe}
        self.mean_of = [node for node in range(1, len(self.recipe) + 1) if output == "all" or node not in read]

    def forward(self, x, state):
        (h,) = state
        w0 = torch.cat([layer.weight.t() for layer in self.first])
        c, u = torch.split(torch.cat([x, h], 1) @ w0, h.shape[1], 1)
        nodes = [h + torch.sigmoid(c) * (torch.tanh(u) - h)]
        for (function, place), layer in zip(self.recipe, self.later):
            s = nodes[place]
            c, u = torch.split(s @ layer.weight.t(), h.shape[1], 1)
            nodes.append(s + torch.sigmoid(c) * (FUNCTIONS[function](u) - s))
        return (torch.mean(torch.stack([nodes[node] for node in self.mean_of], -1), -1),)


def build(genotype, settings, channels, classes):
    return RecurrentNetwork(lambda features: Cell(genotype, settings["output"], features, int(settings["hidden"])), 1, settings, channels, classes)


run(build)
