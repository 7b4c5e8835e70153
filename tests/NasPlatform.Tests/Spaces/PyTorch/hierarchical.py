"""The network of a hierarchical genotype (Liu, Simonyan, Vinyals, Fernando & Kavukcuoglu 2018, arXiv 1711.00436).

What the paper leaves open is as the platform's space says: a node without a value is absent, and so are its edges; a motif without its last node passes its input on; the 1x1 and the separable
convolution give as many channels as the cell takes in, the others keep theirs; the convolution that follows a motif has batch norm and ReLU; the network has three resolutions.
"""

import torch
from torch import nn

from rebuild import Classifier, Named, conv_norm_relu, convolution, put, run


def separable(inputs, outputs, stride=1):
    return Named(
        ("depthwise", convolution(inputs, inputs, 3, stride, groups=inputs)),
        ("pointwise", convolution(inputs, outputs, 1)),
        ("norm", nn.BatchNorm2d(outputs)),
        ("relu", nn.ReLU()))


def depthwise(channels):
    return Named(
        ("conv", convolution(channels, channels, 3, groups=channels)),
        ("norm", nn.BatchNorm2d(channels)),
        ("relu", nn.ReLU()))


def primitive(digit, inputs, width):
    """An operation of level 1 and its channels."""
    return {
        1: lambda: (conv_norm_relu(inputs, width, 1), width),
        2: lambda: (depthwise(inputs), inputs),
        3: lambda: (separable(inputs, width), width),
        4: lambda: (nn.MaxPool2d(3, 1, 1), inputs),
        5: lambda: (nn.AvgPool2d(3, 1, 1, count_include_pad=False), inputs),
        6: lambda: (nn.Identity(), inputs),
    }[digit]()


class Motif(nn.Module):
    """assemble(G, o): nodes are counted from 1; node i joins, along the channels, what the operations give on the edges from earlier nodes."""

    def __init__(self, text, inputs, make):
        """make: an operation of the level below, from its digit and its input's channels, with the channels that it gives."""
        super().__init__()
        incoming = {}
        present = {1}
        for node, digits in enumerate(text.split("/"), 2):
            edges = [(source, int(digit)) for source, digit in enumerate(digits, 1) if digit != "0" and source in present]
            if edges:
                present.add(node)
                incoming[node] = edges
        last = text.count("/") + 2
        needed = {last}
        for node in range(last, 1, -1):
            if node in needed:
                needed.update(source for source, _ in incoming.get(node, []))

        channels = {1: inputs}
        self.nodes = []
        for node in range(2, last + 1):
            if node in needed and node in incoming:
                edges = []
                channels[node] = 0
                for source, digit in incoming[node]:
                    operation, outputs = make(digit, channels[source])
                    edges.append((put(self, f"edge{source}_{node}", operation), source))
                    channels[node] += outputs
                self.nodes.append((node, edges))
        self.last = last if last in incoming else 1
        self.channels = channels[self.last]

    def forward(self, x):
        values = {1: x}
        for node, edges in self.nodes:
            values[node] = torch.cat([operation(values[source]) for operation, source in edges], 1)
        return values[self.last]


class FollowedMotif(Motif):
    """A motif below the top level: a 1x1 convolution gives it as many channels as it takes in."""

    def __init__(self, text, inputs, width):
        super().__init__(text, inputs, lambda digit, channels: primitive(digit, channels, width))
        self.follow = conv_norm_relu(self.channels, inputs, 1)

    def forward(self, x):
        return self.follow(super().forward(x))


class Hierarchical(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        *motifs, top = genotype.split()
        channels, repeats = int(settings["channels"]), int(settings["repeats"])
        self.stem = conv_norm_relu(image_channels, channels, 3)
        self.steps = []
        for resolution in (1, 2, 3):
            for repeat in range(1, repeats + 1):
                name = f"resolution{resolution}/cell{repeat}"
                cell = Motif(top, channels, lambda digit, inputs, width=channels: (
                    (FollowedMotif(motifs[digit - 1], inputs, width), inputs) if motifs else primitive(digit, inputs, width)))
                halves = repeat == repeats and resolution < 3
                after = separable(cell.channels, 2 * channels if halves else channels, 2 if halves else 1)
                channels *= 2 if halves else 1
                self.steps.append(put(self, name, cell))
                self.steps.append(put(self, f"{name}/separable", after))
        self.classifier = Classifier(channels, classes)

    def forward(self, x):
        x = self.stem(x)
        for step in self.steps:
            x = step(x)
        return self.classifier(x)


if __name__ == "__main__":
    run(Hierarchical)
