"""ENAS's micro space (arXiv 1802.03268, §2.4) by hand: the network of the search and the final one.

An arc holds two cells, normal and reduction; of each node what it reads (0 the older input of the cell, 1 the newer), the
operation on it, and both again. What the sources leave open, and how it is here: windows of stride 2 are padded alike on both
sides, where TensorFlow pads below and right only; batch norm's epsilon is 0.001 everywhere.
"""
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

import rebuild
from enas import FactorizedReduction, conv_norm, norm

NAMES = ["sep_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3", "identity"]


def separable(channels, size, stride):
    return nn.Sequential(OrderedDict(
        relu=nn.ReLU(),
        depthwise=nn.Conv2d(channels, channels, size, stride, size // 2, groups=channels, bias=False),
        pointwise=nn.Conv2d(channels, channels, 1, bias=False),
        norm=norm(channels)))


def operation(number, channels, stride):
    if number < 2:
        size = [3, 5][number]
        return nn.Sequential(OrderedDict(first=separable(channels, size, stride), second=separable(channels, size, 1)))
    if number == 2:
        return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
    if number == 3:
        return nn.MaxPool2d(3, stride, 1)
    return nn.Identity() if stride == 1 else FactorizedReduction(channels, channels)


class Node(nn.Module):
    """The sum of an operation on each of two places."""

    def __init__(self, arc, channels, stride, final):
        super().__init__()
        self.arc = arc
        for side, (place, number) in zip("xy", arc):
            module = operation(number, channels, stride if place < 2 else 1)
            # In the search, an operation has weights of its own for each place that it may read.
            self.add_module(side, nn.ModuleDict({NAMES[number]: module if final else nn.ModuleDict({f"from{place + 1}": module})}))
        self.final = final

    def forward(self, places):
        results = []
        for side, (place, number) in zip("xy", self.arc):
            module = getattr(self, side)[NAMES[number]]
            results.append((module if self.final else module[f"from{place + 1}"])(places[place]))
        return results[0] + results[1]


class Cell(nn.Module):
    """inputs: what the cell reads, the older first, as (channels, how many times halved); gives: likewise what it gives out."""

    def __init__(self, arc, inputs, channels, stride, final):
        super().__init__()
        self.arc, self.final = arc, final
        (older, older_size), (newer, newer_size) = inputs
        calibrate = OrderedDict()
        if older_size != newer_size:
            calibrate["older"] = FactorizedReduction(older, channels)
        elif older != channels:
            calibrate["older"] = conv_norm(older, channels, 1)
        if newer != channels:
            calibrate["newer"] = conv_norm(newer, channels, 1)
        if calibrate:
            self.calibrate = nn.ModuleDict(calibrate)
        if final:
            self.base = conv_norm(channels, channels, 1)

        for index, node in enumerate(arc):
            self.add_module(f"node{index + 3}", Node(node, channels, stride, final))
        read = {place for node in arc for place, _ in node}
        self.ends = [place for place in range(len(arc) + 2) if place not in read]
        if final:
            # An input that nobody reads is as large as it came.
            late = {f"from{place + 1}": FactorizedReduction(channels, channels) for place in self.ends if place < 2 and stride == 2}
            if late:
                self.output = nn.ModuleDict(late)
            self.gives = (channels * len(self.ends), newer_size + stride - 1)
        else:
            output = OrderedDict((f"from{place + 1}", nn.ModuleDict({"conv": nn.Conv2d(channels, channels, 1, bias=False)})) for place in self.ends)
            output["norm"] = norm(channels)
            self.output = nn.ModuleDict(output)
            self.gives = (channels, newer_size)

    def forward(self, older, newer):
        places = [older, newer]
        if hasattr(self, "calibrate"):
            for index, name in enumerate(["older", "newer"]):
                if name in self.calibrate:
                    places[index] = self.calibrate[name](F.relu(places[index]))
        if self.final:
            places[1] = self.base(F.relu(places[1]))
        for index in range(len(self.arc)):
            places.append(getattr(self, f"node{index + 3}")(places))

        if self.final:
            late = getattr(self, "output", {})
            return torch.cat([late[f"from{place + 1}"](places[place]) if f"from{place + 1}" in late else places[place] for place in self.ends], 1)

        # One 1x1 convolution of all loose ends; of its weights, those of each place are kept apart.
        weight = torch.cat([self.output[f"from{place + 1}"]["conv"].weight for place in self.ends], 1)
        return self.output["norm"](F.conv2d(F.relu(torch.cat([places[place] for place in self.ends], 1)), weight))


class Network(nn.Module):
    def __init__(self, arc, nodes, cells, channels, final, image_channels, classes):
        super().__init__()
        numbers = [int(word) for word in arc.split()]
        assert len(numbers) == 8 * (nodes - 2), f"the arc has {len(numbers)} numbers"
        sides = list(zip(numbers[::2], numbers[1::2]))
        both = list(zip(sides[::2], sides[1::2]))
        normal, reduction = both[:nodes - 2], both[nodes - 2:]

        self.stem = conv_norm(image_channels, 3 * channels, 3)
        self.cells = cells + 2
        inputs = [(3 * channels, 0), (3 * channels, 0)]
        for index in range(self.cells):
            reduces = index in (cells // 3, 2 * (cells // 3) + 1)
            channels = 2 * channels if reduces else channels
            reduce = None
            if reduces and not final:
                # In the search, the size is halved before the reduction cell, which reads what was there and what it became.
                reduce = FactorizedReduction(inputs[1][0], channels)
                inputs = [inputs[1], (channels, inputs[1][1] + 1)]
            cell = Cell(reduction if reduces else normal, inputs, channels, 2 if reduces and final else 1, final)
            cell.reduce = reduce
            self.add_module(f"layer{index + 1}", cell)
            inputs = [inputs[1], cell.gives]
        self.classifier = nn.ModuleDict({"linear": nn.Linear(inputs[1][0], classes, bias=False)})

    def forward(self, x):
        older = newer = self.stem(x)
        for index in range(self.cells):
            cell = getattr(self, f"layer{index + 1}")
            if cell.reduce:
                older, newer = newer, cell.reduce(newer)
            older, newer = newer, cell(older, newer)
        return self.classifier["linear"](F.relu(newer).mean((2, 3)))


rebuild.run(lambda genotype, settings, channels, classes: Network(
    genotype, int(settings["nodes"]), int(settings["cells"]), int(settings["channels"]), settings["network"] == "final", channels, classes))
