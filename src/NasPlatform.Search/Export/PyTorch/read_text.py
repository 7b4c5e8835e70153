def encode(text):
    """A text as token numbers; words are parted by white space, a line's end is <eos>, and what is not known is <unk>."""
    tokens = list(text) if CHARACTERS else text.replace("\n", " <eos> ").split()
    numbers = {token: number for number, token in enumerate(CLASSES)}
    unknown = [token for token in tokens if token not in numbers]
    if unknown and "<unk>" not in numbers:
        raise ValueError(f"the vocabulary lacks {unknown[0]!r}")
    return torch.tensor([numbers.get(token, numbers.get("<unk>")) for token in tokens], dtype=torch.int64)


def go_on(net, text, count=40, temperature=0.8):
    """The text with as many tokens more, each drawn by its probability; at a lower temperature the likelier ones oftener."""
    tokens = encode(text)
    if not len(tokens):
        raise ValueError("there is nothing to go on from")
    with torch.no_grad():
        for _ in range(count):
            logits = net(tokens[-STEPS:].unsqueeze(0))[0, -1]
            tokens = torch.cat([tokens, (logits / temperature).softmax(0).multinomial(1)])
    return ("" if CHARACTERS else " ").join(CLASSES[token] for token in tokens.tolist())


def main(texts):
    if not texts:
        print('usage: python3 model.py "the beginning of a text" ...', file=sys.stderr)
        return 2
    net = load()
    for text in texts:
        try:
            print(go_on(net, text))
        except ValueError as error:
            print(f"{text!r}: {error}", file=sys.stderr)
            return 1
    return 0
