import CKernels

/// Sizes of a 2-D pooling over NHWC images, as the vector kernels take them.
package typealias PoolWindow = ck_pool2d
