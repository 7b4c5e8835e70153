def tell(logits):
    """The likeliest class, and how probable it is."""
    probabilities = logits.softmax(dim=0)
    best = int(probabilities.argmax())
    return f"{CLASSES[best]} {probabilities[best]:.1%}"
