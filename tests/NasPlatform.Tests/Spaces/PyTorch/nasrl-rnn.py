"""The recurrent network of Zoph & Le 2017 (arXiv 1611.01578, section 3.4): a tree of sums and products with a function after each."""

from torch import nn

from rebuild import put, run
from recurrent import FUNCTIONS, RecurrentNetwork


class Cell(nn.Module):
    """Leaves combine W x and U h; the others combine two nodes. At one node c enters after the function; of one the value before the function is c afterwards."""

    def __init__(self, text, leaves, features, hidden):
        super().__init__()
        *nodes, inject, index = text.split()
        self.nodes = [word.split("-") for word in nodes]
        pair, at = inject[len("inject="):].split("@")
        self.inject, self.at, self.index = pair.split("-"), int(at), int(index[len("c="):])
        self.leaves = [tuple(put(self, f"node{leaf}/{part}", nn.Linear(size, hidden, bias=False)) for part, size in (("input", features), ("state", hidden))) for leaf in range(leaves)]

    def forward(self, x, state):
        h, c = state
        values, before = [], []

        def node(combination, left, right):
            return left + right if combination == "add" else left * right

        def add(left, right):
            number = len(values)
            combination, function = self.nodes[number]
            before.append(node(combination, left, right))
            value = FUNCTIONS[function](before[-1])
            values.append(FUNCTIONS[self.inject[1]](node(self.inject[0], value, c)) if number == self.at else value)
            return number

        level = [add(of_x(x), of_h(h)) for of_x, of_h in self.leaves]
        while len(level) > 1:
            level = [add(values[level[at]], values[level[at + 1]]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
        return values[-1], before[self.index]


def build(genotype, settings, channels, classes):
    return RecurrentNetwork(lambda features: Cell(genotype, int(settings["base"]), features, int(settings["hidden"])), 2, settings, channels, classes)


run(build)
