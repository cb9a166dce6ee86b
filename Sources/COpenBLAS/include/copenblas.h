#pragma once

// The Fortran entry points used, so that no LAPACK header has to be installed. Column-major, 32-bit integers.

/// C = alpha A A^T + beta C, one triangle of C.
void ssyrk_(const char *uplo, const char *trans, const int *n, const int *k, const float *alpha, const float *a,
            const int *lda, const float *beta, float *c, const int *ldc);

/// Singular value decomposition by divide and conquer.
void sgesdd_(const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u,
             const int *ldu, float *vt, const int *ldvt, float *work, const int *lwork, int *iwork, int *info);

/// Sets the number of threads OpenBLAS uses.
void openblas_set_num_threads(int count);

/// C = alpha op(A) op(B) + beta C, column-major.
void sgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k, const float *alpha,
            const float *a, const int *lda, const float *b, const int *ldb, const float *beta, float *c,
            const int *ldc);

/// y = alpha op(A) x + beta y, column-major.
void sgemv_(const char *trans, const int *m, const int *n, const float *alpha, const float *a, const int *lda,
            const float *x, const int *incx, const float *beta, float *y, const int *incy);
