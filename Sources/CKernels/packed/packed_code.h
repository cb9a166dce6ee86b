// The codes that weights are packed as, and how many k of each share a group.
#ifndef CK_PACKED_CODE_H
#define CK_PACKED_CODE_H

#include "../support/inline.h"

/// Codes of 8 to 1 bits, and places of 8 and 4 bits in a table of values.
typedef enum { q8, q6, q5, q4, q3, q2, q1, n8, n4 } packed_code;

/// Whether codes stand for entries of a table.
CK_INLINE int is_place(const packed_code code) { return code == n8 || code == n4; }

/// k in a group.
CK_INLINE int depth_of(const packed_code code) {
  switch (code) {
    case q8: case n8: return 4;
    case q4: case n4: return 8;
    case q6: case q2: return 16;
    case q5: case q3: case q1: return 32;
  }
}

/// Planes of CK_PANEL words in a group.
CK_INLINE int planes_of(const packed_code code) { return code == q5 ? 5 : code == q6 || code == q3 ? 3 : 1; }

#endif
