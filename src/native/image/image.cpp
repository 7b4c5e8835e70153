#include "exif.h"
#include "fit.h"
#include "jpeg.h"
#include "limits.h"
#include "nas_image.h"

#include <vips/vips.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <stdexcept>
#include <string>

using nas::fail;

namespace {

struct Unref {
    void operator()(void *object) const { g_object_unref(object); }
};
using Image = std::unique_ptr<VipsImage, Unref>;
using Region = std::unique_ptr<VipsRegion, Unref>;

// libvips failed; what it has to say is in its error text.
struct VipsFailure {};

// libvips keeps one error text for the whole process. So that a reason is that of its own image, what fails beside other
// calls is done once more alone.
std::shared_mutex g_alone;

void ignore_warning(const gchar *, GLogLevelFlags, const gchar *, gpointer) {}

void start_vips() {
    static std::once_flag once;
    static bool started = false;
    std::call_once(once, [] {
        if (vips_init("nas_image"))
            return;
        // Each call works on its own thread alone, and no image comes twice.
        vips_concurrency_set(1);
        vips_cache_set_max(0);
        // Only the five readers below may ever be reached, whatever the content claims to be.
        vips_operation_block_set("VipsForeignLoad", TRUE);
        for (const char *reader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif",
                                   "VipsForeignLoadTiff"})
            vips_operation_block_set(reader, FALSE);
        // Damaged files would fill the terminal; what matters of them is returned.
        g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO), ignore_warning, nullptr);
        started = true;
    });
    if (!started)
        fail("libvips does not start");
}

nas_image_format recognise(const uint8_t *file, size_t length) {
    const auto starts = [&](const char *magic, size_t size, size_t at = 0) {
        return length >= at + size && std::memcmp(file + at, magic, size) == 0;
    };
    if (nas::is_jpeg(file, length))
        return NAS_IMAGE_JPEG;
    if (starts("\x89PNG\r\n\x1A\n", 8))
        return NAS_IMAGE_PNG;
    if (starts("RIFF", 4) && starts("WEBP", 4, 8))
        return NAS_IMAGE_WEBP;
    if (starts("GIF87a", 6) || starts("GIF89a", 6))
        return NAS_IMAGE_GIF;
    if (starts("II*\0", 4) || starts("MM\0*", 4))
        return NAS_IMAGE_TIFF;
    fail("not a JPEG, PNG, WebP, GIF, BMP or TIFF file");
}

// Opens the file; libvips reads no more than the header until pixels are asked for.
Image open(const uint8_t *file, size_t length, nas_image_format format) {
    start_vips();
    VipsImage *image = nullptr;
    void *data = const_cast<uint8_t *>(file);
    int failed = 0;
    const auto access = VIPS_ACCESS_SEQUENTIAL;
    const auto fail_on = VIPS_FAIL_ON_ERROR;
    switch (format) {
    case NAS_IMAGE_JPEG:
        failed = vips_jpegload_buffer(data, length, &image, "access", access, "fail_on", fail_on, nullptr);
        break;
    case NAS_IMAGE_PNG:
        failed = vips_pngload_buffer(data, length, &image, "access", access, "fail_on", fail_on, nullptr);
        break;
    case NAS_IMAGE_WEBP:
        failed = vips_webpload_buffer(data, length, &image, "access", access, "fail_on", fail_on, nullptr);
        break;
    case NAS_IMAGE_GIF:
        failed = vips_gifload_buffer(data, length, &image, "access", access, "fail_on", fail_on, nullptr);
        break;
    case NAS_IMAGE_TIFF:
        failed = vips_tiffload_buffer(data, length, &image, "access", access, "fail_on", fail_on, nullptr);
        break;
    }
    if (failed)
        throw VipsFailure();
    return Image(image);
}

nas_image_header describe(VipsImage *image, nas_image_format format, const uint8_t *file, size_t length) {
    const int bits = vips_image_get_format(image) == VIPS_FORMAT_UCHAR ? 8 : 16;
    const int orientation = format == NAS_IMAGE_PNG ? nas::png_orientation(file, length) : vips_image_get_orientation(image);
    return {format, image->Xsize, image->Ysize, image->Bands, bits, orientation};
}

void check(VipsImage *image, const nas_image_limits &limits) {
    nas::check_size(image->Xsize, image->Ysize, VIPS_IMAGE_SIZEOF_PEL(image), limits);
    const auto samples = vips_image_get_format(image);
    if (samples != VIPS_FORMAT_UCHAR && samples != VIPS_FORMAT_USHORT)
        fail("its samples are not whole numbers of 8 or 16 bits");
}

// Grey or red, green, blue, perhaps with alpha; anything else libvips converts.
Image to_rgb(Image image) {
    const auto meaning = vips_image_guess_interpretation(image.get());
    if (meaning == VIPS_INTERPRETATION_CMYK || meaning == VIPS_INTERPRETATION_LAB || meaning == VIPS_INTERPRETATION_LABS) {
        VipsImage *converted = nullptr;
        if (vips_colourspace(image.get(), &converted, VIPS_INTERPRETATION_sRGB, nullptr))
            throw VipsFailure();
        image.reset(converted);
    }
    if (image->Bands > 4)
        fail("a pixel has %d samples; at most 4 are understood", image->Bands);
    return image;
}

// Rows are made on this thread, a strip at a time: a sink of libvips would start others, which costs more than a small image.
void read_rows(VipsImage *image, nas::Fitter &fitter) {
    const Region region(vips_region_new(image));
    const int64_t row_size = VIPS_IMAGE_SIZEOF_LINE(image);
    const int strip = int(std::clamp<int64_t>((1 << 18) / row_size / 16 * 16, 16, 256));
    nas::Row row;
    row.bands = image->Bands;
    row.bits = vips_image_get_format(image) == VIPS_FORMAT_UCHAR ? 8 : 16;
    row.pixel = VIPS_IMAGE_SIZEOF_PEL(image);
    row.band = row.bits / 8;
    for (int top = 0; top < image->Ysize; top += strip) {
        const VipsRect rows = {0, top, image->Xsize, std::min(strip, image->Ysize - top)};
        if (vips_region_prepare(region.get(), &rows))
            throw VipsFailure();
        for (int y = top; y < top + rows.height; y++) {
            row.data = VIPS_REGION_ADDR(region.get(), 0, y);
            fitter.push(row);
        }
    }
    fitter.finish();
}

void check_target(const nas_image_target &target) {
    if (target.width < 1 || target.height < 1 || (target.channels != 1 && target.channels != 3))
        fail("%d x %d pixels of %d channels were asked for", target.width, target.height, target.channels);
}

// One line: libvips ends each of its messages with a line break, and control characters may come from the file.
void tell(const std::string &text, char *error, size_t error_size) {
    if (error_size == 0)
        return;
    std::string line;
    for (const char c : text)
        line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    line.erase(line.find_last_not_of(' ') + 1);
    std::snprintf(error, error_size, "%s", line.c_str());
}

// Runs a piece of work and turns whatever it throws into the one line. libvips's messages are prefixed by the reader's name.
template <typename Work>
int guarded(char *error, size_t error_size, const Work &work) noexcept {
    try {
        try {
            const std::shared_lock beside(g_alone);
            work();
            return 0;
        } catch (const VipsFailure &) {
        }
        const std::unique_lock alone(g_alone);
        vips_error_clear();
        try {
            work();
            return 0;
        } catch (const VipsFailure &) {
            const std::string text = vips_error_buffer();
            vips_error_clear();
            tell(text.empty() ? "damaged or cut short" : text, error, error_size);
        }
    } catch (const std::bad_alloc &) {
        tell("out of memory", error, error_size);
    } catch (const std::exception &e) {
        tell(e.what(), error, error_size);
    }
    return 1;
}

}  // namespace

int nas_image_read_header(const uint8_t *file, size_t length, const nas_image_limits *limits, nas_image_header *header,
                          char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        const auto format = recognise(file, length);
        if (format == NAS_IMAGE_JPEG) {
            *header = nas::read_jpeg_header(file, length, *limits);
            return;
        }
        const Image image = open(file, length, format);
        check(image.get(), *limits);
        *header = describe(image.get(), format, file, length);
    });
}

int nas_image_decode(const uint8_t *file, size_t length, const nas_image_limits *limits, const nas_image_target *target,
                     uint8_t *out, char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        check_target(*target);
        const auto format = recognise(file, length);
        if (format == NAS_IMAGE_JPEG) {
            const auto header = nas::read_jpeg_header(file, length, *limits);
            if (header.bands != 4) {
                nas::decode_jpeg(file, length, header, *target, out);
                return;
            }
        }
        Image image = open(file, length, format);
        check(image.get(), *limits);
        const auto header = describe(image.get(), format, file, length);
        image = to_rgb(std::move(image));
        nas::Fitter fitter(image->Xsize, image->Ysize, header.orientation, *target, out);
        read_rows(image.get(), fitter);
    });
}

int nas_image_fit_pixels(const nas_image_pixels *pixels, const nas_image_target *target, uint8_t *out, char *error,
                         size_t error_size) {
    return guarded(error, error_size, [&] {
        check_target(*target);
        nas::Fitter fitter(pixels->width, pixels->height, 1, *target, out);
        nas::Row row = {nullptr, pixels->bands, 8, pixels->pixel, pixels->band};
        for (int y = 0; y < pixels->height; y++) {
            row.data = pixels->data + y * pixels->row;
            fitter.push(row);
        }
        fitter.finish();
    });
}

int nas_image_encode(const uint8_t *pixels, int32_t width, int32_t height, int32_t bands, int32_t bits, int32_t cmyk,
                     int32_t orientation, const char *suffix, uint8_t **file, size_t *length, char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        start_vips();
        const auto format = bits == 16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
        const size_t size = size_t(width) * height * bands * (bits / 8);
        const Image memory(vips_image_new_from_memory(pixels, size, width, height, bands, format));
        if (!memory)
            throw VipsFailure();
        const auto meaning = cmyk ? VIPS_INTERPRETATION_CMYK
                             : bands < 3 ? (bits == 16 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                                         : (bits == 16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
        VipsImage *tagged = nullptr;
        if (vips_copy(memory.get(), &tagged, "interpretation", meaning, nullptr))
            throw VipsFailure();
        const Image image(tagged);
        if (orientation != 1)
            vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
        void *buffer = nullptr;
        if (vips_image_write_to_buffer(image.get(), suffix, &buffer, length, nullptr))
            throw VipsFailure();
        *file = static_cast<uint8_t *>(buffer);
    });
}

void nas_image_free(uint8_t *file) { g_free(file); }
