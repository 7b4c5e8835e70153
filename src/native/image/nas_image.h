// The C interface of libnas_image.so: untrusted image files in, 8-bit planes of a fixed size out.
// Every function may be called from several threads at once. Those that return int give 0, or 1 after writing one line of text,
// the reason, into `error` (of `error_size` bytes, always terminated).
#pragma once

#include <stddef.h>
#include <stdint.h>

#define NAS_IMAGE_API extern "C" __attribute__((visibility("default")))

struct nas_image_limits {
    int64_t max_pixels;  // width times height
    int64_t max_memory;  // bytes that decoding may need at once
    int32_t max_side;    // width, and height
};

enum nas_image_format { NAS_IMAGE_JPEG = 0, NAS_IMAGE_PNG = 1, NAS_IMAGE_WEBP = 2, NAS_IMAGE_GIF = 3, NAS_IMAGE_TIFF = 4 };

struct nas_image_header {
    int32_t format;       // nas_image_format
    int32_t width;        // as stored, before the orientation is applied
    int32_t height;
    int32_t bands;        // samples of a pixel, alpha included, palette expanded
    int32_t bits;         // of a sample: 8 or 16
    int32_t orientation;  // EXIF, 1 to 8; 1 where the file says nothing
};

enum nas_image_fit { NAS_IMAGE_CROP = 0, NAS_IMAGE_PAD = 1, NAS_IMAGE_STRETCH = 2 };

struct nas_image_target {
    int32_t width;
    int32_t height;
    int32_t channels;  // 1: grey by ITU-R BT.601 weights, 3: red, green, blue
    int32_t fit;       // crop: cover, centred; pad: contain, centred on black; stretch: change the proportions
};

// Where the samples of an unpacked image lie: sample b of pixel (x, y) at y * row + x * pixel + b * band bytes.
struct nas_image_pixels {
    const uint8_t *data;
    int32_t width;
    int32_t height;
    int32_t bands;  // 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha
    int64_t row;
    int64_t pixel;
    int64_t band;
};

// Reads what the file says of itself; decodes no pixel. A file over a limit is an error.
NAS_IMAGE_API int nas_image_read_header(const uint8_t *file, size_t length, const nas_image_limits *limits,
                                        nas_image_header *header, char *error, size_t error_size);

// Decodes the first frame or page, upright, without alpha (laid on white), at 8 bits, into `target->channels` planes of
// `target->height` rows of `target->width` bytes at `out`.
NAS_IMAGE_API int nas_image_decode(const uint8_t *file, size_t length, const nas_image_limits *limits,
                                   const nas_image_target *target, uint8_t *out, char *error, size_t error_size);

// The same for an image whose 8-bit samples are at hand.
NAS_IMAGE_API int nas_image_fit_pixels(const nas_image_pixels *pixels, const nas_image_target *target, uint8_t *out,
                                       char *error, size_t error_size);

// Writes interleaved samples of 8 or 16 bits as a file in memory. The suffix names the format and its settings as libvips does:
// ".png[palette]", ".jpg[Q=90]". Four bands are red, green, blue, alpha, or cyan, magenta, yellow, black when `cmyk` is not 0.
// The file is given back by nas_image_free.
NAS_IMAGE_API int nas_image_encode(const uint8_t *pixels, int32_t width, int32_t height, int32_t bands, int32_t bits,
                                   int32_t cmyk, int32_t orientation, const char *suffix, uint8_t **file, size_t *length,
                                   char *error, size_t error_size);

NAS_IMAGE_API void nas_image_free(uint8_t *file);
