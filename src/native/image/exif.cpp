#include "exif.h"

#include <cstring>

namespace nas {

namespace {

uint32_t number(const uint8_t *at, int size, bool little) {
    uint32_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | at[little ? size - 1 - i : i];
    return value;
}

}  // namespace

int exif_orientation(const uint8_t *tiff, size_t length) {
    constexpr uint32_t kOrientation = 0x0112;
    constexpr size_t kEntry = 12;
    if (length < 10)
        return 1;
    const bool little = tiff[0] == 'I';
    const size_t directory = number(tiff + 4, 4, little);
    if (directory > length - 2)
        return 1;
    const size_t count = number(tiff + directory, 2, little);
    for (size_t i = 0; i < count; i++) {
        const size_t entry = directory + 2 + kEntry * i;
        if (entry + kEntry > length)
            return 1;
        if (number(tiff + entry, 2, little) == kOrientation) {
            const uint32_t value = number(tiff + entry + 8, 2, little);
            return value >= 1 && value <= 8 ? int(value) : 1;
        }
    }
    return 1;
}

int png_orientation(const uint8_t *file, size_t length) {
    constexpr size_t kSignature = 8, kAround = 12;  // Length and type before a chunk's data, checksum after it.
    for (size_t at = kSignature; at + kAround <= length;) {
        const size_t size = number(file + at, 4, false);
        if (size > length - at - kAround)
            return 1;
        if (std::memcmp(file + at + 4, "eXIf", 4) == 0)
            return exif_orientation(file + at + 8, size);
        at += kAround + size;
    }
    return 1;
}

}  // namespace nas
