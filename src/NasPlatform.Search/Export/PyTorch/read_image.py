def read_image(path):
    """An image file as float32 [CHANNELS, HEIGHT, WIDTH] in 0..1: upright, on white, brought to size as FIT says."""
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise ImportError("image files are read by Pillow, which is missing (pip install pillow)") from error

    image = Image.open(path)
    if image.format != "TIFF":  # those Pillow turns upright when it loads them
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a sample
        image = image.convert("I").point(lambda sample: sample * (1 / 257)).convert("L")
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L" if CHANNELS == 1 else "RGB")
    if FIT == "crop":
        image = ImageOps.fit(image, (WIDTH, HEIGHT), Image.LANCZOS)
    elif FIT == "pad":
        image = ImageOps.pad(image, (WIDTH, HEIGHT), Image.LANCZOS, "black")
    else:
        image = image.resize((WIDTH, HEIGHT), Image.LANCZOS)
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return pixels.view(HEIGHT, WIDTH, CHANNELS).permute(2, 0, 1).float() / 255


def main(paths):
    if not paths:
        print("usage: python3 model.py <image> ...", file=sys.stderr)
        return 2
    net = load()
    failures = 0
    for path in paths:
        try:
            image = read_image(path)
        except (OSError, ImportError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failures += 1
            continue
        with torch.no_grad():
            probabilities = net(image.unsqueeze(0)).softmax(dim=1)[0]
        best = int(probabilities.argmax())
        print(f"{path}: {CLASSES[best]} {probabilities[best]:.1%}")
    return 1 if failures else 0
