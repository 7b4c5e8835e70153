"""The controller that a PyTorch user would write: draws architectures at once, then REINFORCE and Adam. questions.json says what a search space asks, in order."""

import json
import sys

import peer
import torch
from torch import nn
from torch.nn import functional as F

UNITS, LAYERS, RANGE = 35, 2, 0.08


class Controller(nn.Module):
    def __init__(self, questions):
        super().__init__()
        self.questions = questions
        kinds = {question["kind"]: question["options"] for question in questions if "kind" in question}
        self.cells = nn.ModuleList(nn.LSTMCell(UNITS, UNITS) for _ in range(LAYERS))
        self.embeddings = nn.ModuleDict({kind: nn.Embedding(options, UNITS) for kind, options in kinds.items()})
        self.softmaxes = nn.ModuleDict({kind: nn.Linear(UNITS, options) for kind, options in kinds.items()})
        self.start = nn.Parameter(torch.empty(1, UNITS))
        self.after_anchor = nn.Parameter(torch.empty(1, UNITS))
        self.earlier = nn.Linear(UNITS, UNITS, bias=False)
        self.current = nn.Linear(UNITS, UNITS, bias=False)
        self.connection = nn.Linear(UNITS, 1, bias=False)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -RANGE, RANGE)

    def forward(self, batch):
        """Draws so many architectures: the log probability of each, and those of all options of each decision."""
        x = self.start.expand(batch, UNITS)
        states = [(torch.zeros(batch, UNITS), torch.zeros(batch, UNITS)) for _ in self.cells]
        log_probabilities, options, anchors = [], [], []
        for question in self.questions:
            for layer, cell in enumerate(self.cells):
                states[layer] = cell(x, states[layer])
                x = states[layer][0]
            if "kind" in question:
                log_p = F.log_softmax(self.softmaxes[question["kind"]](x), 1)
                options.append(log_p)
                choice = log_p.exp().multinomial(1)
                log_probabilities.append(log_p.gather(1, choice).squeeze(1))
                x = self.embeddings[question["kind"]](choice.squeeze(1))
            else:
                if question["earlier"] == 0:
                    anchors = []
                else:
                    joined = torch.tanh(self.earlier(torch.stack(anchors, 1)) + self.current(x).unsqueeze(1))
                    logits = self.connection(joined).squeeze(2)
                    options.append(logits)
                    feeds = torch.bernoulli(torch.sigmoid(logits))
                    log_probabilities.append(-F.binary_cross_entropy_with_logits(logits, feeds, reduction="none").sum(1))
                anchors.append(x)
                x = self.after_anchor.expand(batch, UNITS)
        return torch.stack(log_probabilities).sum(0), options


class MeanEntropy:
    """Of a decision, by which the sides are compared; computed where it is not timed."""

    def __init__(self, questions, options):
        self.questions, self.options = questions, options

    def detach(self):
        return self

    def __float__(self):
        entropies = []
        for question, given in zip((question for question in self.questions if question.get("earlier") != 0), self.options):
            given = given.detach()
            log_p = given if "kind" in question else F.logsigmoid(torch.stack([given, -given], -1)).flatten(0, 1)
            entropies.append(-(log_p.exp() * log_p).sum(1))
        return float(torch.cat(entropies).mean())


batch = int(sys.argv[5])
torch.manual_seed(1)
controller = Controller(json.loads((peer.FOLDER / "questions.json").read_text()))
optimizer = torch.optim.Adam(controller.parameters(), lr=6e-4)
baseline = 0.5


def step():
    global baseline
    log_probability, options = controller(batch)
    rewards = torch.rand(batch)
    loss = -((rewards - baseline) * log_probability).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    for reward in rewards.tolist():
        baseline = 0.95 * baseline + 0.05 * reward
    return MeanEntropy(controller.questions, options)


peer.serve(step)
