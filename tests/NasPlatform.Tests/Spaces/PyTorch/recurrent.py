"""What the rebuilds of recurrent networks share: the network around a cell, without dropout.

A cell is a module whose forward(x, states) takes one step's numbers [batch, features] and a tuple of states, and gives the states after; the first is what the layer gives out. A text's
input is token numbers; a series' is [batch, variables, 1, steps].
"""

import torch
from torch import nn

from rebuild import put


class Tied(nn.Module):
    """A full layer whose matrix is another module's."""

    def __init__(self, embedding, count):
        super().__init__()
        self.matrix = [embedding]  # in a list, so that it is no submodule
        self.bias = nn.Parameter(torch.zeros(count))

    def forward(self, x):
        return x @ self.matrix[0].weight.t() + self.bias


class RecurrentNetwork(nn.Module):
    """make(features) is a cell; states is how many it has."""

    def __init__(self, make, states, settings, channels, classes):
        super().__init__()
        self.hidden, self.states = int(settings["hidden"]), states
        size = int(settings["embedding"]) if channels == 0 else channels
        if channels == 0:
            self.embedding = nn.Embedding(classes, size)
        self.is_text = channels == 0
        self.cells = [put(self, f"layer{number + 1}", make(size if number == 0 else self.hidden)) for number in range(int(settings["layers"]))]
        tied = self.is_text and size == self.hidden
        put(self, "output/linear", Tied(self.embedding, classes) if tied else nn.Linear(self.hidden, classes))

    def forward(self, x):
        steps = self.embedding(x.long()).unbind(1) if self.is_text else x[:, :, 0].unbind(2)
        for cell in self.cells:
            state = tuple(torch.zeros(len(x), self.hidden) for _ in range(self.states))
            outputs = []
            for step in steps:
                state = cell(step, state)
                outputs.append(state[0])
            steps = outputs
        return self.output.linear(torch.stack(steps, 1) if self.is_text else steps[-1])


FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda x: x}
