// Matrix kernels: everything that multiplies by a weight matrix.
//
// Names: <types>_<operation>[_<rows>x<outputs>]_<level>, for example f32_gemm_6x16_avx2.
//   types       x then weights where they differ: f32, f16, bf16, u8s8, q4 (4-bit codes), n4 (4-bit
//               places in a table of values)
//   operation   gemm, gemv, unpack, pack, peak (a probe of the machine itself), ...
//   rows x outputs   the largest tile one call writes
//   level       portable, avx2, avx512, avx512vnni
//
// Weights lie in panels of CK_PANEL outputs, whatever the level: a panel holds, for each step along k, one value
// (or one word of codes) for each of its outputs; outputs past the last are zero.
//
// One list drives declaration, dispatch, the comparison with a plain reference at every feature level
// (Tests/KernelsTests/SlotTests.swift) and `paretop-bench slots`; each family's header has its part. A slot is one thing
// to do, with a type of its own; a kernel fills it at its level and those above, until a later line of the list overlays
// it there.
//   S(slot, type)     a slot that every level fills
//   O(slot, type)     one that a level may leave empty
//   X(level, slot, kernel, rows, panels, depth)   largest rows per call, largest panels per call, and how many
//                     consecutive k lie together in one output's part of a packed operand
#ifndef CK_MATRIX_H
#define CK_MATRIX_H

#include "ck_block.h"
#include "ck_conv.h"
#include "ck_depthwise.h"
#include "ck_gemm.h"
#include "ck_half.h"
#include "ck_integer.h"
#include "ck_packed.h"
#include "ck_pattern.h"
#include "ck_probe.h"
#include "ck_sparse.h"

#define CK_MATRIX_SLOTS(S, O)                                                                       \
  CK_GEMM_SLOTS(S, O) CK_HALF_SLOTS(S, O) CK_SPARSE_SLOTS(S, O) CK_BLOCK_SLOTS(S, O)                \
  CK_PATTERN_SLOTS(S, O) CK_CONV_SLOTS(S, O) CK_DEPTHWISE_SLOTS(S, O) CK_INTEGER_SLOTS(S, O)        \
  CK_PACKED_SLOTS(S, O) CK_PROBE_SLOTS(S, O)

#define CK_MATRIX_KERNELS(X)                                                                        \
  CK_GEMM_KERNELS(X) CK_HALF_KERNELS(X) CK_SPARSE_KERNELS(X) CK_BLOCK_KERNELS(X)                    \
  CK_PATTERN_KERNELS(X) CK_CONV_KERNELS(X) CK_DEPTHWISE_KERNELS(X) CK_INTEGER_KERNELS(X)            \
  CK_PACKED_KERNELS(X) CK_PROBE_KERNELS(X)

#define CK_DECLARE_MEMBER(slot, type) \
  type *_Nonnull slot;                \
  ck_kernel_info slot##_info;

#define CK_DECLARE_OPTIONAL(slot, type) \
  type *_Nullable slot;                 \
  ck_kernel_info slot##_info;

/// One kernel for each slot.
typedef struct {
  CK_MATRIX_SLOTS(CK_DECLARE_MEMBER, CK_DECLARE_OPTIONAL)
} ck_matrix_table;
#undef CK_DECLARE_MEMBER
#undef CK_DECLARE_OPTIONAL

/// The table of `level` (see ck_feature_level), or of the highest lower level that has a kernel for a slot.
ck_matrix_table ck_matrix_table_for(int32_t level);

/// Every kernel of the list, all levels, and how many there are. A kernel that serves several slots is there for each.
const ck_kernel_info *_Nonnull ck_matrix_kernels(int32_t *_Nonnull count);

/// Every slot's name, and how many there are.
const char *_Nonnull const *_Nonnull ck_matrix_slots(int32_t *_Nonnull count);

#endif
