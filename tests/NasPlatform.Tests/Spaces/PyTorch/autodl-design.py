"""AutoDL Design's space (PaddlePaddle/AutoDL) by hand.

A cell is written as ids, a colon, and the columns of its adjacency matrix from the second on. What article and code differ in,
or leave open, and how it is here: the rectifier is the article's leaky one, slope 0.1, where the code's function of batch norm
and rectifier calls the plain one; windows of stride 2 are padded alike on both sides, where the code pads more below and right;
padding does not count in averages.
"""
from torch import cat, nn

import rebuild

NAMES = ["conv_1x1", "conv_3x3", "conv_5x5", "dilated_3x3", "conv_1x3_3x1", "conv_1x5_5x1", "maxpool_3x3", "maxpool_5x5", "avgpool_3x3", "avgpool_5x5"]


def conv(name, inputs, outputs, height, width, down=1, right=1, dilation=1):
    """A list of one named module; it keeps the size, or halves a side that is stepped over by 2."""
    padding = (dilation * (height - 1) // 2, dilation * (width - 1) // 2)
    return [(f"{name}/conv", nn.Conv2d(inputs, outputs, (height, width), (down, right), padding, dilation))]


def norm_relu(name, channels):
    return [(f"{name}norm", nn.BatchNorm2d(channels, eps=1e-3)), (f"{name}relu", nn.LeakyReLU(0.1))]


def operation(number, channels, halves):
    """Keeps size and channels, or halves the one and doubles the other."""
    name = NAMES[number]
    stride, outputs = (2, 2 * channels) if halves else (1, channels)
    if number < 4:
        side = [1, 3, 5, 3][number]
        # In the code a convolution that halves is never dilated.
        return conv(name, channels, outputs, side, side, stride, stride, 2 if number == 3 and not halves else 1)

    side = 5 if number % 2 else 3
    if number < 6:
        steps = conv(f"{name}/across", channels, channels, 1, side, right=stride) + conv(f"{name}/down", channels, channels, side, 1, down=stride)
    elif number < 8:
        steps = [(f"{name}/pool", nn.MaxPool2d(side, stride, side // 2))]
    else:
        steps = [(f"{name}/pool", nn.AvgPool2d(side, stride, side // 2, count_include_pad=False))]
    return steps + (conv(f"{name}/widen", channels, outputs, 1, 1) if halves else [])


class Cell(nn.Module):
    def __init__(self, text, channels, ratio, halves):
        super().__init__()
        ids, bits = text.split(":")
        ids = [int(word) for word in ids.split(",")]
        count = len(ids)
        columns = [""] + bits.split(".")
        matrix = [[row < column and columns[column][row] == "1" for column in range(count)] for row in range(count)]
        self.inputs = [[row for row in range(count) if matrix[row][column]] for column in range(count)]
        self.free_ends = [row for row in range(count) if not any(matrix[row])]

        narrow, given = channels // ratio, channels // ratio * (2 if halves else 1)
        for number, inputs in enumerate(self.inputs):
            if inputs:
                steps = norm_relu("", given) + operation(ids[number], given, False)
            else:
                steps = norm_relu("in/", channels) + conv("in", channels, narrow, 1, 1) + norm_relu("", narrow) + operation(ids[number], narrow, halves)
            self.add_module(f"node{number}", rebuild.Named(*steps))
        rebuild.put(self, *conv("out", given * len(self.free_ends), channels * (2 if halves else 1), 1, 1)[0])

    def forward(self, x):
        outputs = []
        for number, inputs in enumerate(self.inputs):
            outputs.append(getattr(self, f"node{number}")(sum(outputs[row] for row in inputs) if inputs else x))
        return self.out.conv(cat([outputs[number] for number in self.free_ends], 1))


def network(text, width, stages, cells, ratio, channels, classes):
    normal, reduction = text.split()
    steps = conv("stem", channels, width, 3, 3)
    for stage in range(stages):
        for index in range(cells):
            halves = stage > 0 and index == 0
            steps.append((f"cell{stage * cells + index + 1}", Cell(reduction if halves else normal, width, ratio, halves)))
            width = 2 * width if halves else width
    steps += norm_relu("last/", width)
    return rebuild.Named(*steps, ("pool", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten()), ("classifier/linear", nn.Linear(width, classes)))


rebuild.run(lambda genotype, settings, channels, classes: network(
    genotype, int(settings["width"]), int(settings["stages"]), int(settings["cells"]), int(settings["ratio"]), channels, classes))
