"""Writes golden.json beside it: what PyTorch's optimisers and schedules do, for the tests to compare with.

Run it with a Python that has torch: python3 golden.py
"""

import json
import pathlib

import torch

OPTIMISERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
    "SGD momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD dampening": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.05),
    "SGD nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=True),
    "SGD maximize": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5, weight_decay=0.05, maximize=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "Adam decay": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    "Adam amsgrad": lambda p: torch.optim.Adam(p, lr=0.05, amsgrad=True),
    "Adam maximize": lambda p: torch.optim.Adam(p, lr=0.01, maximize=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1),
    "AdamW amsgrad": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1, amsgrad=True),
    "RMSProp": lambda p: torch.optim.RMSprop(p, lr=0.01),
    "RMSProp momentum": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.9, weight_decay=0.1),
    "RMSProp centered": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True),
    "RMSProp centered momentum": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True, momentum=0.5),
}

S = torch.optim.lr_scheduler
SCHEDULES = {
    "StepLR": lambda o: S.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda o: S.MultiStepLR(o, [2, 5, 5, 9], gamma=0.3),
    "ExponentialLR": lambda o: S.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda o: S.CosineAnnealingLR(o, 5, eta_min=0.01),
    "LambdaLR": lambda o: S.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "ConstantLR": lambda o: S.ConstantLR(o, factor=0.25, total_iters=4),
    "LinearLR": lambda o: S.LinearLR(o, start_factor=0.2, end_factor=0.8, total_iters=6),
    "SequentialLR": lambda o: S.SequentialLR(
        o, [S.LinearLR(o, start_factor=0.1, total_iters=4), S.CosineAnnealingLR(o, 6), S.ExponentialLR(o, 0.5)], [4, 10]),
}


def optimise(make, dtype):
    """20 steps on sum((a x - b)^2) from x = 0.1, 0.2, ...; the last element first gets a gradient at step 6."""
    x = torch.tensor([0.1 * (i + 1) for i in range(12)], dtype=dtype).reshape(3, 4).requires_grad_()
    late = torch.tensor([0.7], dtype=dtype, requires_grad=True)
    a = torch.tensor([0.3 * (i % 5) - 0.4 for i in range(12)], dtype=dtype).reshape(3, 4)
    b = torch.tensor([0.5 - 0.1 * i for i in range(12)], dtype=dtype).reshape(3, 4)
    optimiser = make([x, late])
    for step in range(20):
        optimiser.zero_grad(set_to_none=True)
        loss = ((a * x - b) ** 2).sum()
        if step >= 5:
            loss = loss + (late - 2).pow(2).sum()
        loss.backward()
        optimiser.step()
    return x.flatten().tolist() + late.tolist()


def rates(make):
    optimiser = torch.optim.SGD([{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr": 0.02}], lr=0.1)
    schedule = make(optimiser)
    result = []
    for _ in range(14):
        result.append([group["lr"] for group in optimiser.param_groups])
        optimiser.step()
        schedule.step()
    return result


def initial(make):
    torch.manual_seed(42)
    return {name: value.flatten().tolist() for name, value in make().state_dict().items() if value.is_floating_point()}


golden = {
    "optimisers": {name: {"float32": optimise(make, torch.float32), "float64": optimise(make, torch.float64)} for name, make in OPTIMISERS.items()},
    "schedules": {name: rates(make) for name, make in SCHEDULES.items()},
    "initial": {
        "Linear": initial(lambda: torch.nn.Linear(3, 2)),
        "Conv2d": initial(lambda: torch.nn.Conv2d(2, 2, 2)),
        "Embedding": initial(lambda: torch.nn.Embedding(3, 2, padding_idx=1)),
        "LSTMCell": initial(lambda: torch.nn.LSTMCell(2, 1)),
    },
}
text = json.dumps(golden, separators=(",", ":")).replace("},", "},\n").replace("]],", "]],\n")
pathlib.Path(__file__).with_name("golden.json").write_text(text + "\n")
