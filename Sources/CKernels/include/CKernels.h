// Umbrella header: micro-kernels in C, one header per family.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_features.h"
#include "ck_matrix.h"
#include "ck_pause.h"
#include "ck_vector.h"

#endif
