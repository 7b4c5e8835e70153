"""DARTS's search as a PyTorch user writes it (Liu, Simonyan & Yang 2019; after the structure of its released code), in eager mode.

The last argument is what a step is: "supernet" (forward and backward of the search network), "first" or "second" (one step of the
architecture parameters by the gradient of that order, and one of the weights).
"""

import copy
import sys

import peer
import torch
from torch import nn
from torch.nn import functional as F

NODES = 4


def pooled(pooling, channels):
    return nn.Sequential(pooling, nn.BatchNorm2d(channels, affine=False))


def convolved(channels, kernel, stride, dilation=1):
    """ReLU, depthwise, pointwise, batch norm."""
    return [
        nn.ReLU(),
        nn.Conv2d(channels, channels, kernel, stride, dilation * (kernel // 2), dilation, groups=channels, bias=False),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels, affine=False),
    ]


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return (x if self.stride == 1 else x[:, :, ::self.stride, ::self.stride]).mul(0.0)


class FactorisedReduction(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, affine=False)

    def forward(self, x):
        x = F.relu(x)
        return self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], 1))


def operations(channels, stride):
    return [
        Zero(stride),
        pooled(nn.MaxPool2d(3, stride, 1), channels),
        pooled(nn.AvgPool2d(3, stride, 1, count_include_pad=False), channels),
        nn.Identity() if stride == 1 else FactorisedReduction(channels, channels),
        nn.Sequential(*convolved(channels, 3, stride), *convolved(channels, 3, 1)),
        nn.Sequential(*convolved(channels, 5, stride), *convolved(channels, 5, 1)),
        nn.Sequential(*convolved(channels, 3, stride, dilation=2)),
        nn.Sequential(*convolved(channels, 5, stride, dilation=2)),
    ]


class MixedOperation(nn.Module):
    def __init__(self, channels, stride):
        super().__init__()
        self.operations = nn.ModuleList(operations(channels, stride))

    def forward(self, x, shares):
        return sum(share * operation(x) for share, operation in zip(shares, self.operations))


class Cell(nn.Module):
    def __init__(self, older, newer, channels, reduces, older_is_larger):
        super().__init__()
        self.older = FactorisedReduction(older, channels) if older_is_larger else self.fit(older, channels)
        self.newer = self.fit(newer, channels)
        self.edges = nn.ModuleList(
            MixedOperation(channels, 2 if reduces and place < 2 else 1) for node in range(2, 2 + NODES) for place in range(node))

    @staticmethod
    def fit(inputs, channels):
        return nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels, affine=False))

    def forward(self, older, newer, shares):
        places, edge = [self.older(older), self.newer(newer)], 0
        for _ in range(NODES):
            node = sum(self.edges[edge + place](x, shares[edge + place]) for place, x in enumerate(places))
            edge += len(places)
            places.append(node)
        return torch.cat(places[2:], 1)


class SearchNetwork(nn.Module):
    def __init__(self, channels=16, cells=8, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False), nn.BatchNorm2d(3 * channels))
        self.cells, self.reduces = nn.ModuleList(), []
        older = newer = 3 * channels
        for number in range(cells):
            reduces = number in (cells // 3, 2 * cells // 3)
            channels = 2 * channels if reduces else channels
            self.cells.append(Cell(older, newer, channels, reduces, older_is_larger=number > 0 and self.reduces[-1]))
            self.reduces.append(reduces)
            older, newer = newer, NODES * channels
        self.classifier = nn.Linear(newer, classes)
        edges = len(self.cells[0].edges)
        # Plain tensors and no parameters, so that the weights' optimiser does not see them.
        self.alphas = [(1e-3 * torch.randn(edges, 8)).requires_grad_() for _ in range(2)]

    def forward(self, x):
        older = newer = self.stem(x)
        for cell, reduces in zip(self.cells, self.reduces):
            older, newer = newer, cell(older, newer, F.softmax(self.alphas[reduces], -1))
        return self.classifier(newer.mean((2, 3)))


def loss_of(net, inputs, targets):
    with peer.autocast():
        return F.cross_entropy(net(inputs).float(), targets)


class Architect:
    """The steps of the architecture parameters."""

    def __init__(self, net, optimizer):
        self.net, self.optimizer = net, optimizer
        self.alpha_optimizer = torch.optim.Adam(net.alphas, lr=3e-4, betas=(0.5, 0.999), weight_decay=1e-3)

    def first_order(self, validation):
        self.alpha_optimizer.zero_grad(set_to_none=True)
        loss = loss_of(self.net, *validation)
        loss.backward()
        self.alpha_optimizer.step()
        return loss

    def second_order(self, train, validation):
        self.alpha_optimizer.zero_grad(set_to_none=True)
        rate = self.optimizer.param_groups[0]["lr"]
        unrolled = self.unroll(train, rate)
        loss = loss_of(unrolled, *validation)
        loss.backward()
        direction = [weight.grad for weight in unrolled.parameters()]
        for alpha, ahead, indirect in zip(self.net.alphas, unrolled.alphas, self.indirect(direction, train)):
            alpha.grad = ahead.grad - rate * indirect
        self.alpha_optimizer.step()
        return loss

    def unroll(self, train, rate):
        """A copy of the network, a step of SGD further."""
        gradients = torch.autograd.grad(loss_of(self.net, *train), list(self.net.parameters()))
        unrolled = copy.deepcopy(self.net)
        group = self.optimizer.param_groups[0]
        with torch.no_grad():
            for weight, ahead, gradient in zip(self.net.parameters(), unrolled.parameters(), gradients):
                momentum = self.optimizer.state[weight].get("momentum_buffer", torch.zeros_like(weight))
                ahead.sub_(rate * (group["momentum"] * momentum + gradient + group["weight_decay"] * weight))
        return unrolled

    def indirect(self, direction, train):
        """The product of the mixed second derivatives and a direction, by a finite difference."""
        radius = 0.01 / torch.cat([part.flatten() for part in direction]).norm()
        sides = []
        for distance in (radius, -2 * radius):
            self.move(direction, distance)
            sides.append(torch.autograd.grad(loss_of(self.net, *train), self.net.alphas))
        self.move(direction, radius)
        return [(above - below) / (2 * radius) for above, below in zip(*sides)]

    def move(self, direction, distance):
        with torch.no_grad():
            for weight, part in zip(self.net.parameters(), direction):
                weight.add_(distance * part)


def load(net):
    """The weights by their order, the architecture parameters by the names of their rows."""
    weights = list(peer.read_tensors(peer.FOLDER / "weights.safetensors").values())
    parameters = list(net.parameters())
    assert len(weights) == len(parameters), f"{len(weights)} weights for {len(parameters)} parameters"
    rows = peer.read_tensors(peer.FOLDER / "alphas.safetensors")
    with torch.no_grad():
        for parameter, weight in zip(parameters, weights):
            assert parameter.shape == weight.shape, f"{tuple(weight.shape)} for {tuple(parameter.shape)}"
            parameter.copy_(weight)
        for kind, alphas in zip(["normal", "reduction"], net.alphas):
            alphas.copy_(torch.stack([rows[f"{kind}/node{node}/edge{place}"] for node in range(2, 2 + NODES) for place in range(node)]))


def main():
    what = sys.argv[5]
    net = peer.arrange(SearchNetwork())
    load(net)
    batch = peer.read_batches()
    train = batch["inputs"], batch["targets"]
    optimizer = torch.optim.SGD(net.parameters(), lr=0.025, momentum=0.9, weight_decay=3e-4)
    architect = Architect(net, optimizer)

    def supernet():
        optimizer.zero_grad(set_to_none=True)
        architect.alpha_optimizer.zero_grad(set_to_none=True)
        loss = loss_of(net, *train)
        loss.backward()
        return loss

    def bilevel():
        validation = batch["validation_inputs"], batch["validation_targets"]
        loss = architect.first_order(validation) if what == "first" else architect.second_order(train, validation)
        loss = loss.detach()
        optimizer.zero_grad(set_to_none=True)
        train_loss = loss_of(net, *train)
        train_loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimizer.step()
        return loss + train_loss.detach()

    peer.serve(supernet if what == "supernet" else bilevel)


main()
