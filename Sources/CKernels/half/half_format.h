// The two 16-bit formats that weights are stored in.
#ifndef CK_HALF_FORMAT_H
#define CK_HALF_FORMAT_H

/// IEEE binary16, or the upper half of a float32.
typedef enum { f16, bf16 } half_format;

#endif
