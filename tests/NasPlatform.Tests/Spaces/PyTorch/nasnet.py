"""The network of two NASNet cells (Zoph, Vasudevan, Shlens & Le 2018, arXiv 1707.07012; tensorflow/models slim/nets/nasnet), without the auxiliary head.

The released code knows the operations of the released cells. For the rest of the paper's thirteen, and for nodes that join, this follows what the platform's space says it chose: every
convolution is ReLU, convolution, batch norm; 1x7 strides across, then 7x1 down; a joined node has 2F channels until an operation or the cell's output brings it to F.

AmoebaNet's cells (Real et al. 2019, arXiv 1802.01548; tensorflow/tpu models/official/amoeba_net) work in the same network; there full convolutions are bottlenecks.
"""

import re

import torch
from torch import nn

from rebuild import Classifier, FactorisedReduction, Named, conv_norm, convolution, put, relu_conv_norm, run, separable_twice


def halving(inputs, outputs, relu):
    """A factorised reduction needs an even number of channels; for an odd one (11 in the mobile network) the space takes a 1x1 convolution of stride 2."""
    if outputs % 2 == 0:
        return FactorisedReduction(inputs, outputs, relu)
    return relu_conv_norm(inputs, outputs, 1, 2) if relu else conv_norm(inputs, outputs, 1, 2)


def operation(name, inputs, filters, stride, bottleneck):
    size = int(name[-1]) if name[-1].isdigit() else None
    if name == "identity":
        return nn.Identity() if stride == 1 and inputs == filters else relu_conv_norm(inputs, filters, 1, stride)
    if "_pool_" in name:
        if name == "max_pool_2x2":
            pool = MaxPool2x2(stride)
        elif name.startswith("max"):
            pool = nn.MaxPool2d(size, stride, size // 2)
        else:
            pool = nn.AvgPool2d(size, stride, size // 2, count_include_pad=False)
        return pool if inputs == filters else Named(("pool", pool), ("conv", convolution(inputs, filters, 1)), ("norm", nn.BatchNorm2d(filters)))
    if name.startswith("sep_conv_"):
        return separable_twice(inputs, filters, size, stride)
    if name == "dil_conv_3x3":
        return Named(("relu", nn.ReLU()), ("conv", convolution(inputs, filters, 3, stride, dilation=2)), ("norm", nn.BatchNorm2d(filters)))
    if name == "conv_1x1" or name == "conv_3x3" and not bottleneck:
        return relu_conv_norm(inputs, filters, size, stride)
    between = filters // 4 if bottleneck else filters
    parts = [("before", relu_conv_norm(inputs, between, 1))] if bottleneck else []
    if name == "conv_3x3":
        parts += [("relu", nn.ReLU()), ("conv", convolution(between, between, 3, stride)), ("norm", nn.BatchNorm2d(between))]
    else:
        long = {"conv_1x3_3x1": 3, "conv_1x7_7x1": 7}[name]
        parts.append(("across", relu_conv_norm(between if bottleneck else inputs, between, (1, long), (1, stride))))
        parts.append(("down", relu_conv_norm(between, between, (long, 1), (stride, 1))))
    parts += [("after", relu_conv_norm(between, filters, 1))] if bottleneck else []
    return Named(*parts)


class MaxPool2x2(nn.Module):
    """An even window reaches right and down, as TensorFlow's "same" has it; what lies beyond the edge never wins."""

    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return nn.functional.max_pool2d(nn.functional.pad(x, (0, 1, 0, 1), value=-torch.inf), 2, self.stride)


class Cell(nn.Module):
    """Place 0 is what the last cell gave, projected, place 1 what the last but one gave; then come the nodes."""

    def __init__(self, text, newer, older, older_is_larger, filters, halves, bottleneck):
        """older: its channels; None where there is no such cell: then the newer takes its place as it is."""
        super().__init__()
        words = text.split()
        given_out = [int(place) for place in words.pop()[len("out="):].split(",")] if words[-1].startswith("out=") else None
        if older is None:
            self.older = None
        elif older_is_larger:
            self.older = halving(older, filters, relu=True)
        else:
            self.older = nn.Identity() if older == filters else relu_conv_norm(older, filters, 1)
        self.newer = relu_conv_norm(newer, filters, 1)

        channels = [filters, newer if older is None else filters]
        read = set()
        self.nodes = []
        for place, word in enumerate(words, 2):
            left, sign, right = re.split("([+,])", word)
            branches = []
            for side, branch in (("x", left), ("y", right)):
                name, source = branch.split("@")
                source = int(source)
                stride = 2 if halves and source < 2 else 1
                branches.append((put(self, f"node{place}/{side}/{name}", operation(name, channels[source], filters, stride, bottleneck)), source))
                read.add(source)
            self.nodes.append((branches, sign == ","))
            channels.append(2 * filters if sign == "," else filters)

        # The released cells say what they give out; else it is what no node reads. All of it is brought to the nodes' size and F, without ReLU.
        self.ends = []
        for place in given_out or [place for place in range(len(channels)) if place not in read]:
            if halves and place < 2:
                end = halving(channels[place], filters, relu=False)
            elif channels[place] != filters:
                end = conv_norm(channels[place], filters, 1)
            else:
                end = nn.Identity()
            self.ends.append((put(self, f"output/from{place}", end), place))
        self.channels = filters * len(self.ends)

    def forward(self, newer, older):
        places = [self.newer(newer), newer if self.older is None else self.older(older)]
        for ((first, left), (second, right)), joins in self.nodes:
            values = first(places[left]), second(places[right])
            places.append(torch.cat(values, 1) if joins else values[0] + values[1])
        return torch.cat([end(places[place]) for end, place in self.ends], 1)


class NasNet(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        normal, reduction = genotype.split(" / ")
        repeats, filters, multiplier = int(settings["repeats"]), int(settings["filters"]), int(settings["stem_multiplier"])
        large_images = settings["stem"] == "imagenet"
        skips_input = settings["skip_reduction_input"] == "yes"

        # Large images: stride 2 without padding, then two reduction cells of F/4 and F/2.
        width = multiplier * (32 if large_images else filters)
        self.stem = Named(
            ("conv", nn.Conv2d(image_channels, width, 3, 2, 0, bias=False) if large_images else convolution(image_channels, width, 3)),
            ("norm", nn.BatchNorm2d(width)))
        plan = [(filters // 4, True), (filters // 2, True)] if large_images else []
        stem_cells = len(plan)
        plan += [(filters, False)] * repeats
        for scale in (2, 4):
            plan += [(scale * filters, True)] + [(scale * filters, False)] * repeats

        # By number of the output, 0 being the stem's: channels, and how often it was halved.
        outputs = [(width, 0)]
        self.cells = []
        for number, (filters, halves) in enumerate(plan):
            newer = number
            older = number - 1 if number > 0 else None
            if skips_input and not halves and number > stem_cells and plan[number - 1][1]:
                older = number - 2  # what the reduction cell before had as its own older input; those of the stem count as any cell
            older_channels, older_halvings = (None, 0) if older is None else outputs[older]
            larger = older is not None and older_halvings < outputs[newer][1]
            cell = Cell(reduction if halves else normal, outputs[newer][0], older_channels, larger, filters, halves, settings["convolutions"] == "bottleneck")
            self.cells.append((put(self, f"cell{number + 1}", cell), newer, older))
            outputs.append((cell.channels, outputs[newer][1] + halves))
        self.classifier = Classifier(outputs[-1][0], classes)

    def forward(self, x):
        outputs = [self.stem(x)]
        for cell, newer, older in self.cells:
            outputs.append(cell(outputs[newer], None if older is None else outputs[older]))
        return self.classifier(torch.relu(outputs[-1]))


if __name__ == "__main__":
    run(NasNet)
