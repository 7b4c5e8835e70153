"""The network of a NAS-Bench-101 cell (Ying et al. 2019, arXiv 1902.09635; google-research/nasbench lib/model_spec.py, lib/model_builder.py)."""

import torch
from torch import nn

from rebuild import Classifier, conv_norm_relu, put, run


def prune(matrix, operations):
    """The cell without the vertices that are not on a path from the first to the last."""
    count = len(matrix)

    def reach(start, edge):
        found, open_ = {start}, [start]
        while open_:
            vertex = open_.pop()
            for other in range(count):
                if edge(vertex, other) and other not in found:
                    found.add(other)
                    open_.append(other)
        return found

    kept = sorted(reach(0, lambda a, b: matrix[a][b]) & reach(count - 1, lambda a, b: matrix[b][a]))
    return [[matrix[a][b] for b in kept] for a in kept], [operations[vertex] for vertex in kept]


def vertex_channels(inputs, outputs, matrix):
    last = len(matrix) - 1
    channels = [0] * (last + 1)
    channels[0], channels[last] = inputs, outputs
    feeders = [vertex for vertex in range(1, last) if matrix[vertex][last]]
    if not feeders:
        return channels
    share, rest = divmod(outputs, len(feeders))
    for place, vertex in enumerate(feeders):
        channels[vertex] = share + (1 if place < rest else 0)
    for vertex in range(last - 1, 0, -1):
        if not matrix[vertex][last]:
            channels[vertex] = max(channels[other] for other in range(vertex + 1, last) if matrix[vertex][other])
    return channels


class Cell(nn.Module):
    def __init__(self, matrix, operations, inputs, outputs):
        super().__init__()
        self.matrix = matrix
        self.channels = vertex_channels(inputs, outputs, matrix)
        self.projections = {}
        self.operations = {}
        last = len(matrix) - 1
        for vertex in range(1, last + 1):
            width = self.channels[vertex]
            if vertex < last:
                self.operations[vertex] = put(self, f"vertex{vertex}", {
                    "conv3x3-bn-relu": lambda: conv_norm_relu(width, width, 3),
                    "conv1x1-bn-relu": lambda: conv_norm_relu(width, width, 1),
                    "maxpool3x3": lambda: nn.MaxPool2d(3, 1, 1),
                }[operations[vertex]]())
            if matrix[0][vertex]:
                self.projections[vertex] = put(self, f"vertex{vertex}/projection", conv_norm_relu(inputs, width, 1))

    def forward(self, x):
        values = [x]
        last = len(self.matrix) - 1
        for vertex in range(1, last):
            terms = [values[source][:, :self.channels[vertex]] for source in range(1, vertex) if self.matrix[source][vertex]]
            if vertex in self.projections:
                terms.append(self.projections[vertex](x))
            values.append(self.operations[vertex](sum(terms)))
        joined = [values[source] for source in range(1, last) if self.matrix[source][last]]
        terms = [torch.cat(joined, 1)] if joined else []
        if last in self.projections:
            terms.append(self.projections[last](x))
        return sum(terms)


class NasBench101(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        rows, _, names = genotype.partition(" ")
        matrix = [[int(digit) for digit in row] for row in rows.split("/")]
        matrix, operations = prune(matrix, ["input", *(names.split(",") if names else []), "output"])
        channels, cells = int(settings["channels"]), int(settings["cells"])
        self.stem = conv_norm_relu(image_channels, channels, 3)
        self.steps = []
        inputs = channels
        for stack in (1, 2, 3):
            if stack > 1:
                self.steps.append(nn.MaxPool2d(2, 2))
                channels *= 2
            for number in range(1, cells + 1):
                self.steps.append(put(self, f"stack{stack}/cell{number}", Cell(matrix, operations, inputs, channels)))
                inputs = channels
        self.classifier = Classifier(channels, classes)

    def forward(self, x):
        x = self.stem(x)
        for step in self.steps:
            x = step(x)
        return self.classifier(x)


if __name__ == "__main__":
    run(NasBench101)
