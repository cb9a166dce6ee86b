// CPU feature levels, ordered: a level includes every lower one.
#ifndef CK_FEATURES_H
#define CK_FEATURES_H

#include <stdint.h>

/// Highest level this processor and operating system can run:
/// 0 portable, 1 AVX2+FMA+F16C, 2 AVX-512 F/BW/DQ/VL, 3 AVX-512 VNNI.
int32_t ck_feature_level(void);

/// Writes the processor's brand string (at most 48 bytes and a terminating zero) and returns its length;
/// 0 where the processor has none.
int32_t ck_processor_name(char *out, int32_t capacity);

/// Keeps the calling thread on the core it runs on; 0 where the system refuses.
int32_t ck_pin_thread(void);

#endif
