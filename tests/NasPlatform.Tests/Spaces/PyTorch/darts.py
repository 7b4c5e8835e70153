"""The network of two DARTS cells (Liu, Simonyan & Yang 2019, arXiv 1806.09055; quark0/darts cnn/model.py), without the auxiliary head."""

import torch
from torch import nn

from rebuild import Classifier, FactorisedReduction, Named, conv_norm, conv_norm_relu, convolution, put, relu_conv_norm, run, separable_once, separable_twice


def operation(name, channels, stride):
    if name == "max_pool_3x3":
        return nn.MaxPool2d(3, stride, 1)
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorisedReduction(channels, channels, relu=True)
    if name.startswith("sep_conv_"):
        return separable_twice(channels, channels, int(name[-1]), stride)
    if name.startswith("dil_conv_"):
        return separable_once(channels, channels, int(name[-1]), stride, dilation=2)
    # Of other papers' cells: 1x7 strides across, then 7x1 down.
    long = {"conv_7x1_1x7": 7, "conv_3x1_1x3": 3}[name]
    return Named(
        ("relu", nn.ReLU()),
        ("across", convolution(channels, channels, (1, long), (1, stride))),
        ("down", convolution(channels, channels, (long, 1), (stride, 1))),
        ("norm", nn.BatchNorm2d(channels)))


class Cell(nn.Module):
    """Places 0 and 1 are what the last cell but one and the last cell gave; then come the nodes, each the sum of two branches."""

    def __init__(self, text, older, newer, channels, halves, older_is_larger):
        super().__init__()
        words = text.split()
        self.given_out = [int(place) for place in words.pop()[len("out="):].split(",")] if words[-1].startswith("out=") else None
        self.older = FactorisedReduction(older, channels, relu=True) if older_is_larger else relu_conv_norm(older, channels, 1)
        self.newer = relu_conv_norm(newer, channels, 1)
        self.nodes = []
        for place, word in enumerate(words, 2):
            node = []
            for side, branch in zip("xy", word.split("+")):
                name, source = branch.split("@")
                stride = 2 if halves and int(source) < 2 else 1
                node.append((put(self, f"node{place}/{side}/{name}", operation(name, channels, stride)), int(source)))
            self.nodes.append(node)
        self.given_out = self.given_out or list(range(2, 2 + len(words)))
        self.channels = channels * len(self.given_out)

    def forward(self, older, newer):
        places = [self.older(older), self.newer(newer)]
        for (first, left), (second, right) in self.nodes:
            places.append(first(places[left]) + second(places[right]))
        return torch.cat([places[place] for place in self.given_out], 1)


class Darts(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        normal, reduction = genotype.split(" / ")
        cells, channels = int(settings["cells"]), int(settings["channels"])
        self.large_images = settings["stem"] == "imagenet"
        if self.large_images:
            # Three convolutions of stride 2; what the second gives is the first cell's older input, twice as large as the newer.
            half = channels // 2
            self.stem1 = conv_norm_relu(image_channels, half, 3, 2)
            self.stem2 = conv_norm(half, channels, 3, 2)
            self.stem3 = relu_conv_norm(channels, channels, 3, 2)
            older = newer = channels
        else:
            self.stem = conv_norm(image_channels, 3 * channels, 3)
            older = newer = 3 * channels

        self.cells = []
        older_is_larger = self.large_images
        for number in range(cells):
            halves = number in (cells // 3, 2 * cells // 3)
            channels *= 2 if halves else 1
            cell = Cell(reduction if halves else normal, older, newer, channels, halves, older_is_larger)
            self.cells.append(put(self, f"cell{number + 1}", cell))
            older, newer, older_is_larger = newer, cell.channels, halves
        self.classifier = Classifier(newer, classes)

    def forward(self, x):
        if self.large_images:
            older = self.stem2(self.stem1(x))
            newer = self.stem3(older)
        else:
            older = newer = self.stem(x)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        return self.classifier(newer)


if __name__ == "__main__":
    run(Darts)
