def read_row(row):
    """A row, a dictionary by the columns' titles, as float32 [FEATURES]: numbers, and for each category 1 or 0."""
    numbers = []
    for title, categories in COLUMNS:
        if title not in row:
            raise ValueError(f"the column {title} is missing")
        value = (row[title] or "").strip()
        is_missing = value.lower() in ("", "?", "na", "n/a", "nan", "null")
        if categories is not None:
            known = MISSING if is_missing else value if value in categories else OTHER
            numbers += [1.0 if category == known else 0.0 for category in categories]
        elif is_missing:
            numbers.append(MEAN[len(numbers)])
        else:
            try:
                numbers.append(float(value))
            except ValueError:
                raise ValueError(f"the column {title} is to be a number and is {value!r}") from None
    return torch.tensor(numbers)


def main(paths):
    if not paths:
        print("usage: python3 model.py <table.csv> ...", file=sys.stderr)
        return 2
    net = load()
    failures = 0
    for path in paths:
        try:
            with open(path, newline="", encoding="utf-8-sig") as file:
                rows = [read_row(row) for row in csv.DictReader(file)]
            if not rows:
                raise ValueError("it has no rows")
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failures += 1
            continue
        with torch.no_grad():
            for number, answer in enumerate(net(torch.stack(rows)), 1):
                print(f"{path} row {number}: {tell(answer)}")
    return 1 if failures else 0
