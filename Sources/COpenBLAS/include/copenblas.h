#pragma once

// The Fortran entry points used, so that no LAPACK header has to be installed. Column-major, 32-bit integers.

/// Singular value decomposition by divide and conquer.
void sgesdd_(const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u,
             const int *ldu, float *vt, const int *ldvt, float *work, const int *lwork, int *iwork, int *info);

/// Sets the number of threads OpenBLAS uses.
void openblas_set_num_threads(int count);
