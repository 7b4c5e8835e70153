def read_series(path):
    """A table with a row a step and a column a variable, by title, as float32 [VARIABLES, STEPS]: the last STEPS rows."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [title for title in COLUMNS if title not in (reader.fieldnames or [])]
        if missing:
            raise ValueError(f"the columns {', '.join(missing)} are missing")
        steps = [[float(row[title]) for title in COLUMNS] for row in reader][-STEPS:]
    {{short}}
    return torch.tensor(steps).T


def main(paths):
    if not paths:
        print("usage: python3 model.py <series.csv> ...", file=sys.stderr)
        return 2
    net = load()
    failures = 0
    for path in paths:
        try:
            series = read_series(path)
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failures += 1
            continue
        with torch.no_grad():
            print(f"{path}: {tell(net(series.unsqueeze(0))[0])}")
    return 1 if failures else 0
