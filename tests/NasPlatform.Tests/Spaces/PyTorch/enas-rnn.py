"""The recurrent network of ENAS (Pham et al. 2018, arXiv 1802.03268, section 2.1 and appendix; melodyguan/enas src/ptb, google-research enas_lm)."""

import torch
from torch import nn

from rebuild import put, run
from recurrent import FUNCTIONS, RecurrentNetwork


class Cell(nn.Module):
    """k_1 = c act(x Wx + h Wh) + (1 - c) h; k_l = c act(k_j W) + (1 - c) k_j, with gates c of matrices of their own; h is a mean of nodes."""

    def __init__(self, arc, corrected, features, hidden):
        super().__init__()
        numbers = [int(number) for number in arc.split()]
        functions = ["tanh", "relu", "sigmoid", "identity"] if corrected else ["tanh", "relu", "identity", "sigmoid"]
        if corrected:
            numbers.insert(0, 0)  # node 1 is a tanh and not in the arc
        self.function = FUNCTIONS[functions[numbers[0]]]
        self.pairs = [(numbers[at], FUNCTIONS[functions[numbers[at + 1]]]) for at in range(1, len(numbers), 2)]
        self.first = [put(self, f"node1/{part}", nn.Linear(size, 2 * hidden, bias=False)) for part, size in (("input", features), ("state", hidden))]
        self.matrices = [put(self, f"node{node}/from{j + 1}", nn.Linear(hidden, 2 * hidden, bias=False)) for node, (j, _) in enumerate(self.pairs, 2)]
        read = {j for j, _ in self.pairs}
        self.ends = [node for node in range(len(self.pairs) + 1) if (node > 0 if corrected else node not in read)]

    def forward(self, x, state):
        (h,) = state
        hidden = h.shape[1]
        of_x, of_h = (layer.weight for layer in self.first)
        gate = torch.sigmoid(x @ of_x[:hidden].t() + h @ of_h[:hidden].t())
        value = self.function(x @ of_x[hidden:].t() + h @ of_h[hidden:].t())
        k = [gate * value + (1 - gate) * h]
        for (j, function), matrix in zip(self.pairs, self.matrices):
            gate = torch.sigmoid(k[j] @ matrix.weight[:hidden].t())
            k.append(gate * function(k[j] @ matrix.weight[hidden:].t()) + (1 - gate) * k[j])
        return (sum(k[end] for end in self.ends) / len(self.ends),)


def build(genotype, settings, channels, classes):
    corrected = settings["variant"] == "google-research"
    return RecurrentNetwork(lambda features: Cell(genotype, corrected, features, int(settings["hidden"])), 1, settings, channels, classes)


run(build)
