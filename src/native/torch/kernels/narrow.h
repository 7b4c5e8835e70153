// Whole numbers that take fewer bits in memory than in the lanes of a vector: bytes and the halves of floats.
#pragma once

#include <cstdint>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#define NAS_INLINE inline __attribute__((always_inline))
#define NAS_LAMBDA __attribute__((always_inline))  // behind the parameters of a lambda

namespace nas::NAS_LEVEL {

// LANES numbers, in registers as an Int each. Numbers that are stored must fit and not be negative.
template <class Int, int LANES>
struct Narrow {
  typedef Int W __attribute__((vector_size(LANES * sizeof(Int))));

  template <class N>
  static NAS_INLINE W load(const N* from) {
    typedef N V __attribute__((vector_size(LANES * sizeof(N))));
    V v;
    __builtin_memcpy(&v, from, sizeof(V));
    return __builtin_convertvector(v, W);
  }
  template <class N>
  static NAS_INLINE void store(N* to, W w) {
    typedef N V __attribute__((vector_size(LANES * sizeof(N))));
    const V v = __builtin_convertvector(w, V);
    __builtin_memcpy(to, &v, sizeof(V));
  }
};

// GCC takes the conversions above apart into scalars; each is an instruction or two.
#ifdef __AVX2__
template <>
struct Narrow<std::int32_t, 4> {
  typedef std::int32_t W __attribute__((vector_size(16)));

  static NAS_INLINE W load(const std::uint8_t* from) { return (W)_mm_cvtepu8_epi32(_mm_loadu_si32(from)); }
  static NAS_INLINE W load(const std::uint16_t* from) { return (W)_mm_cvtepu16_epi32(_mm_loadu_si64(from)); }
  static NAS_INLINE void store(std::uint8_t* to, W w) {
    const __m128i halves = _mm_packus_epi32((__m128i)w, (__m128i)w);
    _mm_storeu_si32(to, _mm_packus_epi16(halves, halves));
  }
  static NAS_INLINE void store(std::uint16_t* to, W w) {
    _mm_storeu_si64(to, _mm_packus_epi32((__m128i)w, (__m128i)w));
  }
};

template <>
struct Narrow<std::int32_t, 8> {
  typedef std::int32_t W __attribute__((vector_size(32)));

  static NAS_INLINE W load(const std::uint8_t* from) { return (W)_mm256_cvtepu8_epi32(_mm_loadu_si64(from)); }
  static NAS_INLINE W load(const std::uint16_t* from) {
    return (W)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)from));
  }
  static NAS_INLINE void store(std::uint8_t* to, W w) {
    const __m128i packed = halves(w);
    _mm_storeu_si64(to, _mm_packus_epi16(packed, packed));
  }
  static NAS_INLINE void store(std::uint16_t* to, W w) { _mm_storeu_si128((__m128i*)to, halves(w)); }

 private:
  static NAS_INLINE __m128i halves(W w) {
    return _mm_packus_epi32(_mm256_castsi256_si128((__m256i)w), _mm256_extracti128_si256((__m256i)w, 1));
  }
};
#endif

#ifdef __AVX512F__
// With zeros where the mask, of all lanes, had none: GCC 12 warns of its own plain forms.
template <>
struct Narrow<std::int32_t, 16> {
  typedef std::int32_t W __attribute__((vector_size(64)));
  static constexpr std::uint16_t all = 0xffff;

  static NAS_INLINE W load(const std::uint8_t* from) {
    return (W)_mm512_maskz_cvtepu8_epi32(all, _mm_loadu_si128((const __m128i*)from));
  }
  static NAS_INLINE W load(const std::uint16_t* from) {
    return (W)_mm512_maskz_cvtepu16_epi32(all, _mm256_loadu_si256((const __m256i*)from));
  }
  static NAS_INLINE void store(std::uint8_t* to, W w) { _mm_storeu_si128((__m128i*)to, _mm512_maskz_cvtepi32_epi8(all, (__m512i)w)); }
  static NAS_INLINE void store(std::uint16_t* to, W w) {
    _mm256_storeu_si256((__m256i*)to, _mm512_maskz_cvtepi32_epi16(all, (__m512i)w));
  }
};
#endif

}  // namespace nas::NAS_LEVEL
