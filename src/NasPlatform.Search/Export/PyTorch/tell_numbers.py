def tell(prediction):
    """The predicted numbers by title; of a forecast the steps ahead, the next one first."""
    lines = zip(PREDICTED, prediction.view(len(PREDICTED), -1).tolist())
    return "; ".join(f"{title} {' '.join(f'{number:.6g}' for number in numbers)}" for title, numbers in lines)
