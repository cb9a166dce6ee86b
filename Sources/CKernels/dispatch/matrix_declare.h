// Declares every kernel of the list, with its slot's type.
#ifndef CK_MATRIX_DECLARE_H
#define CK_MATRIX_DECLARE_H

#include "../include/ck_matrix.h"

#define CK_SLOT_TYPE(slot, type) typedef type ck_type_##slot;
CK_MATRIX_SLOTS(CK_SLOT_TYPE, CK_SLOT_TYPE)
#undef CK_SLOT_TYPE

#define CK_DECLARE(level, slot, kernel, rows, panels, depth) ck_type_##slot kernel;
CK_MATRIX_KERNELS(CK_DECLARE)
#undef CK_DECLARE

#endif
